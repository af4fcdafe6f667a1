"""Every act x every situation x every role: what is done, and how the rest is refused."""

import pytest

from accounts.services import system_actor
from core.errors import DomainError, IllegalTransition, NotVisible, Refused
from servicedesk.seeding.escalation import OPERATIONS
from surveys import policy
from surveys.models import Voice
from surveys.services import hearing, suggestions, voices
from surveys.vocabulary import VoiceState

pytestmark = pytest.mark.django_db

HANDLERS = {"agent", "supervisor", "manager", "director", "service_delivery"}
HEADS = {"supervisor", "manager", "director"}
DESK = {*HANDLERS, "bpo", "admin"}
CUSTOMERS = {"requester", "representative"}
OUTSIDE = {"colleague", "outsider", "consultant"}
ROLES = sorted(DESK | CUSTOMERS | OUTSIDE)
PENDING = {"received", "acknowledged", "in_analysis"}
ALIVE = {*PENDING, "answered"}
ALL = {*ALIVE, "closed"}

TABLE: dict[str, tuple[set[str], set[str]]] = {
    "acknowledge": ({"received"}, HANDLERS),
    "analyse": ({"received", "acknowledged"}, HANDLERS),
    "answer": (PENDING, HANDLERS),
    "agree": ({"answered"}, HANDLERS | CUSTOMERS),
    "appeal": ({"answered"}, HANDLERS | CUSTOMERS),
    "withdraw": (ALIVE, HANDLERS | CUSTOMERS),
    "comment": (ALIVE, HANDLERS | CUSTOMERS),
    "note": (ALL, DESK),
    "reroute": (PENDING, HANDLERS),
    "point_at": (ALL, HEADS),
    "share": (ALIVE, HEADS),
    "unshare": (set(), set()),
    "vote": (ALIVE, {"representative", "colleague"}),
    "open_action": (ALL, HANDLERS),
}
"""Act -> the situations in which, and the roles by whom, it is done to a suggestion of the requester's."""

WAYS = {
    "acknowledge": lambda row, by: voices.acknowledge(row, by=by),
    "analyse": lambda row, by: voices.analyse(row, by=by),
    "answer": lambda row, by: voices.answer(row, by=by, text="Ya.", decision="accepted"),
    "agree": lambda row, by: voices.agree(row, by=by, reason="Lo dijo por teléfono."),
    "appeal": lambda row, by: voices.appeal(row, by=by, reason="No."),
    "withdraw": lambda row, by: voices.withdraw(row, by=by, reason="Lo dijo por teléfono."),
    "comment": lambda row, by: voices.comment(row, by=by, text="Hola."),
    "note": lambda row, by: voices.note(row, by=by, text="Hola."),
    "reroute": lambda row, by: voices.reroute(
        row, by=by, direction=OPERATIONS, area="Infraestructura", reason="Es de allá."
    ),
    "point_at": lambda row, by: voices.point_at(row, by=by, people=[], reason="Nadie."),
    "share": lambda row, by: suggestions.share(row, by=by, subject="Un aviso", body="Al cerrar."),
    "unshare": lambda row, by: suggestions.unshare(row, by=by),
    "vote": lambda row, by: suggestions.vote(row, by=by),
    "open_action": lambda row, by: voices.open_action(row, by=by),
}


@pytest.fixture
def people(request) -> dict:
    return {role: request.getfixturevalue(role) for role in ROLES}


@pytest.fixture
def in_state(requester, representative, admin, matrices, draft, now):
    """`in_state("answered")`: a suggestion of the requester's, brought there by people who are not in the table."""

    def make(state: str) -> Voice:
        row = hearing.receive(draft(kind="suggestion"), by=requester, channel="web")
        actor = system_actor()
        if state in ("acknowledged", "in_analysis"):
            row = voices.acknowledge(row, by=actor)
        if state == "in_analysis":
            row = voices.analyse(row, by=actor)
        if state in ("answered", "closed"):
            row = voices.answer(row, by=actor, text="Sí.", decision="accepted")
        if state == "closed":
            row = voices.agree(row, by=representative)
        assert row.state == state
        return row

    return make


def outcome(name: str, row: Voice, by) -> type[DomainError] | None:
    try:
        WAYS[name](row, by)
    except DomainError as error:
        return type(error) if error.message.endswith(".") else None
    return None


@pytest.mark.parametrize("state", VoiceState.values)
@pytest.mark.parametrize("name", TABLE)
def test_the_table(name, state, in_state, people):
    states, roles = TABLE[name]
    untouched = in_state(state)
    before = (untouched.version, untouched.state)
    for role, person in people.items():
        expected = role in roles and state in states
        row = in_state(state) if expected else untouched
        assert bool(policy.can(name, person, row)) is expected, (role, "says")
        assert (name in policy.available(person, row)) is expected, (role, "offers")
        found = outcome(name, row, person)
        assert (found is None) is expected, (role, found)
        if expected:
            continue
        fresh = Voice.objects.get(pk=row.pk)
        assert (fresh.version, fresh.state) == before
        if role in ("outsider", "consultant") or (role == "colleague" and name != "vote"):
            assert found is NotVisible, role
        else:
            assert found in (Refused, IllegalTransition), role


def test_every_act_is_in_the_table():
    assert set(TABLE) == set(policy.RULES) == set(policy.STATES) == set(WAYS)


@pytest.mark.parametrize("name", ["share", "vote"])
def test_a_complaint_is_neither_shared_nor_voted(name, complaint, supervisor, requester):
    by = supervisor if name == "share" else requester
    assert outcome(name, complaint, by) is Refused
