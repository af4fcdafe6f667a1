"""A campaign: what it may be, whom it asks, when, and how it ends."""

from datetime import date, timedelta

import pytest

from core import clock
from core.errors import InvalidInput, Refused, StaleVersion
from customers.models import Company, Contract, Service, ValidUser
from surveys.models import Campaign, NpsInvitation, NpsRecord
from surveys.nps_audience import Excluded
from surveys.services import campaigns, nps
from surveys.tests.nps_cast import CLOSES, OPENS, draft, of, passing, people, running
from surveys.vocabulary import Audience, InvitationState, LeftOut
from tickets.models import Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"audience": "nobody"}, "audience"),
        ({"year": 1999}, "year"),
        ({"waves": 0}, "waves"),
        ({"waves": 53}, "waves"),
        ({"reminders": 6}, "reminders"),
        ({"remind_days": 0}, "remind_days"),
        ({"closes_on": OPENS - timedelta(days=1)}, "closes_on"),
        ({"closes_on": date(2028, 1, 1)}, "closes_on"),
        ({"opens_on": date(2025, 12, 31)}, "opens_on"),
        ({"waves": 6, "wave_days": 7}, "waves"),
        ({"waves": 6, "wave_days": 60, "closes_on": date(2027, 6, 1)}, "waves"),
        ({"companies": [999]}, "companies"),
    ],
)
def test_what_a_campaign_cannot_be_is_said_beside_its_field(supervisor, changes, field):
    with pytest.raises(InvalidInput) as refused:
        campaigns.draft(draft(**changes), by=supervisor)
    assert list(refused.value.errors) == [field]
    assert not Campaign.objects.exists()


def test_a_draft_is_edited_and_remembers_what_changed(supervisor, manager, company):
    row = campaigns.draft(draft(), by=supervisor)
    changed = campaigns.edit(row, draft(waves=3, companies=[company.pk]), by=manager, version=row.version)
    assert (changed.waves, list(changed.companies.all()), changed.version) == (3, [company], 2)
    assert changed.entries.last().data == {"changes": {"waves": [1, 3], "companies": [[], [company.pk]]}}
    with pytest.raises(StaleVersion):
        campaigns.edit(row, draft(waves=4), by=manager, version=1)


@pytest.mark.parametrize("who", ["agent", "consultant", "bpo", "service_delivery", "requester", "outsider"])
def test_only_the_supervision_and_administrators_run_campaigns(who, request, admin):
    person = request.getfixturevalue(who)
    with pytest.raises(Refused):
        campaigns.draft(draft(), by=person)
    row = campaigns.draft(draft(), by=admin)
    for act in (campaigns.start, campaigns.close):
        with pytest.raises(Refused):
            act(row, by=person)
    with pytest.raises(Refused):
        campaigns.cancel(row, by=person, reason="No")
    assert Campaign.objects.get().version == 1


def test_the_preview_counts_who_is_asked_and_why_others_are_not(
    supervisor, requester, colleague, representative, outsider
):
    other = outsider.valid_user.company
    asleep = Company.objects.create(name="Cerrada", is_active=False)
    people(asleep, 2)
    gone = people(other, 1)[0]
    gone.is_active = False
    gone.save()
    ValidUser.objects.filter(user=colleague).update(status="suspended")
    found = campaigns.audience_preview(draft(waves=2))
    assert [member.person_id for member in found.members if member.company_id == other.pk] == [outsider.pk]
    assert (len(found.members), found.companies, found.per_wave(2)) == (3, 2, [2, 1])
    assert found.excluded == {Excluded.COMPANY: 2, Excluded.INACTIVE: 1, Excluded.SUSPENDED: 1}
    only = campaigns.audience_preview(draft(companies=[other.pk]))
    assert [member.person_id for member in only.members] == [outsider.pk]
    heads = campaigns.audience_preview(draft(audience=Audience.REPRESENTATIVES))
    assert {member.person_id for member in heads.members} == {representative.pk, outsider.pk}
    assert not NpsInvitation.objects.exists()


def test_the_active_are_who_raised_a_ticket_in_the_last_year(supervisor, ticket, requester, colleague):
    old = clock.now() - timedelta(days=366)
    Ticket.objects.filter(pk=ticket.pk).update(created_at=old)
    assert not campaigns.audience_preview(draft(audience=Audience.ACTIVE)).members
    Ticket.objects.filter(pk=ticket.pk).update(created_at=old + timedelta(days=2))
    found = campaigns.audience_preview(draft(audience=Audience.ACTIVE))
    assert [member.person_id for member in found.members] == [requester.pk]


def test_waves_are_even_in_all_and_within_each_company_and_always_the_same(company, outsider):
    people(company, 31)
    people(outsider.valid_user.company, 12)
    found = campaigns.audience_preview(draft(waves=4, wave_days=5))
    assert found.per_wave(4) == [11, 11, 11, 11]
    for company_id in (company.pk, outsider.valid_user.company_id):
        mine = [member.wave for member in found.members if member.company_id == company_id]
        assert max(map(mine.count, range(1, 5))) - min(map(mine.count, range(1, 5))) <= 1
    assert found == campaigns.audience_preview(draft(waves=4, wave_days=5))


