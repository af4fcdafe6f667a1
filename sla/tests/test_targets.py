"""The readings of the guide's sections 3.1 and 3.4.2, one by one. 10 March 2026 is a Tuesday; 16 March is a statutory holiday."""

from datetime import timedelta

import pytest

from core import caching
from customers.models import Company
from sla.models import Clock
from sla.tests.conftest import local
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

NIGHTS = [(day, 1140, 540) for day in range(5)]
IMPACT_URGENCY = {
    "critical": {"impact": "extensive", "urgency": "critical"},
    "high": {"impact": "significant", "urgency": "high"},
    "medium": {"impact": "minor", "urgency": "high"},
    "low": {"impact": "minor", "urgency": "low"},
}


def due(ticket: Ticket) -> tuple[object, object]:
    clocks = {clock.kind: clock for clock in Clock.objects.filter(ticket=ticket)}
    return clocks["reaction"].due_at, clocks["attention"].due_at


@pytest.mark.parametrize(
    ("priority", "reaction", "technological", "other"),
    [("critical", 40, 60, 180), ("high", 60, 240, 600), ("medium", 120, 480, 1200), ("low", 120, 480, 1200)],
)
@pytest.mark.parametrize("line", ["technological", "technical", "functional"])
def test_the_guides_table(raise_at, priority, reaction, technological, other, line):
    ticket = raise_at(local("2026-03-10 10:00"), service_line=line, **IMPACT_URGENCY[priority])
    assert ticket.priority == priority
    clocks = {clock.kind: clock for clock in ticket.clocks.all()}
    assert clocks["reaction"].target_minutes == reaction
    expected = (technological, "calendar") if line == "technological" else (other, "business")
    assert (clocks["attention"].target_minutes, clocks["attention"].clock) == expected


def test_a_functional_incident_of_friday_evening_goes_on_on_tuesday_after_a_long_weekend(raise_at):
    ticket = raise_at(local("2026-03-13 18:30"))
    assert due(ticket) == (local("2026-03-17 09:30"), local("2026-03-17 18:30"))


def test_a_target_that_uses_up_a_day_exactly_ends_at_its_closing_instant(raise_at):
    assert due(raise_at(local("2026-03-10 09:00")))[1] == local("2026-03-10 19:00")


def test_microseconds_count(raise_at):
    ticket = raise_at(local("2026-03-10 09:00:00.500000"), **IMPACT_URGENCY["critical"])
    assert due(ticket)[0] == local("2026-03-10 09:40:00.500000")


def test_a_technological_incident_runs_at_any_hour_from_its_creation(raise_at):
    ticket = raise_at(local("2026-03-15 03:00"), service_line="technological", **IMPACT_URGENCY["critical"])
    assert due(ticket) == (local("2026-03-15 03:40"), local("2026-03-15 04:00"))


def test_a_technological_request_outside_the_window_counts_from_the_next_opening(raise_at):
    at = local("2026-03-14 12:00")
    ticket = raise_at(at, kind="request", service_line="technological", **IMPACT_URGENCY["medium"])
    assert due(ticket) == (local("2026-03-17 11:00"), local("2026-03-17 17:00"))
    clock = ticket.clocks.get(kind="attention")
    assert (clock.started_at, clock.counts_from) == (at, local("2026-03-17 09:00"))


def test_a_technological_request_inside_the_window_runs_on_over_the_night(raise_at):
    at = local("2026-03-10 18:00")
    ticket = raise_at(at, kind="request", service_line="technological", **IMPACT_URGENCY["medium"])
    assert due(ticket) == (local("2026-03-11 10:00"), local("2026-03-11 02:00"))


def test_an_extension_serves_the_reaction_always_and_the_attention_only_with_second_level(raise_at, own_terms):
    terms = own_terms(windows=[(5, 540, 840)])
    at = local("2026-03-14 10:00")
    assert due(raise_at(at)) == (local("2026-03-14 11:00"), local("2026-03-17 19:00"))
    terms.extension_windows.update(includes_second_level=True)
    caching.forget_all()
    assert due(raise_at(at)) == (local("2026-03-14 11:00"), local("2026-03-17 15:00"))


