"""Notices that wait for their reader's hours, and those that are not wanted any more when these come."""

from datetime import timedelta

import pytest

from accounts.models import User, WorkShift
from accounts.roles import Role
from channels import wanted
from channels.models import OutboundMessage
from channels.tasks import send_due
from channels.tests.test_hours import local
from core import caching, clock
from core.leases import WorkState
from core.tasks import run_deliveries
from sla.models import Clock
from sla.tasks import sweep_clocks
from tickets.models import Ticket
from tickets.services import conversation, ending, intake, resolution, triage, work

MORNING = local("2026-03-11 09:00")
"""The next opening of the desk after the Tuesday of the cast."""


@pytest.fixture
def night():
    """Holds the clock on that Tuesday at 20:00, an hour after the desk closed."""
    with clock.at(local("2026-03-10 20:00")) as moment:
        yield moment


@pytest.fixture
def assigned(ticket, agent, group, consultant):
    """The ticket at work in its group, and everybody told so far, before the night."""
    triage.open(ticket, by=agent)
    row = triage.assign(ticket, by=agent, group=group, assignee=consultant)
    run_deliveries()
    OutboundMessage.objects.all().delete()
    return row


@pytest.fixture
def around_the_clock(report, requester, agent, group, consultant):
    """`around_the_clock("critical")`: an infrastructure incident of that impact and urgency, at work since Tuesday 18:00: its time runs
    at night."""

    def make(level="moderate"):
        values = {"impact": "extensive", "urgency": "critical"} if level == "critical" else {}
        with clock.at(local("2026-03-10 18:00")):
            row = intake.receive(report(service_line="technological", **values), by=requester, channel="web")
            triage.open(row, by=agent)
            row = triage.assign(row, by=agent, group=group, assignee=consultant)
            run_deliveries()
        OutboundMessage.objects.all().delete()
        return row

    return make


def written(kind=""):
    """Who is told and when it leaves, of the desk's messages."""
    run_deliveries()
    rows = OutboundMessage.objects.filter(kind__startswith=kind or "work").order_by("pk")
    return [(row.address.partition("@")[0], row.next_at) for row in rows]


def sent_at(moment, post):
    """The subjects of the mails that leave when the sender runs then."""
    before = len(post.received)
    with clock.at(moment):
        send_due()
    return [mail["Subject"] for mail in post.received[before:]]


def withdrawn():
    rows = OutboundMessage.objects.filter(state=WorkState.WITHDRAWN).order_by("pk")
    return [(row.address.partition("@")[0], row.last_error) for row in rows]


def test_an_assignment_made_outside_a_persons_hours_waits_for_them(ticket, agent, group, consultant, night, post):
    triage.assign(ticket, by=agent, group=group, assignee=consultant)
    assert written("work_assigned") == [("consultant", MORNING)]
    sent_at(night, post)
    assert [mail["To"] for mail in post.received if "consultant" in mail["To"]] == []
    assert sent_at(MORNING - timedelta(microseconds=1), post) == []
    assert sent_at(MORNING, post) == [f"[{ticket.number}] Ticket asignado a Óscar Villanueva Sáenz: {ticket.title}"]


def test_within_their_hours_a_person_is_told_at_once(ticket, agent, group, consultant, now):
    triage.assign(ticket, by=agent, group=group, assignee=consultant)
    assert written("work_assigned") == [("consultant", now)]


def test_each_reader_waits_for_their_own_shift(assigned, requester, consultant, supervisor, night):
    WorkShift.objects.create(user=consultant, weekday=1, starts=1320, ends=360)
    caching.forget_all()
    conversation.reply(assigned, by=requester, message="¿Hay alguien?")
    assert written("work_message") == [("consultant", local("2026-03-10 22:00"))]


