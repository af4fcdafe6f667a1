"""Every transition x every state x every role, against the table of the guide's 3.4.3 written out once more, by hand.

The service is called for real; what is expected is either the one new state, or the kind of refusal and nothing changed.
"""

from datetime import timedelta

import pytest
from django.db import transaction

from accounts.models import SupportGroup, User
from accounts.roles import Role
from accounts.services import system_actor
from core import clock
from core.errors import DomainError, IllegalTransition, NotVisible, Refused
from tickets.models import Ticket, TicketEvent
from tickets.services import conversation, ending, resolution, triage, work
from tickets.vocabulary import ClosingCode, SolutionType, State

pytestmark = pytest.mark.django_db

N, O, A, P, U, V, S = "new", "open", "assigned", "in_progress", "pending_user", "pending_vendor", "solved"  # noqa: E741

# transition -> (from, to, who). Who is a set of the cast's names below.
AGENT, SUPERVISOR, MEMBER = "agent", "supervisor", "member"
REQUESTER, REPRESENTATIVE = "requester", "representative"
TABLE: dict[str, tuple[set[str], str, set[str]]] = {
    "open": ({N}, O, {AGENT}),
    "assign": ({N, O, A, P, U, V}, A, {AGENT, SUPERVISOR, MEMBER}),
    "start": ({O, A, U, V}, P, {MEMBER}),
    "wait_for_user": ({O, A, P, V}, U, {AGENT, SUPERVISOR, MEMBER}),
    "wait_for_vendor": ({A, P, U}, V, {MEMBER}),
    "solve": ({O, A, P, U, V}, S, {AGENT, SUPERVISOR, MEMBER}),
    "accept": ({S}, "closed", {REQUESTER, REPRESENTATIVE, AGENT}),
    "refuse": ({S}, A, {REQUESTER, REPRESENTATIVE, AGENT}),
    "reject": ({N, O}, "rejected", {AGENT}),
    "close_as_invalid": ({O, A, P, U, V}, "closed", {AGENT, SUPERVISOR}),
    "cancel": ({N, O, A, P, U, V, S}, "cancelled", {AGENT, REQUESTER}),
    "resume": ({U}, A, {AGENT}),
}
CAST = [
    AGENT, SUPERVISOR, MEMBER, "stranger", "manager", "director", "bpo", "service_delivery", "admin",
    REQUESTER, "colleague", REPRESENTATIVE, "outsider", "system",
]  # fmt: skip
BLIND = {"stranger", "colleague", "outsider"}
"""They do not even see the ticket."""


@pytest.fixture
def cast(request, requester, ticket, group, consultant, other_consultant) -> dict[str, User]:
    names = [n for n in CAST if n not in (MEMBER, "stranger", "system")]
    people = {name: request.getfixturevalue(name) for name in names}
    return {**people, MEMBER: consultant, "stranger": other_consultant, "system": system_actor()}


def call(name: str, row: Ticket, by: User, group: SupportGroup, desk: SupportGroup) -> Ticket:
    soon = clock.now() + timedelta(hours=4)
    match name:
        case "open":
            return triage.open(row, by=by)
        case "assign":
            target = desk if by.role == Role.CONSULTANT else group
            return triage.assign(row, by=by, group=target, reason="Corresponde a otro grupo.")
        case "start":
            return work.start(row, by=by, message="Lo reviso.", committed_for=soon)
        case "wait_for_user":
            return work.wait_for_user(row, by=by, message="¿Qué versión usa?")
        case "wait_for_vendor":
            return work.wait_for_vendor(row, by=by, vendor="Oracle", vendor_reference="SR-1")
        case "solve":
            return resolution.solve(row, by=by, solution_type="definitive", solution="Listo.")
        case "accept":
            return resolution.accept(row, by=by, note="Lo dijo por teléfono.")
        case "refuse":
            return resolution.refuse(row, by=by, reason="Sigue igual.")
        case "reject":
            return triage.reject(row, by=by, reason="Faltan datos.")
        case "close_as_invalid":
            return ending.close_as_invalid(row, by=by, reason="No es del catálogo.")
        case "cancel":
            return ending.cancel(row, by=by, reason="Ya no hace falta.")
        case "resume":
            return conversation.record_answer(row, by=by, message="La 19.", channel="phone")
    raise AssertionError(name)


