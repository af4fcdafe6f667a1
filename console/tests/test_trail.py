"""Working down a queue: from one ticket to the next, back to the list, and through what is done on the way."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core import clock
from servicedesk.testing import TUESDAY
from sla import preview as sla_preview
from sla.models import Clock
from tickets.models import Ticket
from tickets.services import intake, triage
from tickets.vocabulary import State

pytestmark = pytest.mark.django_db
QUEUE = "?cola=nuevos"


@pytest.fixture(autouse=True)
def working_tuesday(now):
    return now


@pytest.fixture
def three(requester, report):
    rows = []
    for minutes in range(3):
        with clock.at(TUESDAY + timedelta(minutes=minutes)):
            rows.append(intake.receive(report(title=f"Falla número {minutes}"), by=requester, channel="web"))
    return rows


def page_of(ticket: Ticket) -> str:
    return reverse("admin:tickets_ticket_change", args=[ticket.number])


def act_of(ticket: Ticket, name: str) -> str:
    return reverse("admin:tickets_act", args=[ticket.number, name])


def test_a_ticket_opened_from_a_queue_leads_to_its_neighbours_and_back(client, agent, three):
    first, second, third = three
    client.force_login(agent)
    rows = client.get(f"/admin/tickets/ticket/{QUEUE}").context["rows"]
    hrefs = [row["href"] for row in rows]
    assert [href.partition("&lugar=")[0] for href in hrefs] == [page_of(row) + QUEUE for row in (first, second, third)]
    way = client.get(hrefs[1]).context["trail"]
    assert (way.previous, way.next) == (hrefs[0], hrefs[2])
    assert (way.label, way.href) == ("Nuevos", f"/admin/tickets/ticket/{QUEUE}")
    assert client.get(rows[0]["href"]).context["trail"].previous == ""
    assert client.get(rows[2]["href"]).context["trail"].next == ""


def test_filters_bind_the_neighbours_too(client, agent, three):
    triage.reclassify(three[1], by=agent, reason="Es una solicitud.", changes={"kind": "request"})
    client.force_login(agent)
    way = client.get(page_of(three[0]) + QUEUE + "&tipo=incident").context["trail"]
    assert way.next.startswith(page_of(three[2]) + QUEUE + "&tipo=incident&lugar=")


def test_an_act_keeps_the_trail_although_the_ticket_leaves_the_queue(client, agent, three):
    client.force_login(agent)
    hrefs = [row["href"] for row in client.get(f"/admin/tickets/ticket/{QUEUE}").context["rows"]]
    posted = client.get(hrefs[1]).context["acts"][0]["href"].partition("#")[0]
    assert posted.startswith(act_of(three[1], "open") + QUEUE)
    answer = client.post(posted, {"version": three[1].version})
    assert answer["Location"] == hrefs[1]
    way = client.get(answer["Location"]).context["trail"]
    assert (way.previous, way.next) == (hrefs[0], hrefs[2])


@pytest.mark.parametrize("place", ["x", "Wzwx", "", "é"])
def test_a_forged_place_is_where_the_ticket_stands(client, agent, three, place):
    client.force_login(agent)
    way = client.get(page_of(three[1]), {"cola": "nuevos", "lugar": place}).context["trail"]
    assert way.next.startswith(page_of(three[2]) + QUEUE)


def test_a_ticket_opened_by_its_own_address_has_no_trail(client, agent, three):
    client.force_login(agent)
    assert client.get(page_of(three[0])).context["trail"] is None
    assert client.get(page_of(three[0]) + "?cola=ninguna").context["trail"] is None


def test_the_consequence_of_reclassifying_is_what_then_happens(client, agent, ticket):
    client.force_login(agent)
    chosen = {"kind": "incident", "service_line": "functional", "impact": "extensive", "urgency": "critical"}
    shown = client.get(reverse("admin:tickets_reclassify_preview", args=[ticket.number]), chosen).context["preview"]
    before = Ticket.objects.get(pk=ticket.pk)
    assert (before.priority, before.version) == (ticket.priority, ticket.version)
    row = triage.reclassify(ticket, by=agent, reason="Afecta a toda la compañía.", changes=chosen)
    due = {clock.get_kind_display(): clock.due_at for clock in Clock.objects.filter(ticket=row)}
    assert shown.priority == row.priority == "critical"
    assert {line.name for line in shown.lines} == set(due)
    again = sla_preview.reclassified(row, kind="incident", service_line="functional", priority="critical")
    assert again == {clock.kind: clock.due_at for clock in Clock.objects.filter(ticket=row)}


def test_files_chosen_before_a_fault_are_named(client, consultant, agent, ticket, group):
    row = triage.assign(triage.open(ticket, by=agent), by=agent, group=group, assignee=consultant)
    client.force_login(consultant)
    file = SimpleUploadedFile("bitácora.txt", b"linea", content_type="text/plain")
    answer = client.post(act_of(row, "message"), {"version": row.version, "mode": "note", "message": "", "files": file})
    assert answer.status_code == 422
    assert answer.context["message_form"].errors["files"] == ["Vuelva a elegir sus archivos: «bitácora.txt»."]
    assert State(Ticket.objects.get(pk=row.pk).state) == State.ASSIGNED