@pytest.mark.parametrize("flag", ["priority", "is_major", "is_relevant"])
def test_what_is_critical_major_or_relevant_reaches_everybody_at_any_hour(
    assigned, agent, group, consultant, night, flag
):
    Ticket.objects.filter(pk=assigned.pk).update(**{flag: "critical" if flag == "priority" else True})
    triage.assign(assigned, by=agent, group=group, assignee=consultant, reason="Ahora")
    assert written("work_assigned") == [("consultant", night)]


def test_a_breach_of_a_critical_ticket_leaves_at_once(around_the_clock, supervisor, post):
    around_the_clock("critical")
    late = local("2026-03-10 23:00")
    with clock.at(late):
        sweep_clocks()
        assert written("work_breached") == [("consultant", late), ("supervisor", late)]
    assert len(sent_at(late, post)) == 2


def test_a_breach_that_can_wait_is_told_in_the_morning(around_the_clock, supervisor, post):
    ticket = around_the_clock()
    with clock.at(local("2026-03-10 22:30")):
        sweep_clocks()
        assert written("work_breached") == [("consultant", MORNING), ("supervisor", MORNING)]
    assert sent_at(local("2026-03-11 08:59"), post) == []
    assert sent_at(MORNING, post) == [f"[{ticket.number}] Venció la atención: {ticket.title}"] * 2
    told = {mail["To"].partition(" ")[0]: mail.get_body(("plain",)).get_content() for mail in post.received}
    assert "Atiéndalo ya" in told["Óscar"]
    assert "Atiéndalo ya" not in told["Teresa"]
    assert "Al vencer estaba en «Asignado», con Óscar Villanueva Sáenz, de Nómina." in told["Teresa"]


@pytest.mark.parametrize("percent", [50, 75])
def test_every_warning_goes_to_who_attends_and_to_the_supervisors(assigned, supervisor, manager, now, percent):
    at = now + timedelta(hours=5) if percent == 50 else now + timedelta(hours=7, minutes=30)
    with clock.at(at):
        sweep_clocks()
        assert written("work_warned") == [("consultant", at), ("supervisor", at)]


def test_a_warning_that_waited_is_written_as_of_the_morning(around_the_clock, agent, consultant, post):
    """Low priority: 8 hours. Half of them pass at 22:00, and it is due at 02:00 unless it waits."""
    WorkShift.objects.create(user=consultant, weekday=2, starts=30, ends=480)
    caching.forget_all()
    ticket = around_the_clock()
    with clock.at(local("2026-03-10 18:05")):
        triage.reclassify(ticket, by=agent, reason="Un usuario", changes={"impact": "minor", "urgency": "low"})
        run_deliveries()
    OutboundMessage.objects.all().delete()
    with clock.at(local("2026-03-10 22:00")):
        sweep_clocks()
        assert written("work_warned") == [("consultant", local("2026-03-11 00:30"))]
    [subject] = sent_at(local("2026-03-11 00:31"), post)
    assert subject == f"[{ticket.number}] Pasó el 50 % del tiempo de atención: {ticket.title}"
    [mail] = post.received
    assert "Vence el miércoles 11 de marzo, 2:00 (en 1 h 30 min)" in mail.get_body(("plain",)).get_content()
    assert mail["Date"].datetime == local("2026-03-11 00:30")


@pytest.fixture
def warned(around_the_clock, agent, supervisor):
    """A warning of Tuesday 22:00 that waits for Wednesday 9:00; the attention is due at 12:00 (the contract's 16 hours)."""
    ticket = around_the_clock()
    Clock.objects.filter(ticket=ticket, kind="attention").update(
        target_minutes=16 * 60, due_at=local("2026-03-11 10:00")
    )
    Clock.objects.filter(ticket=ticket, kind="attention").update(next_at=local("2026-03-11 02:00"))
    with clock.at(local("2026-03-11 02:00")):
        sweep_clocks()
        assert written("work_warned") == [("consultant", MORNING), ("supervisor", MORNING)]
    return Ticket.objects.get(pk=ticket.pk)


