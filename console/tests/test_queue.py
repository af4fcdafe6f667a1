"""The queue: the guide's precedence, pages without counts, filters without queries, and acts on a selection row by row."""

import base64
from datetime import timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import SupportGroup
from console import filters, forms, keyset, queues
from core import clock
from servicedesk.testing import TUESDAY
from sla.models import Clock
from tickets.models import Ticket, TicketEvent
from tickets.services import intake, resolution, triage, work
from tickets.vocabulary import State

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/tickets/ticket/"


@pytest.fixture(autouse=True)
def working_tuesday(now):
    return now


@pytest.fixture
def raised(requester, report):
    def build(minutes=0, **changes):
        with clock.at(TUESDAY + timedelta(minutes=minutes)):
            return intake.receive(report(**changes), by=requester, channel="web")

    return build


def shown(response) -> list[int]:
    return [row["ticket"].pk for row in response.context["rows"]]


def test_relevant_comes_first_then_major_then_priority_then_what_is_due_sooner(client, agent, raised):
    late = raised(30, impact="minor", urgency="low", title="baja")
    soon = raised(10, title="alta, vence antes")
    later = raised(20, title="alta, vence después")
    major = raised(40, title="mayor")
    triage.reclassify(major, by=agent, reason="Afecta a todos.", changes={"is_major": True})
    relevant = raised(50, title="relevante", impact="minor", urgency="low")
    Ticket.objects.filter(pk=relevant.pk).update(is_relevant=True, precedence=3)
    client.force_login(agent)
    assert shown(client.get(ADDRESS)) == [relevant.pk, major.pk, soon.pk, later.pk, late.pk]


def test_the_list_costs_the_same_with_one_row_and_with_three(client, agent, desk_group, raised):
    client.force_login(agent)
    raised()
    client.get(ADDRESS)
    with CaptureQueriesContext(connection) as one:
        client.get(ADDRESS)
    raised(1)
    raised(2)
    with CaptureQueriesContext(connection) as three:
        client.get(ADDRESS)
    assert len(three) == len(one) == LIST_QUERIES, "\n".join(q["sql"][:200] for q in three.captured_queries)
    assert not [q for q in three.captured_queries if "DISTINCT" in q["sql"]]


LIST_QUERIES = 6
"""Session, person, their groups, the page, its clocks, the sidebar's counts."""


def test_filters_cost_no_query(client, agent, raised):
    client.force_login(agent)
    raised()
    client.get(ADDRESS)
    with CaptureQueriesContext(connection) as plain:
        client.get(ADDRESS)
    everything = "?linea=functional&prioridad=high&medio=web&estado=new&compania=alborada&persona=nadie&tipo=incident"
    with CaptureQueriesContext(connection) as narrowed:
        response = client.get(ADDRESS + everything)
    assert len(shown(response)) == 1
    assert len(narrowed) == len(plain)


@pytest.mark.parametrize("order", ["precedence", "recent", "validation"])
def test_pages_go_forth_and_back_over_every_row_once(agent, raised, order):
    rows = [raised(i, title=f"{i}") for i in range(7)]
    # Three without a deadline, two that share one: what must not be skipped nor repeated.
    Ticket.objects.filter(pk__in=[row.pk for row in rows[:3]]).update(next_due_at=None)
    Ticket.objects.filter(pk__in=[row.pk for row in rows[3:5]]).update(next_due_at=TUESDAY, created_at=TUESDAY)
    tickets = Ticket.objects.visible_to(agent)
    forth, cursor, pages = [], "", []
    while True:
        page = keyset.page_of(tickets, order, cursor, size=2)
        forth += [row.pk for row in page.rows]
        pages.append(page)
        if not page.next:
            break
        cursor = page.next
    assert sorted(forth) == sorted(row.pk for row in rows)
    assert len(pages) == 4
    assert pages[0].previous == ""
    back, cursor = [row.pk for row in pages[-1].rows], pages[-1].previous
    while cursor:
        page = keyset.page_of(tickets, order, cursor, size=2)
        back = [row.pk for row in page.rows] + back
        cursor = page.previous
    assert back == forth


