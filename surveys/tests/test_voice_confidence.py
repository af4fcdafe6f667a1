"""Whoever a complaint points at never learns of it; and nobody else learns whom it points at but the desk."""

from typing import Any

import pytest

from core import alarms, caching
from core.errors import InvalidInput, NotVisible, Refused
from core.models import Alarm
from customers.models import ValidUser
from escalation.models import Contact, Level
from improvements import checks
from improvements.models import CorrectiveAction
from improvements.services import progress, register
from surveys import people, policy, voice_queries
from surveys.models import Voice, VoiceEntry, VoiceFile, VoiceStep
from surveys.services import hearing, voices
from tickets.services import conversation, triage

pytestmark = pytest.mark.django_db
WHY = "Es de quien se queja."


def way(voice: Voice) -> list[tuple[int, str, str]]:
    return list(voice.steps.order_by("number").values_list("level", "cause", "name"))


@pytest.fixture
def julio(matrices, manager) -> Contact:
    """The desk's first level, with the manager's account."""
    row = Level.objects.get(role="Gerente Mesa de Servicio").contact
    assert row is not None
    row.user = manager
    row.save(update_fields=["user"])
    caching.forget_all()
    return row


@pytest.mark.parametrize("role", ["agent", "supervisor", "manager", "director", "admin", "bpo", "service_delivery"])
def test_none_of_it_is_found_by_whoever_is_pointed_at(complaint, supervisor, director, role, request):
    person = request.getfixturevalue(role)
    head = director if role == "supervisor" else supervisor
    voices.note(complaint, by=head, text="Ojo")
    action = voices.open_action(complaint, by=head)
    voices.point_at(complaint, by=head, people=[person], reason=WHY)
    models: tuple[Any, ...] = (Voice, VoiceEntry, VoiceFile, VoiceStep)
    for model in models:
        assert not model.objects.visible_to(person).exists()
    assert not CorrectiveAction.objects.visible_to(person).exists()
    assert CorrectiveAction.objects.visible_to(head).get() == action
    assert voice_queries.of_ticket(complaint.ticket, person) == [] if complaint.ticket else True
    assert list(voice_queries.listed(person)) == []
    assert policy.available(person, complaint) == []
    for act in (voices.acknowledge, voices.analyse, voices.open_action):
        with pytest.raises(NotVisible):
            act(complaint, by=person)
    with pytest.raises(NotVisible):
        voices.point_at(complaint, by=person, people=[], reason="Yo no fui.")


def test_a_level_held_by_whoever_is_pointed_at_is_skipped(agent, requester, matrices, draft, julio, manager, now):
    row = hearing.receive(draft(author=requester, pointed_at=[manager]), by=agent, channel="phone")
    assert way(row) == [(1, "received", ""), (2, "involved", "Marta Quiroga Vela")]
    skipped = row.entries.get(kind="level_involved")
    assert not skipped.is_public
    assert [line.step.level for line in voice_queries.detail(row, requester).steps] == [2]
    assert [line.state for line in voice_queries.detail(row, agent).steps] == ["skipped", "owes_acknowledgement"]


def test_a_contact_is_known_by_its_address_too(agent, requester, matrices, draft, manager, now):
    manager.email = "gerencia@mesa.example"
    manager.save()
    Contact.objects.filter(email="gerencia@mesa.example").update(email="Gerencia@Mesa.example")
    caching.forget_all()
    row = hearing.receive(draft(author=requester, pointed_at=[manager]), by=agent, channel="phone")
    assert way(row)[-1] == (2, "involved", "Marta Quiroga Vela")


def test_a_level_is_skipped_also_where_a_substitute_is_pointed_at_or_stands_in(
    agent, requester, matrices, draft, julio, manager, service_delivery, now
):
    from escalation.models import Absence

    paola = Level.objects.get(role="Gerente Service Delivery").contact
    paola.user = service_delivery
    paola.save()
    Absence.objects.create(contact=julio, substitute=paola, starts_on="2026-03-09", ends_on="2026-03-13")
    caching.forget_all()
    for person in (manager, service_delivery):
        row = hearing.receive(draft(author=requester, pointed_at=[person]), by=agent, channel="phone")
        assert way(row) == [(1, "received", ""), (2, "involved", "Marta Quiroga Vela")]


def test_the_present_level_is_left_at_once_when_it_gets_pointed_at(complaint, julio, supervisor, manager):
    row = voices.point_at(complaint, by=supervisor, people=[manager], reason=WHY)
    assert way(row) == [(1, "received", "Julio Bernal Ortiz"), (2, "involved", "Marta Quiroga Vela")]
    assert row.next_at == row.steps.last().acknowledge_by