def test_a_warning_that_is_still_so_leaves_in_the_morning(warned, post):
    assert len(sent_at(MORNING, post)) == 2
    assert withdrawn() == []


def both(why):
    return [("consultant", why), ("supervisor", why)]


def test_a_warning_whose_clock_was_met_in_the_night_is_withdrawn(warned, consultant, post):
    with clock.at(local("2026-03-11 04:00")):
        work.start(warned, by=consultant, message="Lo reviso.", committed_for=local("2026-03-11 18:00"))
    sent_at(MORNING, post)
    assert withdrawn() == both("El tiempo de atención ya no corre: se cumplió o el ticket terminó.")


def test_a_warning_about_a_ticket_that_ended_is_withdrawn(warned, requester, post):
    with clock.at(local("2026-03-11 04:00")):
        ending.cancel(warned, by=requester, reason="Ya quedó.")
    assert sent_at(MORNING, post) == []
    assert withdrawn() == both("El tiempo de atención ya no corre: se cumplió o el ticket terminó.")


def test_a_warning_that_was_overtaken_by_its_deadline_is_withdrawn(warned, post):
    late = local("2026-03-11 10:00")
    assert sent_at(late + timedelta(microseconds=1), post) == []
    assert withdrawn() == both("El tiempo ya venció: se avisa aparte.")


def test_the_deadlines_own_instant_is_still_in_time(warned, post):
    assert len(sent_at(local("2026-03-11 10:00"), post)) == 2


def test_a_warning_of_a_clock_that_is_held_is_withdrawn(warned, consultant, post):
    with clock.at(local("2026-03-11 04:00")):
        work.wait_for_user(warned, by=consultant, message="¿Qué equipo es?")
    assert sent_at(MORNING, post) == []
    assert withdrawn() == both("El tiempo está en pausa.")


def test_a_warning_of_a_deadline_that_moved_is_withdrawn(warned, post):
    Clock.objects.filter(ticket=warned, kind="attention").update(due_at=local("2026-03-11 11:00"))
    assert sent_at(MORNING, post) == []
    assert withdrawn() == both("El vencimiento que anunciaba cambió.")


def test_who_no_longer_attends_is_not_told_and_the_supervisor_is(warned, agent, group, post):
    second = User.objects.create_user("second@example.test", full_name="Elena Duarte", role=Role.CONSULTANT)
    group.members.add(second)
    with clock.at(local("2026-03-11 04:00")):
        triage.assign(warned, by=agent, group=group, assignee=second, reason="Cambio de turno")
    sent_at(MORNING, post)
    assert withdrawn() == [("consultant", "La persona ya no atiende este ticket.")]


def test_who_may_no_longer_see_the_ticket_is_not_told(warned, consultant, group, post):
    User.objects.filter(pk=consultant.pk).update(is_active=False)
    sent_at(MORNING, post)
    assert withdrawn() == [("consultant", "La persona ya no ve este ticket.")]


def test_a_breach_that_was_met_in_the_night_is_still_told_to_the_supervisors(
    around_the_clock, supervisor, consultant, post
):
    ticket = around_the_clock()
    with clock.at(local("2026-03-10 22:30")):
        sweep_clocks()
        run_deliveries()
    with clock.at(local("2026-03-10 23:00")):
        resolution.solve(ticket, by=consultant, solution_type="workaround", solution="Se reinició.")
    assert sent_at(MORNING, post) == [f"[{ticket.number}] Venció la atención: {ticket.title}"]
    assert withdrawn() == [("consultant", "El tiempo de atención ya no corre: se cumplió o el ticket terminó.")]
    assert "teresa" in post.received[0]["To"].lower()


def test_a_breach_that_was_corrected_is_told_to_nobody(around_the_clock, agent, supervisor, post):
    ticket = around_the_clock()
    with clock.at(local("2026-03-10 22:30")):
        sweep_clocks()
        run_deliveries()
        triage.reclassify(ticket, by=agent, reason="Un usuario", changes={"impact": "minor", "urgency": "low"})
    assert sent_at(MORNING, post) == []
    assert withdrawn() == both("El incumplimiento se corrigió.")


