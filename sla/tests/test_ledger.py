"""What a ledger says of each stretch: why it counted or not, by which calendar and which clause (guide 3.1, 3.4.2)."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from core import caching, clock
from customers.models import TermsClosedDay
from sla import ledger, presentation
from sla.preview import preview
from sla.tests.conftest import local
from tickets.services import conversation, triage, work

pytestmark = pytest.mark.django_db

MEXICO, TIJUANA = ZoneInfo("America/Mexico_City"), ZoneInfo("America/Tijuana")
HIGH = {"impact": "significant", "urgency": "high"}
CALENDAR = "Horario estándar de la Mesa de Servicio"
TERMS = "Contrato MN-001, Condiciones propias"


def rows(ticket, at, kind="attention"):
    """(what, counted minutes, source) of every stretch."""
    found = ledger.explain(ticket.clocks.get(kind=kind), at=at).rows
    return [(row.what, row.counted // timedelta(minutes=1), row.source) for row in found]


def test_a_day_that_the_contract_closes_is_told_from_one_of_the_calendar(raise_at, own_terms):
    terms = own_terms()
    TermsClosedDay.objects.create(terms=terms, date=date(2026, 3, 13), name="Aniversario del corporativo")
    ticket = raise_at(local("2026-03-12 18:00"), **HIGH)
    assert rows(ticket, local("2026-03-17 10:00"), "attention") == [
        ("En horario", 60, "Guía 3.1"),
        ("Fuera de horario", 0, "Guía 3.1"),
        ("Día inhábil: Aniversario del corporativo", 0, f"{TERMS}: días inhábiles propios"),
        ("Fuera de horario", 0, "Guía 3.1"),
        ("Día inhábil: Natalicio de Benito Juárez", 0, "Guía 3.1"),
        ("Fuera de horario", 0, "Guía 3.1"),
        ("En horario", 60, "Guía 3.1"),
    ]


def test_days_of_both_that_bear_the_same_name_are_not_one_stretch(raise_at, own_terms, guide):
    terms = own_terms()
    guide.calendar.closed_days.create(date=date(2026, 3, 12), name="Puente")
    TermsClosedDay.objects.create(terms=terms, date=date(2026, 3, 13), name="Puente")
    caching.forget_all()
    ticket = raise_at(local("2026-03-12 00:00"), **HIGH)
    assert rows(ticket, local("2026-03-14 00:00")) == [
        ("Día inhábil: Puente", 0, "Guía 3.1"),
        ("Día inhábil: Puente", 0, f"{TERMS}: días inhábiles propios"),
    ]


def test_hours_of_the_extension_cite_its_clause_and_the_holiday_on_which_they_work(raise_at, own_terms):
    own_terms(windows=[(0, 540, 840), (5, 540, 840)], on_holidays=True)
    ticket = raise_at(local("2026-03-14 13:30"), impact="minor", urgency="low")
    assert rows(ticket, local("2026-03-16 09:20"), "reaction") == [
        ("En la extensión de horario", 30, f"{TERMS}: extensión de horario"),
        ("Fuera de horario", 0, "Guía 3.1"),
        ("Día inhábil: Natalicio de Benito Juárez", 0, "Guía 3.1"),
        (
            "En la extensión de horario, que también trabaja en día inhábil: Natalicio de Benito Juárez",
            20,
            f"{TERMS}: extensión de horario",
        ),
    ]


def test_a_technological_request_waits_for_the_next_opening_through_closed_days(raise_at):
    ticket = raise_at(local("2026-03-15 20:00"), kind="request", service_line="technological", **HIGH)
    assert rows(ticket, local("2026-03-17 09:45")) == [
        ("Fuera de horario: se atiende desde la siguiente apertura", 0, "Guía 3.1.3"),
        ("Día inhábil: Natalicio de Benito Juárez. Se atiende desde la siguiente apertura", 0, "Guía 3.1.3"),
        ("Fuera de horario: se atiende desde la siguiente apertura", 0, "Guía 3.1.3"),
        ("Horas naturales: cuenta a toda hora", 45, "Guía 3.4.2"),
    ]
    assert len(rows(ticket, local("2026-03-15 21:00"))) == 1


def test_a_technological_incident_runs_always_by_its_own_section(raise_at):
    ticket = raise_at(local("2026-03-15 20:00"), service_line="technological", **HIGH)
    at = local("2026-03-15 20:30")
    assert rows(ticket, at, "reaction") == [("Horas naturales: cuenta a toda hora", 30, "Guía 3.1.2")]
    assert rows(ticket, at) == [("Horas naturales: cuenta a toda hora", 30, "Guía 3.4.2")]


def test_natural_hours_that_the_contract_asks_for_cite_the_contract(raise_at, own_terms):
    own_terms(targets=[{"priority": "high", "attention_clock": "calendar"}])
    ticket = raise_at(local("2026-03-15 20:00"), **HIGH)
    clause = f"{TERMS}: objetivos de servicio"
    assert rows(ticket, local("2026-03-15 20:30")) == [("Horas naturales: cuenta a toda hora", 30, clause)]
    assert ledger.explain(ticket.clocks.get(kind="attention"), at=local("2026-03-15 20:30")).source == "Guía 3.4.2"


def test_a_wait_that_does_not_pause_is_said_and_counts(raise_at, agent, consultant, group):
    ticket = raise_at(local("2026-03-10 10:00"), **HIGH)
    with clock.at(local("2026-03-10 11:00")):
        triage.open(ticket, by=agent)
        triage.assign(ticket, by=agent, group=group)
        work.wait_for_vendor(ticket, by=consultant, vendor="Fabricante", vendor_reference="SR-1")
    assert rows(ticket, local("2026-03-10 13:00")) == [
        ("En horario", 60, "Guía 3.1"),
        ("En horario; pendiente por proveedor no pausa", 120, "Guía 3.1"),
    ]


def test_a_pause_that_the_contract_decides_cites_its_clause(raise_at, own_terms, agent, consultant, group, requester):
    own_terms(pauses_for_vendor=True)
    ticket = raise_at(local("2026-03-10 10:00"), **HIGH)
    with clock.at(local("2026-03-10 11:00")):
        triage.open(ticket, by=agent)
        triage.assign(ticket, by=agent, group=group)
        work.wait_for_vendor(ticket, by=consultant, vendor="Fabricante", vendor_reference="SR-1")
    with clock.at(local("2026-03-10 12:00")):
        work.wait_for_user(ticket, by=consultant, message="¿?")
    with clock.at(local("2026-03-10 13:00")):
        conversation.reply(ticket, by=requester, message="Va.")
    found = ledger.explain(ticket.clocks.get(kind="attention"), at=local("2026-03-10 14:00"))
    assert [(row.reason, row.cause, row.source) for row in found.rows] == [
        ("counted", "", "Guía 3.1"),
        ("paused", "vendor", f"{TERMS}: pausas"),
        ("paused", "user", "Guía 3.4.2"),
        ("counted", "", "Guía 3.1"),
    ]


def test_what_is_left_runs_out_and_what_was_not_needed_is_told_as_such(raise_at, agent):
    ticket = raise_at(local("2026-03-10 10:00"), **HIGH)

    def told(at, kind):
        props = presentation.ledger_props(ticket.clocks.get(kind=kind), at=at, zone=MEXICO)
        return props["left_label"], props["left"]

    assert told(local("2026-03-10 10:20"), "reaction") == ("Queda", "40 min hábiles")
    assert told(local("2026-03-10 12:00"), "reaction") == ("Queda", "")
    with clock.at(local("2026-03-10 10:21")):
        triage.open(ticket, by=agent)
    assert told(local("2026-03-10 12:00"), "reaction") == ("Sobró", "39 min hábiles")


def test_a_reader_elsewhere_is_told_whose_hours_are_counted(raise_at):
    ticket = raise_at(local("2026-03-10 10:00"), **HIGH)
    props = {
        zone: presentation.ledger_props(ticket.clocks.get(kind="attention"), at=local("2026-03-10 11:00"), zone=zone)
        for zone in (MEXICO, TIJUANA)
    }
    assert props[MEXICO]["note"] == ""
    note = "Los horarios se cuentan en la hora de Ciudad de México; aquí se muestran en la de usted."
    assert props[TIJUANA]["note"] == note
    assert props[MEXICO]["rows"][0]["why"] == f"{CALENDAR} · Guía 3.1"


def test_a_target_of_months_is_folded_and_still_adds_up(company, contract, agent):
    at = local("2026-03-10 10:00")
    data = {"company": company.pk, "kind": "incident", "service_line": "functional", "priority": "high"}
    found = preview({**data, "terms": {"overrides": {"high": {"attention_minutes": 60_000}}}}, actor=agent, at=at)
    whole = found.ledger["attention"]
    told = presentation.ledger_words(whole, at=at, zone=MEXICO)["rows"]
    hidden = len(whole.rows) - presentation.MOST_ROWS
    assert len(told) == presentation.MOST_ROWS + 1
    assert told[60]["what"] == f"{hidden} intervalos más"
    assert sum((row.counted for row in whole.rows), timedelta()) == whole.target == timedelta(minutes=60_000)


def test_tried_terms_decide_which_causes_pause(company, contract, agent):
    at = local("2026-03-10 10:00")
    data = {"company": company.pk, "kind": "incident", "service_line": "functional", "priority": "high"}
    wait = {"start": "2026-03-10T11:00:00-06:00", "end": "2026-03-10T12:00:00-06:00", "cause": "vendor"}

    def due(**terms):
        found = preview({**data, "pauses": [wait], **terms}, actor=agent, at=at)
        return found.attention_due_at, [row.source for row in found.ledger["attention"].rows if row.reason == "paused"]

    assert due() == (local("2026-03-11 10:00"), [])
    assert due(terms={"pauses_for_vendor": True}) == (local("2026-03-11 11:00"), ["Condiciones de prueba: pausas"])


def test_a_tried_window_says_its_own_flags(company, contract, agent):
    at = local("2026-03-14 10:00")
    data = {"company": company.pk, "kind": "incident", "service_line": "functional", "priority": "high"}
    sunday = {"opens": "09:00", "closes": "14:00", "includes_second_level": True}
    windows = {"sat": [["09:00", "14:00"]], "sun": [sunday]}
    found = preview({**data, "terms": {"extension": {"windows": windows}}}, actor=agent, at=at)
    counted = [row.start for row in found.ledger["attention"].rows if row.reason == "counted"]
    assert found.reaction_due_at == local("2026-03-14 11:00")
    assert counted[0] == local("2026-03-15 09:00")


def test_a_tried_closed_day_bears_its_name(company, contract, agent):
    data = {"company": company.pk, "kind": "incident", "service_line": "functional", "priority": "high"}
    days = [{"date": "2026-03-11", "name": "Inventario"}, "2026-03-12"]
    found = preview({**data, "terms": {"closed_days": days}}, actor=agent, at=local("2026-03-10 18:00"))
    named = [(row.what, row.source) for row in found.ledger["attention"].rows if row.what.startswith("Día")]
    clause = "Condiciones de prueba: días inhábiles propios"
    assert named == [("Día inhábil: Inventario", clause), ("Día inhábil", clause)]