def put_in(state: str, ticket: Ticket, group: SupportGroup) -> None:
    """Place the row in a state directly: the table must hold whatever way led there."""
    at = ticket.created_at
    values: dict[str, object] = {"state": state, "group": group}
    if state == State.SOLVED:
        values |= {"solved_at": at, "solution_type": SolutionType.DEFINITIVE, "solution": "x", "validation_due_at": at}
    if state in ("closed", "rejected", "cancelled"):
        values |= {"closed_at": at, "closing_code": ClosingCode.INVALID}
    Ticket.objects.filter(pk=ticket.pk).update(**values)


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("name", TABLE)
def test_only_the_table_moves_a_ticket(name, state, cast, ticket, group, desk_group):
    sources, target, who = TABLE[name]
    put_in(state, ticket, group)
    events = TicketEvent.objects.filter(ticket=ticket)
    for actor, person in cast.items():
        expected: type[DomainError] | None = None
        if actor in BLIND:
            expected = NotVisible
        elif state not in sources:
            expected = IllegalTransition
        elif actor not in who:
            expected = Refused
        before = events.count()
        sid = transaction.savepoint()
        if expected:
            with pytest.raises(expected) as refusal:
                call(name, ticket, person, group, desk_group)
            assert type(refusal.value) is expected, actor
            assert refusal.value.message.endswith("."), actor
            row = Ticket.objects.get(pk=ticket.pk)
            assert (row.state, events.count()) == (state, before), actor
        else:
            row = call(name, ticket, person, group, desk_group)
            last = events.latest("sequence")
            assert (row.state, last.from_state, last.to_state, last.actor) == (target, state, target, person), actor
            assert events.count() == before + 1, actor
            assert Ticket.objects.get(pk=ticket.pk).version == last.sequence, actor
        transaction.savepoint_rollback(sid)


@pytest.mark.parametrize("state", State.values)
def test_only_the_system_closes_what_nobody_validated(state, cast, ticket, group):
    put_in(state, ticket, group)
    assert resolution.auto_close(ticket, at=ticket.created_at + timedelta(seconds=1)) is (state == "solved")


@pytest.mark.parametrize(("level", "allowed"), [(SupportGroup.Level.FIRST, True), (SupportGroup.Level.SECOND, False)])
def test_an_agent_starts_a_ticket_only_at_the_first_level(level, allowed, ticket, agent, group):
    group.level = level
    group.save()
    put_in("assigned", ticket, group)
    if allowed:
        assert call("start", ticket, agent, group, group).state == "in_progress"
    else:
        with pytest.raises(Refused):
            call("start", ticket, agent, group, group)


def test_a_consultant_only_hands_a_ticket_back_to_the_desk(ticket, consultant, group):
    put_in("in_progress", ticket, group)
    other = SupportGroup.objects.create(name="Redes", level=SupportGroup.Level.SECOND)
    with pytest.raises(Refused, match="devolver"):
        triage.assign(ticket, by=consultant, group=other, reason="No es nuestro.")


@pytest.mark.parametrize(
    ("started", "with_group", "back_to"),
    [(True, True, "in_progress"), (False, True, "assigned"), (False, False, "open")],
)
def test_the_customers_answer_takes_the_ticket_back_to_where_it_was(
    started, with_group, back_to, ticket, requester, group
):
    put_in("pending_user", ticket, group)
    values = {"started_at": ticket.created_at if started else None, "group": group if with_group else None}
    Ticket.objects.filter(pk=ticket.pk).update(**values)
    assert conversation.reply(ticket, by=requester, message="La 19.").state == back_to


def test_a_suspended_or_dismissed_person_moves_nothing(ticket, agent):
    agent.is_active = False
    with pytest.raises(NotVisible):
        triage.open(ticket, by=agent)