def test_an_assignment_of_what_was_solved_in_the_night_is_withdrawn(ticket, agent, group, consultant, night, post):
    with clock.at(local("2026-03-10 10:30")):
        triage.open(ticket, by=agent)
    triage.assign(ticket, by=agent, group=group, assignee=consultant)
    resolution.solve(ticket, by=consultant, solution_type="workaround", solution="Se reinició.")
    run_deliveries()
    sent_at(MORNING, post)
    assert withdrawn() == [("consultant", "El ticket ya está solucionado.")]


def test_what_was_withdrawn_is_no_try_of_the_batch_and_is_never_sent(warned, requester, post):
    with clock.at(local("2026-03-11 04:00")):
        ending.cancel(warned, by=requester, reason="Ya quedó.")
    with clock.at(MORNING):
        assert send_due() == 0
        assert send_due() == 0
    for row in OutboundMessage.objects.filter(kind="work_warned"):
        assert (row.state, row.done_at, row.lease_until) == (WorkState.WITHDRAWN, None, None)
        row.replay(at=MORNING)
    assert OutboundMessage.objects.filter(kind="work_warned", state=WorkState.PENDING).count() == 0


def test_what_waits_for_the_morning_holds_nothing_else_back(warned, agent, requester, night, post):
    conversation.reply(warned, by=agent, message="Seguimos.")
    run_deliveries()
    assert sent_at(night, post) == [f"[{warned.number}] Mensaje nuevo en su ticket: {warned.title}"]


@pytest.mark.parametrize("only_if", ["something:new", "clock:attention:open", "clock:x", "breach:x"])
def test_a_condition_that_cannot_be_judged_holds_nothing_back(ticket, agent, night, post, only_if):
    """A newer release's, or a broken one."""
    run_deliveries()
    OutboundMessage.objects.update(only_if=only_if, recipient=None if only_if.startswith("clock:a") else agent.pk)
    assert len(sent_at(night, post)) == 1


def test_a_message_without_a_condition_costs_no_query(ticket, mails, django_assert_num_queries):
    [row] = mails()
    with django_assert_num_queries(0):
        assert wanted.objection(row, at=clock.now()) == ""


def test_what_becomes_critical_in_the_night_is_told_at_once(ticket, agent, supervisor, group, consultant, night):
    """The assignment waits for the morning, so nobody would know."""
    triage.assign(ticket, by=agent, group=group, assignee=consultant)
    triage.reclassify(ticket, by=agent, reason="Paró todo", changes={"impact": "extensive", "urgency": "critical"})
    run_deliveries()
    row = OutboundMessage.objects.get(kind="work_urgent")
    assert (row.recipient, row.next_at) == (consultant, night)
    assert row.subject == f"[{ticket.number}] Ahora es de prioridad crítica: {ticket.title}"
    for words in ("> Paró todo", "Prioridad: Crítica", "Atención (3 h hábiles)"):
        assert words in row.text
    triage.reclassify(ticket, by=agent, reason="Es de todos", changes={"title": "Nada se timbra"})
    run_deliveries()
    assert OutboundMessage.objects.filter(kind="work_urgent").count() == 1


def test_a_major_incident_is_told_as_one(assigned, agent, night):
    triage.reclassify(assigned, by=agent, reason="Toda la organización", changes={"is_major": True})
    run_deliveries()
    row = OutboundMessage.objects.get(kind="work_urgent")
    assert (row.subject, row.next_at) == (f"[{assigned.number}] Ahora es un incidente mayor: {assigned.title}", night)


def test_customers_never_wait(assigned, agent, requester, night):
    conversation.reply(assigned, by=agent, message="Seguimos en ello.")
    run_deliveries()
    row = OutboundMessage.objects.get(recipient=requester)
    assert (row.next_at, row.only_if) == (night, "")