def test_an_extension_with_second_level_is_the_next_opening_of_a_technological_request(raise_at, own_terms):
    own_terms(windows=[(5, 540, 840)], second_level=True)
    ticket = raise_at(
        local("2026-03-14 08:00"), kind="request", service_line="technological", **IMPACT_URGENCY["critical"]
    )
    assert due(ticket) == (local("2026-03-14 09:40"), local("2026-03-14 10:00"))


@pytest.mark.parametrize(("on_holidays", "expected"), [(False, "2026-03-17 01:00"), (True, "2026-03-16 21:00")])
def test_a_night_extension_rests_on_holidays_unless_it_says_otherwise(raise_at, own_terms, on_holidays, expected):
    own_terms(windows=NIGHTS, on_holidays=on_holidays)
    assert due(raise_at(local("2026-03-16 20:00")))[0] == local(expected)


def test_a_contract_overrides_only_what_it_says(raise_at, own_terms):
    own_terms(targets=[{"priority": "high", "reaction_minutes": 15}])
    at = local("2026-03-10 10:00")
    assert due(raise_at(at, **IMPACT_URGENCY["high"])) == (local("2026-03-10 10:15"), local("2026-03-11 10:00"))
    assert due(raise_at(at, **IMPACT_URGENCY["critical"]))[0] == local("2026-03-10 10:40")


def test_the_row_of_a_line_goes_before_the_one_of_any_line(raise_at, own_terms):
    own_terms(
        targets=[
            {"priority": "critical", "attention_minutes": 30},
            {"priority": "critical", "service_line": "functional", "attention_minutes": 45},
        ]
    )
    at = local("2026-03-10 10:00")
    found = {
        line: due(raise_at(at, service_line=line, **IMPACT_URGENCY["critical"]))[1]
        for line in ("functional", "technical", "technological")
    }
    assert found == {
        "functional": local("2026-03-10 10:45"),
        "technical": local("2026-03-10 10:30"),
        "technological": local("2026-03-10 10:30"),
    }


def test_a_calendar_override_of_attention_counts_an_incident_from_creation_and_a_request_from_the_next_opening(
    raise_at, own_terms
):
    own_terms(targets=[{"priority": "critical", "attention_clock": "calendar"}])
    at = local("2026-03-14 12:00")
    assert due(raise_at(at, **IMPACT_URGENCY["critical"]))[1] == local("2026-03-14 15:00")
    assert due(raise_at(at, kind="request", **IMPACT_URGENCY["critical"]))[1] == local("2026-03-17 12:00")


def test_a_business_override_on_a_technological_incident_uses_the_week_window(raise_at, own_terms):
    own_terms(
        targets=[{"priority": "critical", "reaction_clock": "business", "attention_clock": "business"}],
        windows=[(5, 540, 840)],
    )
    ticket = raise_at(local("2026-03-14 10:00"), service_line="technological", **IMPACT_URGENCY["critical"])
    assert due(ticket) == (local("2026-03-14 10:40"), local("2026-03-17 10:00"))


def test_a_calendar_override_of_reaction_counts_from_creation(raise_at, own_terms):
    own_terms(targets=[{"priority": "critical", "reaction_clock": "calendar"}])
    at = local("2026-03-14 23:50")
    assert due(raise_at(at, kind="request", **IMPACT_URGENCY["critical"]))[0] == local("2026-03-15 00:30")


def test_the_company_s_zone_decides(raise_at, company: Company):
    company.time_zone = "America/Tijuana"
    company.save()
    at = local("2026-03-10 10:00")  # 09:00 in Tijuana, which is already on summer time
    assert due(raise_at(at, **IMPACT_URGENCY["critical"]))[0] == at + timedelta(minutes=40)
    early = local("2026-03-10 09:00")
    assert due(raise_at(early, **IMPACT_URGENCY["critical"]))[0] == local("2026-03-10 10:40")


def test_problems_and_changes_are_received_and_attended_like_requests(raise_at):
    for kind in ("problem", "change"):
        ticket = raise_at(
            local("2026-03-14 12:00"), kind=kind, service_line="technological", **IMPACT_URGENCY["critical"]
        )
        assert due(ticket) == (local("2026-03-17 09:40"), local("2026-03-17 10:00"))
