"""Pages by cursor: complete, stable, in both directions, and closed to forgery."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tickets.models import Ticket
from tickets.services import intake, triage

pytestmark = pytest.mark.django_db

EVERY = [
    "created_at",
    "-created_at",
    "updated_at",
    "-updated_at",
    "next_due_at",
    "-next_due_at",
    "priority",
    "-priority",
]


def walk(client, address: str, link: str = "next") -> list[list[str]]:
    pages = []
    while address:
        body = client.get(address).json()
        pages.append([row["number"] for row in body["results"]])
        address = body[link]
    return pages


@pytest.fixture
def seven(tickets) -> list[Ticket]:
    """Seven tickets: equal moments, equal priorities, and three without a deadline."""
    made = tickets(7)
    at = datetime(2026, 3, 12, tzinfo=UTC)
    for index, row in enumerate(made):
        due = None if index in (1, 4, 6) else at + timedelta(hours=index // 3)
        Ticket.objects.filter(pk=row.pk).update(
            created_at=at - timedelta(hours=index // 2), updated_at=at, next_due_at=due, precedence=8 + index % 3
        )
    return list(Ticket.objects.all())


@pytest.mark.parametrize("ordering", EVERY)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 200])
def test_pages_hold_every_ticket_once_in_order_and_lead_back(api, agent, seven, ordering, size, now):
    client = api(agent)
    pages = walk(client, f"/api/v1/tickets/?ordering={ordering}&page_size={size}")
    column, sign = ordering.lstrip("-").replace("priority", "precedence"), -1 if ordering.startswith("-") else 1

    def place(row: Ticket) -> tuple[Any, ...]:
        value: Any = getattr(row, column)
        if isinstance(value, datetime) or value is None:
            return (value is None, sign * value.timestamp() if value else 0, sign * row.pk)
        return (False, sign * value, sign * row.pk)

    expected = [row.number for row in sorted(seven, key=place)]
    assert [number for page in pages for number in page] == expected
    assert all(len(page) == size for page in pages[:-1])

    last = f"/api/v1/tickets/?ordering={ordering}&page_size={size}"
    while following := client.get(last).json()["next"]:
        last = following
    assert walk(client, last, "previous") == list(reversed(pages))


def test_a_ticket_that_arrives_meanwhile_shifts_nothing(api, agent, tickets, now, clock_at, requester, report):
    client, old = api(agent), tickets(4)
    first = client.get("/api/v1/tickets/?page_size=2").json()
    with clock_at(now + timedelta(hours=1)):
        intake.receive(report(), by=requester, channel="web")
    second = client.get(first["next"]).json()
    assert {row["number"] for row in first["results"] + second["results"]} == {row.number for row in old}


def test_the_total_is_given_only_when_asked_for(api, agent, tickets, now):
    tickets(3)
    client = api(agent)
    assert set(client.get("/api/v1/tickets/").json()) == {"next", "previous", "results"}
    body = client.get("/api/v1/tickets/?count=true&page_size=1").json()
    assert body["count"] == 3
    assert client.get(body["next"]).json()["count"] == 3


def test_a_changed_cursor_and_one_of_another_list_are_refused(api, agent, tickets, now):
    tickets(3)
    client = api(agent)
    good = client.get("/api/v1/tickets/?page_size=1").json()["next"]
    cursor = good.partition("cursor=")[2].partition("&")[0]
    changed = cursor.replace(cursor[3], "A" if cursor[3] != "A" else "B", 1)
    for address in (good.replace(cursor, changed), good.replace(cursor, cursor[:-1]), good + "&ordering=priority"):
        response = client.get(address)
        assert (response.status_code, response.json()["code"]) == (400, "invalid_cursor")
    assert client.get(good.replace("tickets/", "companies/")).status_code == 400


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=new", 4), ("state=open,closed", 0), ("state=new&state=open", 4), ("priority=critical", 1), ("priority=critical,high", 4),
        ("kind=incident", 4), ("service_line=functional,technical", 4), ("channel=web", 4), ("channel=email", 0), ("breached=false", 4),
        ("breached=true", 0), ("created_after=2026-03-10T16:01:00Z", 2), ("created_before=2026-03-10T10:01:00-06:00", 1),
        ("created_before=2026-03-10T16:01:00+00:00", 1), ("updated_after=2026-03-10T16:02:30Z", 1),
        ("due_before=2026-03-10T17:00:00Z", 1), ("q=ticket 2", 1), ("q=T0000000", 0), ("company=999999", 0), ("assignee=1,2,3", 0),
    ],
)  # fmt: skip
def test_filters(api, agent, tickets, query, found, now, clock_at, requester, report):
    tickets(3)
    with clock_at(now + timedelta(minutes=3)):
        intake.receive(report(title="Urge", impact="extensive"), by=requester, channel="web")
    assert len(api(agent).get(f"/api/v1/tickets/?{query}").json()["results"]) == found


def test_filters_by_who_and_whose(api, agent, ticket, company, requester, group):
    triage.open(ticket, by=agent)
    triage.assign(ticket, by=agent, group=group)
    client = api(agent)
    for query in (f"company={company.pk}", f"requester={requester.pk}", f"group={group.pk}", f"q={ticket.number}"):
        assert len(client.get(f"/api/v1/tickets/?{query}").json()["results"]) == 1