def test_starting_fixes_the_audience_with_the_service_that_each_used_most(
    supervisor, company, contract, requester, colleague, ticket, outsider
):
    second = Service.objects.create(name="Redes y VPN")
    contract.services.add(second)
    Ticket.objects.filter(pk=ticket.pk).update(service=second)
    row = running(supervisor, waves=2)
    assert (row.state, row.started_at) == ("running", clock.now())
    assert {r.person: (r.service.name if r.service else None) for r in NpsInvitation.objects.all()} == {
        requester: "Redes y VPN",
        colleague: None,
        outsider: "Nómina y Recursos Humanos",
    }
    told = row.entries.last()
    assert (told.kind, told.actor, told.data["people"], told.data["waves"]) == ("start", supervisor, 3, [2, 1])
    later = people(company, 1)[0]
    assert not NpsInvitation.objects.filter(person=later).exists()
    waves = {r.wave: r.next_at.isoformat() for r in NpsInvitation.objects.all()}
    assert waves == {1: "2026-03-11T16:00:00+00:00", 2: "2026-03-18T16:00:00+00:00"}


def test_a_contract_that_ended_brings_no_service(supervisor, requester, contract):
    Contract.objects.update(ends_on=date(2026, 1, 31))
    running(supervisor)
    assert of(requester).service is None


def test_a_person_is_asked_once_a_year_whichever_the_campaign(supervisor, requester, outsider):
    running(supervisor, companies=[outsider.valid_user.company_id])
    second = campaigns.draft(draft(name="Otra"), by=supervisor)
    found = campaigns.audience_preview(second)
    assert [member.person_id for member in found.members] == [requester.pk]
    assert found.excluded == {Excluded.ASKED: 1}
    campaigns.start(second, by=supervisor)
    third = campaigns.draft(draft(name="Otra más"), by=supervisor)
    with pytest.raises(Refused, match="No hay a quién preguntar"):
        campaigns.start(third, by=supervisor)


def test_whom_a_cancelled_campaign_never_asked_can_still_be_asked(supervisor, requester, outsider):
    first = running(supervisor, waves=2)
    assert passing(1.1, lambda: campaigns.cancel(first, by=supervisor, reason="El texto iba mal")).state == "cancelled"
    asked = NpsInvitation.objects.get(state=InvitationState.EXPIRED).person
    spared = NpsInvitation.objects.get(state=InvitationState.LEFT_OUT)
    assert spared.left_out == LeftOut.CLOSED
    with clock.at(clock.now() + timedelta(days=2)):
        found = running(supervisor, name="De nuevo", opens_on=OPENS + timedelta(days=1))
        assert list(found.invitations.values_list("person", flat=True)) == [spared.person_id]
    assert NpsInvitation.objects.filter(person=asked).count() == NpsInvitation.objects.filter(person=spared.person_id).count() == 1  # fmt: skip


def test_it_does_not_start_late_nor_over_imported_results(supervisor, requester, company):
    row = campaigns.draft(draft(), by=supervisor)
    with clock.at(clock.now() + timedelta(days=2)), pytest.raises(Refused, match="abre ya pasó"):
        campaigns.start(row, by=supervisor)
    NpsRecord.objects.create(
        year=2026, company=company, promoters=1, passives=0, detractors=0, source="x.csv", imported_by=supervisor,
        imported_at=clock.now(),
    )  # fmt: skip
    with pytest.raises(Refused, match="Ya se importaron"):
        campaigns.start(row, by=supervisor)
    assert not NpsInvitation.objects.exists()


def test_it_closes_by_itself_after_its_last_day_and_not_before(supervisor, requester, outsider):
    row = running(supervisor, waves=2, wave_days=30)
    last = (CLOSES - date(2026, 3, 10)).days
    assert passing(last, lambda: Campaign.objects.get().state) == "running"
    passing(last, lambda: nps.answer(NpsInvitation.objects.filter(wave=1).get(), score=9))
    closed = passing(last + 0.6, lambda: Campaign.objects.get())
    assert (closed.state, closed.ended_at) == ("closed", clock.now() + timedelta(days=last + 0.6))
    assert closed.entries.last().actor.role == "system"
    assert closed.entries.last().data == {"unasked": 0, "silent": 1, "answered": 1}
    assert not row.invitations.exclude(next_at=None).exists()


def test_by_hand_it_closes_extends_and_cancels_with_history(supervisor, manager, requester):
    row = running(supervisor)
    for day in (CLOSES, CLOSES - timedelta(days=1), date(2028, 1, 1)):
        with pytest.raises(InvalidInput):
            campaigns.extend(row, day, by=manager)
    longer = campaigns.extend(row, CLOSES + timedelta(days=20), by=manager)
    assert longer.closes_on == CLOSES + timedelta(days=20)
    assert passing(35, lambda: Campaign.objects.get().state) == "running"
    with pytest.raises(InvalidInput):
        campaigns.cancel(row, by=manager, reason=" ")
    campaigns.close(row, by=manager)
    for act in (campaigns.close, campaigns.start):
        with pytest.raises(Refused, match="ese paso no procede"):
            act(row, by=manager)
    assert [entry.kind for entry in row.entries.all()] == ["draft", "start", "extend", "close"]
