"""«Volver a calcular»: what was corrupted comes right, with who did it and why on record."""

from datetime import timedelta

import pytest
from django.db.models import F

from core import clock
from core.errors import InvalidInput, NotVisible, Refused
from core.models import Delivery
from sla import checks, differences
from sla.models import Breach, Clock, ClockChange
from sla.services import mending
from sla.tasks import sweep_clocks
from sla.tests.conftest import MEXICO, local
from sla.tests.test_auditing import CORRUPTIONS, WRONG
from tickets.models import Ticket, TicketEvent
from tickets.sentences import Reading, tell
from tickets.services import ending, triage, work

pytestmark = pytest.mark.django_db
NOON = local("2026-03-10 12:00")
REASON = "Lo halló la revisión de la mañana."


@pytest.fixture
def opened(raise_at, agent):
    row = raise_at(local("2026-03-10 10:00"))
    with clock.at(local("2026-03-10 10:05")):
        return triage.open(row, by=agent)


def mend(ticket, by, at=NOON, reason=REASON):
    return [one.code for one in mending.mend(ticket, by=by, reason=reason, at=at)]


def problems(at=NOON):
    with clock.at(at):
        return list(checks.invariants())


def state_of(ticket):
    return list(Clock.objects.filter(ticket=ticket).order_by("pk").values()), Ticket.objects.filter(
        pk=ticket.pk
    ).values("next_due_at", "breached").get()


@pytest.mark.parametrize("what", CORRUPTIONS)
def test_what_was_corrupted_comes_right(opened, supervisor, what):
    before = state_of(opened)
    harm, _ = CORRUPTIONS[what]
    harm(opened)
    assert problems() != []
    left = mend(opened, supervisor)
    if what == "a pause of nobody":  # nobody but a person knows which of the two is wrong
        assert left == ["pauses"]
        return
    if what == "the ticket's fact":
        assert (left, problems()) == ([], [])
        assert Clock.objects.get(ticket=opened, kind="reaction").state == "running"
        return
    assert (left, problems()) == ([], [])
    rows, told = state_of(opened)
    assert (told, [{**row, "revision": 0, "warned_percent": 0} for row in rows]) == (
        before[1],
        [{**row, "revision": 0, "warned_percent": 0} for row in before[0]],
    )


def test_history_keeps_who_why_and_both_deadlines(opened, supervisor):
    Clock.objects.filter(ticket=opened, kind="attention").update(due_at=WRONG)
    mend(opened, supervisor)
    entry = TicketEvent.objects.filter(ticket=opened).latest("sequence")
    right = local("2026-03-11 10:00")
    assert (entry.kind, entry.actor, entry.at, entry.is_public) == ("clocks_mended", supervisor, NOON, False)
    assert entry.data["reason"] == REASON
    assert list(entry.data["clocks"]) == ["attention"]
    change = ClockChange.objects.get()
    assert (change.kind, change.old_due, change.new_due, change.by, change.reason) == (
        "attention",
        WRONG,
        right,
        supervisor,
        REASON,
    )
    assert Clock.objects.get(ticket=opened, kind="attention").revision == 1


def test_the_desk_reads_it_in_the_tickets_story_and_the_customer_does_not(opened, supervisor, agent):
    Clock.objects.filter(ticket=opened, kind="attention").update(due_at=WRONG)
    mend(opened, supervisor)
    entry = TicketEvent.objects.filter(ticket=opened).latest("sequence")
    reading = Reading(opened, agent, MEXICO, NOON)
    told = tell(entry, reading)
    words = "volvió a calcular los <b>tiempos del ticket</b>: la atención vence <b>mañana, miércoles 11 de marzo, 10:00</b> "
    words += "(antes, el viernes 20 de marzo, 12:00)"
    assert (told.who, str(told.html), told.note) == ("Teresa Olvera Luna", words, REASON)
    assert not entry.is_public


def test_a_deadline_that_never_was_is_not_put_on_record_as_missed(opened, supervisor):
    Clock.objects.filter(ticket=opened, kind="attention").update(due_at=local("2026-03-10 11:00"))
    Delivery.objects.all().delete()
    assert mend(opened, supervisor) == []
    assert not Breach.objects.exists()
    assert not Delivery.objects.filter(event="ClockBreached").exists()