@pytest.mark.parametrize(
    "cursor",
    [
        "basura",
        "W10",
        "eyJhIjoxfQ",
        "WyI+IiwxLCJ4IiwxXQ",
        "é",
        "WyI-IiwgbnVsbCwgbnVsbCwgbnVsbF0",
        base64.urlsafe_b64encode(b"[" * 30_000).decode(),
        base64.urlsafe_b64encode(b'["<", 8, "0001-01-01T00:00:00+14:00", 1]').decode(),
        base64.urlsafe_b64encode(b'[">", 8, "9999-12-31T23:59:59-12:00", 1]').decode(),
    ],
)
def test_a_forged_cursor_is_the_first_page(agent, raised, cursor):
    row = raised()
    assert [r.pk for r in keyset.page_of(Ticket.objects.all(), "precedence", cursor).rows] == [row.pk]


def test_a_number_goes_straight_to_its_ticket(client, agent, raised):
    row = raised()
    client.force_login(agent)
    response = client.get(ADDRESS, {"q": row.number.lower()})
    assert response["Location"] == reverse("admin:tickets_ticket_change", args=[row.number])


@pytest.mark.parametrize("text", ["requester@example.test", "herrera", "ALBORADA", "quincenal"])
def test_search_finds_by_email_person_company_and_title_in_any_state(client, agent, raised, text):
    row = raised()
    triage.reject(row, by=agent, reason="Falta el formato.")
    client.force_login(agent)
    assert shown(client.get(ADDRESS, {"q": text})) == [row.pk]
    assert shown(client.get(ADDRESS, {"q": "nada que ver"})) == []


def test_a_consultant_lists_and_counts_only_their_groups(client, agent, consultant, other_consultant, group, raised):
    mine, other = raised(), raised(1)
    triage.assign(mine, by=agent, group=group)
    client.force_login(consultant)
    assert shown(client.get(ADDRESS + "?cola=todos")) == [mine.pk]
    assert queues.counts(consultant, TUESDAY)["grupo"] == 1
    assert queues.counts(other_consultant, TUESDAY)["nuevos"] == 0
    assert shown(client.get(ADDRESS, {"q": other.number})) == []


def test_each_standard_queue_holds_what_its_name_says(agent, consultant, group, desk_group, raised):
    new, opened, waiting, solved, due = (raised(i) for i in range(5))
    for row in (opened, waiting, solved, due):
        triage.open(row, by=agent)
    triage.assign(opened, by=agent, group=group, assignee=consultant)
    work.wait_for_user(waiting, by=agent, message="¿Qué usuario?")
    resolution.solve(solved, by=agent, solution_type="definitive", solution="Listo.")
    Ticket.objects.filter(pk=due.pk).update(next_due_at=TUESDAY - timedelta(minutes=1))
    held = {
        key: set(queues.tickets_of(queue, agent, TUESDAY).values_list("pk", flat=True))
        for key, queue in queues.QUEUES.items()
    }
    assert held["nuevos"] == {new.pk}
    assert held["grupo"] == {new.pk, waiting.pk, due.pk}
    assert held["sin-asignar"] == {waiting.pk, due.pk}
    assert held["esperan-usuario"] == {waiting.pk}
    assert held["por-validar"] == {solved.pk}
    assert held["vencidos"] == {due.pk}
    assert held["mios"] == set()
    assert held["todos"] == {row.pk for row in (new, opened, waiting, solved, due)}


def test_a_ticket_past_three_quarters_of_its_time_is_at_risk(agent, raised):
    row = raised()
    Clock.objects.filter(ticket=row, kind="attention").update(warned_percent=75)
    assert queues.counts(agent, TUESDAY)["en-riesgo"] == 1
    Clock.objects.filter(ticket=row).update(warned_percent=50)
    assert queues.counts(agent, TUESDAY)["en-riesgo"] == 0


@pytest.mark.parametrize(
    ("minutes", "chosen"),
    [(-1, {"late"}), (30, {"risk", "1h", "2h", "4h", "8h", "24h"}), (300, {"ok", "8h", "24h"}), (3000, {"ok"})],
)
def test_a_filter_by_how_a_ticket_stands_against_its_deadline(client, agent, raised, now, minutes, chosen):
    row = raised()
    Ticket.objects.filter(pk=row.pk).update(next_due_at=now + timedelta(minutes=minutes))
    Clock.objects.filter(ticket=row, kind="reaction").update(warned_percent=75 if minutes == 30 else 50)
    client.force_login(agent)
    offered = [value for value, _ in filters._standings()]
    assert {value for value in offered if shown(client.get(ADDRESS + f"?cola=abiertos&plazo={value}"))} == chosen
    assert shown(client.get(ADDRESS + "?cola=abiertos&plazo=basura")) == [row.pk]


