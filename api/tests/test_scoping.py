"""Nobody reads or touches what is not theirs, at any address."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern
from rest_framework.test import APIClient

from api.v1.urls import urlpatterns
from tickets.models import Attachment, Message, Ticket
from tickets.services import conversation, triage

pytestmark = pytest.mark.django_db

UNDER_A_TICKET = ["", "transitions/", "messages/", "attachments/", "events/", "sla/", "escalations/"]
ONLY_POSTS = ["escalations/acknowledge/", "escalations/answer/"]
POSTS = ["transitions/", "messages/", "attachments/", "escalations/", *ONLY_POSTS]
BODIES = {
    "transitions/": {"transition": "cancel", "cause": "customer_request", "reason": "x"},
    "messages/": {"body": "x"},
    "escalations/": {"reason": "x"},
    "escalations/acknowledge/": {},
    "escalations/answer/": {"text": "x"},
}


@pytest.fixture
def busy(ticket: Ticket, agent, requester, group) -> Ticket:
    """The ticket with an opening, a note with a file, and an answer with another."""
    triage.open(ticket, by=agent)
    triage.assign(ticket, by=agent, group=group)
    conversation.note(
        ticket, by=agent, message="CANARIO interno", files=[SimpleUploadedFile("interno.txt", b"CANARIO")]
    )
    conversation.reply(
        ticket, by=requester, message="CANARIO público", files=[SimpleUploadedFile("publico.txt", b"CANARIO")]
    )
    return ticket


def test_every_address_under_a_ticket_is_listed_here():
    found = {
        str(p.pattern).removeprefix("tickets/<str:number>/")
        for p in urlpatterns
        if isinstance(p, URLPattern) and str(p.pattern).startswith("tickets/<str:number>/")
    }
    assert found == {*UNDER_A_TICKET, *ONLY_POSTS}


@pytest.mark.parametrize("who", ["outsider", "colleague", "other_consultant"])
@pytest.mark.parametrize("rest", UNDER_A_TICKET)
def test_who_may_not_see_the_ticket_gets_the_404_of_an_absent_one(api, busy, who, rest, request):
    client = api(request.getfixturevalue(who))
    own = client.get(f"/api/v1/tickets/{busy.number}/{rest}")
    absent = client.get(f"/api/v1/tickets/T9999999/{rest}")
    assert own.status_code == absent.status_code == 404
    assert own.content == absent.content


@pytest.mark.parametrize("who", ["outsider", "colleague", "other_consultant"])
@pytest.mark.parametrize("rest", POSTS)
def test_nor_change_it(api, busy, who, rest, request):
    client = api(request.getfixturevalue(who))
    kwargs = (
        {"data": {"files": SimpleUploadedFile("a.txt", b"a")}, "format": "multipart"}
        if rest == "attachments/"
        else {"data": BODIES[rest], "format": "json"}
    )
    assert client.post(f"/api/v1/tickets/{busy.number}/{rest}", **kwargs).status_code == 404
    assert (
        client.patch(f"/api/v1/tickets/{busy.number}/", {"title": "x", "reason": "x"}, format="json").status_code == 404
    )
    assert (Ticket.objects.get().version, Message.objects.count()) == (5, 2)


@pytest.mark.parametrize("who", ["outsider", "colleague", "other_consultant"])
@pytest.mark.parametrize(
    "path",
    [
        "tickets/",
        "tickets/?q=nómina",
        "tickets/?count=true",
        "events/",
        "contracts/",
        "companies/",
        "users/",
        "groups/",
    ],
)
def test_no_list_carries_a_byte_of_it(api, busy, who, path, request, company):
    body = api(request.getfixturevalue(who)).get(f"/api/v1/{path}").content.decode()
    for secret in ("CANARIO", busy.number, "nómina", "Lucía", "requester@example.test"):
        assert secret not in body
    if who == "outsider":
        assert company.name not in body
    if "count" in path:
        assert '"count":0' in body


def test_nobody_at_all_is_asked_to_identify_themselves(busy):
    client = APIClient()
    for rest in UNDER_A_TICKET:
        assert client.get(f"/api/v1/tickets/{busy.number}/{rest}").status_code == 401
    for rest in POSTS:
        assert client.post(f"/api/v1/tickets/{busy.number}/{rest}").status_code == 401
    for path in (
        "tickets/",
        "events/",
        "me/",
        "companies/",
        "contracts/",
        "users/",
        "groups/",
        "catalog/",
        "escalation-matrix/",
    ):
        assert client.get(f"/api/v1/{path}").status_code == 401


@pytest.mark.parametrize(
    ("who", "seen"), [("requester", False), ("representative", False), ("agent", True), ("consultant", True)]
)
def test_internal_notes_their_files_and_their_events_are_for_the_desk(api, busy, who, seen, request):
    client = api(request.getfixturevalue(who))
    address = f"/api/v1/tickets/{busy.number}"
    bodies = [message["body"] for message in client.get(f"{address}/messages/").json()["results"]]
    files = [row["name"] for row in client.get(f"{address}/attachments/").json()["results"]]
    kinds = [row["kind"] for row in client.get(f"{address}/events/").json()["results"]]
    feed = [row["kind"] for row in client.get("/api/v1/events/").json()["results"]]
    assert bodies == (["CANARIO interno"] if seen else []) + ["CANARIO público"]
    assert files == (["interno.txt"] if seen else []) + ["publico.txt"]
    assert kinds == ["receive", "open", "assign"] + (["note"] if seen else []) + ["message"]
    assert feed == kinds


def test_a_customer_writes_no_internal_note(api, requester, busy):
    response = api(requester).post(
        f"/api/v1/tickets/{busy.number}/messages/", {"body": "x", "visibility": "internal"}, format="json"
    )
    assert response.status_code == 403


def test_the_reason_for_a_change_of_group_stays_at_the_desk(api, busy, agent, desk_group, requester):
    triage.assign(busy, by=agent, group=desk_group, reason="El cliente es difícil")
    for user, told in ((requester, False), (agent, True)):
        body = api(user).get(f"/api/v1/tickets/{busy.number}/events/").content.decode()
        assert ("El cliente es difícil" in body) is told


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("requester", {"requester"}),
        ("representative", {"requester", "representative", "colleague"}),
        ("consultant", {"consultant", "agent"}),
        ("agent", {"consultant", "agent", "requester", "representative", "colleague", "outsider"}),
    ],
)
def test_people_are_shown_by_role(
    api, requester, representative, colleague, consultant, agent, outsider, who, expected, request
):
    body = api(request.getfixturevalue(who)).get("/api/v1/users/").json()
    assert {row["email"].partition("@")[0] for row in body["results"]} == expected


@pytest.mark.parametrize(("who", "companies", "contracts", "groups"), [
    ("requester", 1, 0, 0), ("representative", 1, 1, 0), ("consultant", 2, 0, 1), ("agent", 2, 2, 1), ("outsider", 1, 1, 0),
])  # fmt: skip
def test_reference_data_is_shown_by_role(
    api, requester, representative, outsider, consultant, agent, who, companies, contracts, groups, request
):
    client = api(request.getfixturevalue(who))
    counted = [len(client.get(f"/api/v1/{name}/").json()["results"]) for name in ("companies", "contracts", "groups")]
    assert counted == [companies, contracts, groups]


def test_one_of_another_company_is_a_404(api, outsider, requester, contract, company):
    client = api(outsider)
    assert client.get(f"/api/v1/companies/{company.pk}/").status_code == 404
    assert client.get(f"/api/v1/contracts/{contract.pk}/").status_code == 404
    assert client.get(f"/api/v1/users/{requester.pk}/").status_code == 404
    assert api(requester).get(f"/api/v1/companies/{company.pk}/").json()["name"] == company.name


def test_a_download_link_serves_whom_it_was_given_to_and_asks_again_each_time(
    api, busy, requester, agent, settings, company
):
    public = next(row for row in api(requester).get(f"/api/v1/tickets/{busy.number}/attachments/").json()["results"])
    anonymous = APIClient()
    response = anonymous.get(public["url"])
    assert b"".join(response.streaming_content) == b"CANARIO"
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == 'attachment; filename="publico.txt"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert anonymous.get(public["url"], HTTP_ACCEPT="image/png").status_code == 200

    internal = Attachment.objects.get(name="interno.txt")
    other = public["url"].replace(f"/{public['id']}/", f"/{internal.pk}/")
    forged = public["url"][:-2]
    assert [anonymous.get(address).status_code for address in (other, forged, public["url"].partition("?")[0])] == [
        404
    ] * 3

    of_agent = api(agent).get(f"/api/v1/tickets/{busy.number}/attachments/").json()["results"][0]["url"]
    agent.is_active = False
    agent.save(update_fields=["is_active"])
    assert anonymous.get(of_agent).status_code == 404
    settings.API_LINK_SECONDS = -1
    assert anonymous.get(public["url"]).status_code == 404