def test_a_breach_that_was_recorded_by_a_wrong_deadline_is_corrected(opened, supervisor):
    wrong = local("2026-03-10 11:00")
    Clock.objects.filter(ticket=opened, kind="attention").update(due_at=wrong, next_at=wrong)
    with clock.at(local("2026-03-10 11:30")):
        sweep_clocks()
    assert Breach.objects.get().due_at == wrong
    assert mend(opened, supervisor) == []
    row = Breach.objects.get()
    assert (row.corrected_at, row.correction) == (NOON, REASON)
    ticket = Ticket.objects.get(pk=opened.pk)
    assert (ticket.breached, ticket.next_due_at) == (False, local("2026-03-11 10:00"))


def test_a_breach_whose_record_was_lost_is_recorded_again_and_a_stray_one_corrected(opened, supervisor):
    late = local("2026-03-11 12:00")
    with clock.at(late):
        sweep_clocks()
    Breach.objects.all().delete()
    Breach.objects.create(ticket=opened, kind="reaction", due_at=WRONG, recorded_at=late)
    assert mend(opened, supervisor, at=late) == []
    assert {(row.kind, row.due_at, row.corrected_at) for row in Breach.objects.all()} == {
        ("attention", local("2026-03-11 10:00"), None),
        ("reaction", WRONG, late),
    }
    assert problems(late) == []


def test_a_breach_that_no_sweep_has_seen_is_recorded(opened, supervisor):
    late = local("2026-03-11 12:00")
    Clock.objects.filter(ticket=opened, kind="attention").update(next_at=None)
    assert mend(opened, supervisor, at=late) == []
    assert Breach.objects.get().due_at == local("2026-03-11 10:00")
    assert Clock.objects.get(ticket=opened, kind="attention").next_at is None


def test_a_missing_clock_is_made_again(opened, supervisor):
    Clock.objects.filter(ticket=opened, kind="attention").delete()
    assert problems()[0].startswith(opened.number)
    assert mend(opened, supervisor) == []
    assert Clock.objects.get(ticket=opened, kind="attention").due_at == local("2026-03-11 10:00")
    assert problems() == []


def test_a_held_clock_comes_right_too(opened, supervisor, agent):
    with clock.at(local("2026-03-10 11:00")):
        work.wait_for_user(opened, by=agent, message="¿?")
    Clock.objects.filter(ticket=opened, kind="attention").update(
        target_minutes=5, counts_from=F("counts_from") + timedelta(1)
    )
    assert mend(opened, supervisor) == []
    row = Clock.objects.get(ticket=opened, kind="attention")
    assert (row.state, row.used, row.target_minutes) == ("paused", timedelta(hours=1), 600)


def test_a_met_clock_that_was_marked_as_running_is_met_where_the_ticket_says(opened, supervisor):
    Clock.objects.filter(ticket=opened, kind="reaction").update(state="running", met_at=None, next_at=WRONG, used=None)
    assert mend(opened, supervisor) == []
    row = Clock.objects.get(ticket=opened, kind="reaction")
    assert (row.state, row.met_at, row.used) == ("met", local("2026-03-10 10:05"), timedelta(minutes=5))


def test_a_healthy_ticket_only_gets_its_history_event(opened, supervisor):
    before = state_of(opened)
    assert mend(opened, supervisor) == []
    assert state_of(opened) == before
    assert not ClockChange.objects.exists()


@pytest.mark.parametrize("who", ["agent", "consultant", "manager", "requester", "other_consultant", "outsider"])
def test_only_a_supervisor_or_an_administrator_does_it(opened, request, who):
    with pytest.raises((Refused, NotVisible)):
        mend(opened, request.getfixturevalue(who))
    assert not TicketEvent.objects.filter(kind="clocks_mended").exists()


def test_an_administrator_may(opened, admin):
    assert mend(opened, admin) == []


def test_a_reason_is_asked_for_and_what_ended_stays(opened, supervisor, agent):
    with pytest.raises(InvalidInput, match="por qué"):
        mend(opened, supervisor, reason="  ")
    ending.cancel(opened, by=agent, cause="customer_request", reason="Ya.")
    with pytest.raises(Refused, match="ya terminó"):
        mend(opened, supervisor)


def test_what_cannot_be_counted_is_refused_and_nothing_changes(opened, supervisor):
    Ticket.objects.filter(pk=opened.pk).update(created_at=local("1850-01-01 10:00"))
    before = state_of(opened)
    with pytest.raises(Refused, match="No se puede contar"):
        mend(opened, supervisor)
    assert state_of(opened) == before


def test_every_difference_has_its_words_in_both_languages():
    values = dict.fromkeys(("stored", "expected", "found", "state", "label", "why"), "x")
    for code in differences.WORDS:
        one = differences.Difference(code, "attention", values)
        assert one.english
        assert one.spanish.endswith(".") or code == "uncountable"
