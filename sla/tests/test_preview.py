"""Deadlines of a ticket that does not exist."""

from datetime import timedelta

import pytest

from core.errors import InvalidInput, Refused
from sla.preview import deadlines, preview
from sla.tests.conftest import local

pytestmark = pytest.mark.django_db

AT = local("2026-03-10 10:00")
NIGHTS = {"windows": {day: [["19:00", "09:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}}


@pytest.fixture
def ask(company, contract, agent):
    def build(actor=agent, **changes):
        data = {
            "company": company.pk,
            "kind": "incident",
            "service_line": "functional",
            "priority": "high",
            "created_at": "2026-03-10T10:00:00-06:00",
        }
        data = {key: value for key, value in {**data, **changes}.items() if value is not ...}
        found = preview(data, actor=actor, at=AT)
        return found.reaction_due_at, found.attention_due_at

    return build


def faults(ask, **changes):
    with pytest.raises(InvalidInput) as refused:
        ask(**changes)
    return set(refused.value.errors)


def test_by_company_and_by_contract_it_is_what_a_real_ticket_gets(ask, contract, raise_at):
    ticket = raise_at(AT)
    real = tuple(ticket.clocks.get(kind=kind).due_at for kind in ("reaction", "attention"))
    assert ask() == ask(company=..., contract=contract.pk) == real


def test_impact_and_urgency_give_the_priority(ask):
    assert ask(priority=..., impact="minor", urgency="high") == ask(priority="medium")
    assert ask(priority=..., impact="significant", urgency="high") == ask(priority="high") != ask(priority="medium")


def test_pauses_move_the_attention_and_never_the_reaction(ask):
    pauses = [
        {"start": "2026-03-10T10:30:00-06:00", "end": "2026-03-10T12:30:00-06:00"},
        {"start": "2026-03-10T12:00:00-06:00", "end": "2026-03-10T13:30:00-06:00"},
    ]
    assert ask(pauses=pauses) == (AT + timedelta(hours=1), local("2026-03-11 13:00"))


def test_while_a_pause_is_open_the_attention_has_no_deadline(ask):
    assert ask(pauses=[{"start": "2026-03-10T16:30:00Z", "end": None}]) == (AT + timedelta(hours=1), None)
    late = [{"start": "2026-03-11T16:00:00Z", "end": None}]
    assert ask(pauses=late)[1] == local("2026-03-11 10:00")


def test_staff_may_try_terms(ask):
    at = "2026-03-14T10:00:00-06:00"
    extension: dict[str, object] = {"windows": {"sat": [["09:00", "14:00"]]}}
    terms = {"extension": extension}
    assert ask(company=..., created_at=at, terms=terms) == (local("2026-03-14 11:00"), local("2026-03-17 19:00"))
    extension["includes_second_level"] = True
    assert ask(company=..., created_at=at, terms=terms)[1] == local("2026-03-17 15:00")


def test_a_window_that_crosses_midnight_and_24_00(ask):
    at = "2026-03-10T18:30:00-06:00"
    assert ask(created_at=at, terms={"extension": NIGHTS})[0] == local("2026-03-10 19:30")
    until_midnight = {"windows": {"tue": [["19:00", "24:00"]]}}
    assert ask(created_at="2026-03-10T23:30:00-06:00", terms={"extension": until_midnight})[0] == local(
        "2026-03-11 09:30"
    )


def test_overrides_and_closed_days(ask):
    overrides = {"critical": {"reaction_minutes": 15, "attention_minutes": 120, "reaction_clock": "calendar"}}
    terms = {"overrides": overrides, "closed_days": ["2026-03-11"]}
    at = "2026-03-10T18:00:00-06:00"
    assert ask(created_at=at, priority="critical", terms=terms) == (
        local("2026-03-10 18:15"),
        local("2026-03-12 10:00"),
    )


def test_every_fault_is_named_with_its_path(ask):
    terms = {
        "extension": {
            "windows": {"lun": [], "mon": [["9", "10:00"]], "tue": "x"},
            "includes_second_level": "si",
            "z": 1,
        },
        "overrides": {"urgent": {}, "critical": {"reaction_minutes": 0, "attention_clock": "lunar", "x": 1}},
        "closed_days": ["2026-02-30"],
        "other": 1,
    }
    assert faults(ask, terms=terms, kind="x", priority="x", created_at="2026-03-10T10:00:00", foo=1) == {
        "foo",
        "kind",
        "priority",
        "created_at",
        "terms.other",
        "terms.extension.z",
        "terms.extension.windows.lun",
        "terms.extension.windows.mon.0",
        "terms.extension.windows.tue",
        "terms.extension.includes_second_level",
        "terms.overrides.urgent",
        "terms.overrides.critical.x",
        "terms.overrides.critical.reaction_minutes",
        "terms.overrides.critical.attention_clock",
        "terms.closed_days.0",
    }


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"company": ...}, {"company"}),
        ({"company": 10**30}, {"company"}),
        ({"company": "1;drop"}, {"company"}),
        ({"company": True}, {"company"}),
        ({"contract": 999}, {"contract"}),
        ({"terms": [], "company": ...}, {"terms"}),
        ({"priority": ...}, {"priority"}),
        ({"impact": "minor"}, {"impact"}),
        ({"priority": ..., "impact": "minor"}, {"urgency"}),
        ({"pauses": "x"}, {"pauses"}),
        ({"pauses": [1]}, {"pauses.0"}),
        ({"pauses": [{"end": None}]}, {"pauses.0.start"}),
        ({"pauses": [{"start": "2026-03-10T10:00:00Z", "end": "2026-03-09T10:00:00Z"}]}, {"pauses.0.end"}),
        ({"pauses": [{"start": "2026-03-10T10:00:00Z", "end": "x", "why": 1}]}, {"pauses.0.end", "pauses.0.why"}),
        ({"created_at": "0001-01-01T00:00:00Z"}, {"created_at"}),
        ({"created_at": "9999-12-31T23:59:59-12:00"}, {"created_at"}),
        ({"created_at": 5}, {"created_at"}),
        ({"kind": ["incident"]}, {"kind"}),
    ],
)
def test_bad_input_names_the_field(ask, changes, fields):
    assert faults(ask, **changes) == fields


