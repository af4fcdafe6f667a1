"""Clocks in words. The cast's ticket: functional, Tuesday 10 March 2026, 10:00; reaction and attention of the high priority."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template

from core import clock
from sla import presentation, queries
from sla.commitment_presentation import promise_view
from sla.tests.conftest import local
from tickets.models import Ticket
from tickets.services import conversation, ending, resolution, triage, work

pytestmark = pytest.mark.django_db

MEXICO = ZoneInfo("America/Mexico_City")
HIGH = {"impact": "significant", "urgency": "high"}


@pytest.fixture
def ticket(raise_at):
    return raise_at(local("2026-03-10 10:00"), **HIGH)


def views(ticket, at, **options):
    row = queries.prefetch_clocks(Ticket.objects.all()).get(pk=ticket.pk)
    return {view.kind: view for view in presentation.clock_views(row, at=at, zone=MEXICO, **options)}


def told(ticket, at, kind="attention", **options):
    if kind == "promise":
        props = presentation.promise_props(Ticket.objects.get(pk=ticket.pk), at=at, zone=MEXICO)
    else:
        props = views(ticket, at, **options)[kind].props
    return props["status"], props["words"], props["when"], props["percent"]


def test_a_running_clock(ticket):
    noon = local("2026-03-10 12:00")
    assert told(ticket, noon) == ("running", "vence en 8 h hábiles", "mié 11 mar, 10:00", 20)
    assert views(ticket, noon)["attention"].props["target"] == "objetivo 10 h hábiles"
    assert told(ticket, local("2026-03-10 10:20"), "reaction") == ("running", "vence en 40 min", "hoy 11:00", 33)


def test_it_turns_amber_at_75_percent_and_red_only_after_the_deadline(ticket):
    assert told(ticket, local("2026-03-10 10:45"), "reaction")[0] == "warning"
    assert told(ticket, local("2026-03-10 11:00"), "reaction")[0] == "warning"
    late = told(ticket, local("2026-03-10 11:25"), "reaction")
    assert late == ("breached", "venció hace 25 min", "hoy 11:00", 141)


def test_a_paused_clock_says_what_it_waits_for_to_each_reader(ticket, agent):
    with clock.at(local("2026-03-10 12:00")):
        triage.open(ticket, by=agent)
        work.wait_for_user(ticket, by=agent, message="¿?")
    at = local("2026-03-12 12:00")
    assert told(ticket, at) == ("paused", "en pausa", "espera su respuesta", 20)
    assert told(ticket, at, desk=True)[2] == "espera al usuario"


def test_a_met_clock_and_one_met_late(ticket, agent):
    with clock.at(local("2026-03-10 10:21")):
        triage.open(ticket, by=agent)
    with clock.at(local("2026-03-11 13:00")):
        conversation.reply(ticket, by=agent, message="Va.", committed_for=local("2026-03-12 13:00"))
    at = local("2026-03-12 13:30")
    assert told(ticket, at, "reaction") == ("met", "cumplida en 21 min", "mar 10 mar, 10:21", 35)
    assert told(ticket, at) == ("breached", "cumplida tarde, en 13 h", "ayer 13:00", 130)
    assert told(ticket, at, "promise")[:3] == ("breached", "venció hace 30 min", "hoy 13:00")
    with clock.at(local("2026-03-12 12:30")):
        resolution.solve(ticket, by=agent, solution_type="definitive", solution="Listo.")
    assert told(ticket, at, "promise") == ("met", "entregada a tiempo", "hoy 12:30", 97)


def test_a_stopped_clock(ticket, requester):
    with clock.at(local("2026-03-10 10:30")):
        ending.cancel(ticket, by=requester, reason="Ya quedó.")
    assert told(ticket, local("2026-03-10 12:00"), "reaction") == ("paused", "detenido", "hoy 10:30", 50)


def test_natural_hours_are_said(raise_at):
    ticket = raise_at(local("2026-03-15 10:00"), service_line="technological", **HIGH)
    found = views(ticket, local("2026-03-15 10:10"))
    assert [found[kind].props["target"] for kind in ("attention", "reaction")] == [
        "objetivo 4 h naturales",
        "objetivo 1 h natural",
    ]


def test_a_list_shows_the_nearest_open_clock_then_the_promise_then_nothing(ticket, agent):
    def due(at):
        row = queries.prefetch_clocks(Ticket.objects.all()).get(pk=ticket.pk)
        return presentation.due_props(row, at=at, zone=MEXICO)

    assert due(local("2026-03-10 10:20"))["when"] == "hoy 11:00, reacción"
    with clock.at(local("2026-03-10 10:30")):
        triage.open(ticket, by=agent)
    found = due(local("2026-03-10 10:31"))
    assert (found["when"], found["label"]) == ("mié 11 mar, 10:00, atención", "Tiempo de atención usado")
    with clock.at(local("2026-03-10 10:40")):
        conversation.reply(ticket, by=agent, message="Va.", committed_for=local("2026-03-10 13:00"))
    assert due(local("2026-03-10 11:00"))["when"] == "hoy 13:00, solución prometida"
    with clock.at(local("2026-03-10 12:00")):
        resolution.solve(ticket, by=agent, solution_type="definitive", solution="Listo.")
    assert due(local("2026-03-10 12:30")) is None


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_of_clocks_costs_two_queries_however_long(raise_at, django_assert_num_queries, count):
    for _ in range(count):
        raise_at(local("2026-03-10 10:00"), **HIGH)
    at = local("2026-03-10 12:00")
    with django_assert_num_queries(2):
        rows = list(queries.prefetch_clocks(Ticket.objects.all()))
        assert [presentation.due_props(row, at=at, zone=MEXICO)["status"] for row in rows] == ["breached"] * count


def test_the_ledger_tells_what_counted_and_why(ticket, agent, requester):
    with clock.at(local("2026-03-10 17:30")):
        triage.open(ticket, by=agent)
        work.wait_for_user(ticket, by=agent, message="¿Me envía el XML?")
    with clock.at(local("2026-03-11 10:15")):
        conversation.reply(ticket, by=requester, message="Va.")
    at = local("2026-03-11 11:00")
    ledger = views(ticket, at)["attention"].ledger
    assert [(row["when"], row["what"], row["counted"], row["off"]) for row in ledger["rows"]] == [
        ("ayer 10:00", "En horario", "7 h 30 min", False),
        ("ayer 17:30", "En pausa: pendiente por usuario. Duró 2 h 45 min hábiles", "0 min", True),
        ("hoy 10:15", "En horario", "45 min", False),
    ]
    assert (ledger["total"], ledger["target"]) == ("8 h 15 min", "10 h hábiles (Guía 3.4.2)")
    assert ledger["sentence"] == "Vencía hoy 10:00. La pausa lo movió a hoy 12:45."


def test_the_components_take_the_props_as_they_are(ticket, agent):
    with clock.at(local("2026-03-10 10:30")):
        triage.open(ticket, by=agent)
        conversation.reply(ticket, by=agent, message="Va.", committed_for=local("2026-03-12 13:00"))
    row = queries.prefetch_clocks(Ticket.objects.all()).get(pk=ticket.pk)
    at = local("2026-03-10 11:00")
    found = presentation.clock_views(row, at=at, zone=MEXICO)
    assert [view.kind for view in found] == ["attention", "reaction"]
    told = {
        "views": found,
        "due": presentation.due_props(row, at=at, zone=MEXICO),
        "given": promise_view(row, at=at, zone=MEXICO),
    }
    page = Template(
        '{% for view in views %}{% ui "clock" props=view.props %}{% ui "ledger" props=view.ledger %}{% endfor %}'
        '{% ui "due" props=due %}{% ui "clock" props=given.clock %}{% ui "promise" props=given.promise %}'
    ).render(Context(told))
    assert page.count('class="sd-clock"') == 3
    assert page.count('class="sd-ledger"') == 2


def test_the_facts_for_programs(ticket, agent, requester, django_assert_num_queries):
    with clock.at(local("2026-03-10 12:00")):
        triage.open(ticket, by=agent)
        work.wait_for_user(ticket, by=agent, message="¿?")
    with clock.at(local("2026-03-10 13:00")):
        conversation.reply(ticket, by=requester, message="Va.")
    row = Ticket.objects.select_related("company", "terms").get(pk=ticket.pk)
    with django_assert_num_queries(2):
        attention, reaction = queries.clock_facts(row, at=local("2026-03-10 14:00"))
    assert (attention["elapsed_seconds"], attention["paused_seconds"], attention["target_seconds"]) == (
        3 * 3600,
        3600,
        36000,
    )
    assert (attention["state"], attention["breached"]) == ("running", False)
    assert (reaction["state"], reaction["breached"], reaction["elapsed_seconds"]) == ("met", True, 7200)
    assert reaction["ledger"]["rows"][-1]["reason"] == "late"


def test_a_promise_seen_by_its_own_terms_names_the_contract(raise_at, own_terms):
    own_terms(targets=[{"priority": "high", "attention_minutes": 120}], windows=[(5, 540, 840)])
    ticket = raise_at(local("2026-03-14 10:00"), **HIGH)
    found = views(ticket, local("2026-03-14 10:30"))
    assert (
        found["attention"].ledger["target"]
        == "2 h hábiles (Contrato MN-001, Condiciones propias: objetivos de servicio)"
    )
    assert found["reaction"].ledger["target"] == "1 h hábil (Guía 3.4.2)"
    assert [row["what"] for row in found["reaction"].ledger["rows"]] == ["En la extensión de horario"]


def test_a_deadline_far_in_the_future_is_told_in_business_days(raise_at):
    ticket = raise_at(local("2026-03-10 10:00"), impact="minor", urgency="low")
    assert told(ticket, local("2026-03-10 10:00"))[1] == "vence en 2 días hábiles"
    assert told(ticket, local("2026-03-10 10:00") + timedelta(hours=1))[1] == "vence en 19 h hábiles"