def test_with_the_last_level_pointed_at_the_supervisors_have_it(requester, matrices, draft, supervisor, director, now):
    marta = Level.objects.get(role="Director de Servicio al Cliente").contact
    marta.user = director
    marta.save()
    caching.forget_all()
    row = hearing.receive(draft(area="Dirección Servicio al Cliente"), by=requester, channel="web")
    row = voices.point_at(row, by=supervisor, people=[director], reason=WHY)
    assert way(row) == [(2, "received", "Marta Quiroga Vela"), (2, "involved", "")]
    alarm = Alarm.objects.get(settled_at=None)
    assert "Marta" not in alarm.text
    assert row.subject not in alarm.text
    assert voices.answer(row, by=supervisor, text="La reviso yo.").state == "answered"


def test_an_action_whose_owner_gets_pointed_at_is_anothers_to_be(complaint, supervisor, director):
    action = voices.open_action(complaint, by=supervisor)
    assert action.owner == supervisor
    voices.point_at(complaint, by=director, people=[supervisor], reason=WHY)
    assert not CorrectiveAction.objects.visible_to(supervisor).exists()
    assert Alarm.objects.get(subject=action.number).text.startswith(f"{action.number}: su responsable ya no la ve")


def test_an_action_opened_after_is_kept_from_them_as_well(complaint, supervisor, director):
    voices.point_at(complaint, by=director, people=[supervisor], reason=WHY)
    action = voices.open_action(complaint, by=director)
    assert action.owner != supervisor
    assert not CorrectiveAction.objects.visible_to(supervisor).exists()


def test_only_those_who_supervise_point_at_people_of_the_desk(complaint, agent, supervisor, requester):
    for person in (agent, requester):
        with pytest.raises(Refused):
            voices.point_at(complaint, by=person, people=[agent], reason=WHY)
    with pytest.raises(InvalidInput):
        voices.point_at(complaint, by=supervisor, people=[requester], reason=WHY)
    with pytest.raises(InvalidInput):
        voices.point_at(complaint, by=supervisor, people=[agent], reason=" ")
    assert not complaint.pointed_at.exists()


def test_a_customer_points_at_those_who_worked_on_the_ticket_alone(
    ticket, agent, consultant, supervisor, requester, matrices, draft, now
):
    triage.open(ticket, by=agent)
    conversation.reply(ticket, by=agent, message="Lo vemos.")
    assert people.of_ticket(ticket) == [agent]
    row = hearing.receive(draft(ticket=ticket, pointed_at=[agent]), by=requester, channel="web")
    assert list(row.pointed_at.all()) == [agent]
    assert not Voice.objects.visible_to(agent).exists()
    for wrong in ({"ticket": ticket, "pointed_at": [supervisor]}, {"pointed_at": [agent]}):
        with pytest.raises(InvalidInput) as caught:
            hearing.receive(draft(**wrong), by=requester, channel="web")
        assert set(caught.value.errors) == {"pointed_at"}


def test_whoever_writes_down_a_complaint_about_themselves_sees_it_no_more(agent, requester, matrices, draft, now):
    row = hearing.receive(draft(author=requester, pointed_at=[agent]), by=agent, channel="phone")
    assert not Voice.objects.visible_to(agent).exists()
    assert list(Voice.objects.visible_to(requester)) == [row]


def test_the_customer_does_not_read_who_is_pointed_at(complaint, supervisor, agent, requester):
    voices.point_at(complaint, by=supervisor, people=[agent], reason=WHY)
    page = voice_queries.detail(complaint, requester)
    assert not any(agent.full_name in line.text or WHY in line.quote for line in page.lines)
    assert any(agent.full_name in line.text for line in voice_queries.detail(complaint, supervisor).lines)


def test_whoever_left_the_desk_for_the_customer_finds_nothing_of_it_either(
    complaint, suggestion, agent, supervisor, representative
):
    for row in (complaint, suggestion):
        voices.point_at(row, by=supervisor, people=[agent], reason=WHY)
    assert Voice.objects.visible_to(representative).count() == 2
    agent.role = representative.role
    agent.save()
    ValidUser.objects.create(user=agent, company=representative.valid_user.company)
    assert not Voice.objects.visible_to(agent).exists()
    assert not Voice.objects.suggestions_for(agent).exists()
    assert policy.available(agent, suggestion) == []


def test_an_action_whose_owner_is_pointed_at_holds_while_somebody_is_told_of_it(complaint, supervisor, director, now):
    action = voices.open_action(complaint, by=director, owner=supervisor)
    voices.point_at(complaint, by=director, people=[supervisor], reason=WHY)
    assert list(checks.invariants()) == []
    alarms.settle(register.alarm_key(action, "owner"), at=now, by=director.full_name)
    assert list(checks.invariants()) == [f"{action.number}: is kept from its owner, and no alarm says so"]
    progress.cancel(action, by=director, reason="No procede.")
    assert list(checks.invariants()) == []