def test_a_customer_sees_their_own_company_only_and_tries_no_terms(ask, company, requester, outsider):
    assert ask(actor=requester) == ask(actor=requester, company=...) == ask()
    assert faults(ask, actor=outsider) == {"company"}
    with pytest.raises(Refused):
        ask(actor=requester, terms={})


def test_the_short_form_for_a_form_in_the_making(contract, raise_at):
    ticket = raise_at(AT)
    asked = {"kind": ticket.kind, "service_line": ticket.service_line, "priority": ticket.priority, "at": AT}
    found = deadlines(ticket.terms, zone="America/Mexico_City", **asked)
    assert found == {clock.kind: clock.due_at for clock in ticket.clocks.all()}


def test_the_ledger_adds_up_to_the_target(ask, company, agent):
    data = {"company": company.pk, "kind": "incident", "service_line": "functional", "priority": "high"}
    data |= {"created_at": "2026-03-13T18:30:00-06:00", "pauses": []}
    ledger = preview(data, actor=agent, at=AT).ledger["attention"].as_dict()
    assert (ledger["total_seconds"], ledger["target_seconds"], ledger["left_seconds"]) == (36000, 36000, 0)
    assert [(row["reason"], row["counted_seconds"], row["what"]) for row in ledger["rows"]] == [
        ("counted", 1800, "En horario"),
        ("closed", 0, "Fuera de horario"),
        ("closed", 0, "Día inhábil: Natalicio de Benito Juárez"),
        ("closed", 0, "Fuera de horario"),
        ("counted", 34200, "En horario"),
    ]
    edges = [(row["from"], row["to"]) for row in ledger["rows"]]
    assert [to for _, to in edges[:-1]] == [start for start, _ in edges[1:]]