def test_a_company_named_exactly_is_no_other(client, agent, raised, company):
    row = raised()
    client.force_login(agent)
    assert shown(client.get(ADDRESS, {"cola": "abiertos", "compania": "=Grupo Alborada"})) == [row.pk]
    assert shown(client.get(ADDRESS, {"cola": "abiertos", "compania": "=Grupo"})) == []
    assert shown(client.get(ADDRESS, {"cola": "abiertos", "compania": "Grupo"})) == [row.pk]
    assert "Compañía: Grupo Alborada" in client.get(ADDRESS, {"compania": "=Grupo Alborada"}).content.decode()


def test_counts_stop_at_their_bound(agent, raised, monkeypatch):
    monkeypatch.setattr(queues, "BOUND", 2)
    for i in range(4):
        raised(i)
    number = queues.counts(agent, TUESDAY)["nuevos"]
    assert number == 3
    assert queues.words(number) == "2+"


def test_a_selection_is_done_row_by_row_and_each_row_says_how_it_went(client, agent, group, raised):
    good, stale, done = raised(), raised(1), raised(2)
    triage.open(done, by=agent)
    client.force_login(agent)
    chosen = [f"{good.pk}:{good.version}", f"{stale.pk}:99", f"{done.pk}:2", "999999:1", "x:1"]
    response = client.post(ADDRESS + "lote/", {"act": "open", "ticket": chosen, "back": ADDRESS}, follow=True)
    outcomes = {o["number"]: o["ok"] for o in response.context["outcomes"]}
    assert outcomes == {good.number: True, stale.number: False, done.number: False, "": False}
    assert [Ticket.objects.get(pk=row.pk).state for row in (good, stale, done)] == [State.OPEN, State.NEW, State.OPEN]
    assert TicketEvent.objects.filter(kind="open").count() == 2


def test_a_selection_is_assigned_to_a_group(client, agent, group, consultant, raised):
    rows = [raised(i) for i in range(2)]
    client.force_login(agent)
    data = {
        "act": "assign",
        "ticket": [f"{row.pk}:{row.version}" for row in rows],
        "group": group.pk,
        "assignee": consultant.pk,
    }
    response = client.post(ADDRESS + "lote/", data)
    assert response["Location"] == ADDRESS
    assert set(Ticket.objects.values_list("state", "group", "assignee")) == {(State.ASSIGNED, group.pk, consultant.pk)}


@pytest.mark.parametrize("act", ["delete", "solve", "", "cancel"])
def test_a_selection_can_only_be_opened_or_assigned(client, agent, raised, act):
    row = raised()
    client.force_login(agent)
    client.post(ADDRESS + "lote/", {"act": act, "ticket": f"{row.pk}:{row.version}"})
    assert Ticket.objects.get(pk=row.pk).version == row.version


def test_a_selection_never_leads_to_another_site(client, agent):
    client.force_login(agent)
    response = client.post(ADDRESS + "lote/", {"act": "open", "back": "https://malo.example/"})
    assert response["Location"] == ADDRESS


def test_a_consultant_is_offered_only_the_desk_to_hand_back_to(consultant, agent, group):
    desk = SupportGroup.objects.create(name="Mesa", level=1)
    assert [pk for pk, _ in forms.groups_for(consultant)] == ["", str(desk.pk)]
    assert [pk for pk, _ in forms.groups_for(agent)] == ["", str(desk.pk), str(group.pk)]


def test_an_empty_queue_says_what_to_do(client, agent):
    client.force_login(agent)
    assert "No tiene tickets a su nombre." in client.get(ADDRESS + "?cola=mios").content.decode()
    assert "Quite algún filtro" in client.get(ADDRESS + "?q=nada").content.decode()


def test_filters_that_make_no_sense_are_ignored(agent, raised):
    row = raised()
    found = filters.Filters(QueryDict("estado=quemado&grupo=abc&tipo=x&prioridad=%00"))
    assert list(Ticket.objects.filter(found.condition(agent)).values_list("pk", flat=True)) == [row.pk]
