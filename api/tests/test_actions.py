"""Corrective actions through the API: the desk works on them, a representative reads what was written for their company."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from improvements.models import CorrectiveAction
from improvements.services import progress, register
from improvements.vocabulary import ActionState
from servicedesk.seeding import improvements

pytestmark = pytest.mark.django_db
LIST = "/api/v1/corrective-actions/"
NEW = {"origin": "rca", "title": "Revisar los respaldos", "problem": "Uno no se pudo restaurar."}


@pytest.fixture(autouse=True)
def rules(guide, now):
    improvements.rules()


@pytest.fixture
def action(supervisor, company):
    return opened(supervisor, company=company)


def opened(by, source_id=1, **changes: Any) -> CorrectiveAction:
    values = {"label": "Q1", "title": "Avisar antes", "problem": "Nadie avisó.", **changes}
    return register.open_for("complaint", source_id=source_id, by=by, **values)


def refusal(response) -> tuple[int, str]:
    assert response["Content-Type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


def numbers(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [row["number"] for row in response.json()["results"]]


def test_one_is_opened_read_and_carried_through(api, agent, supervisor, manager, ticket):
    made = api(agent).post(LIST, {**NEW, "ticket": ticket.number}, format="json")
    assert (made.status_code, made["ETag"]) == (201, '"1"')
    place = made["Location"]
    assert made.json()["company"]["name"] == "Grupo Alborada"
    assert made.json()["sources"][0]["ticket"] == ticket.number
    assert made.json()["owner"]["name"] == supervisor.full_name
    assert api(agent).get(place).json() == made.json()
    client = api(supervisor)
    for given in (
        {"transition": "plan", "cause": "Nadie restauraba.", "plan": "Restaurar uno al mes."},
        {"transition": "implement", "evidence": "Minuta."},
    ):
        assert client.post(f"{place}transitions/", given, format="json").status_code == 200
    names = [act["name"] for act in client.get(f"{place}transitions/").json()["results"]]
    assert names == ["reassign", "summarise", "comment"], "who owns it does not verify it"
    refused = client.post(f"{place}transitions/", {"transition": "verify", "text": "Sí."}, format="json")
    assert refusal(refused) == (403, "refused")
    done = api(manager).post(f"{place}transitions/", {"transition": "verify", "text": "Sí."}, format="json")
    assert (done.status_code, done.json()["state"], done["ETag"]) == (200, "closed", '"4"')
    entries = api(agent).get(f"{place}entries/").json()["results"]
    assert [entry["kind"] for entry in entries] == ["opened", "planned", "implemented", "verified"]
    assert entries[0]["text"].startswith("abrió la acción (")


def test_files_come_with_the_evidence_and_go_to_the_desk_alone(api, supervisor, manager, representative, action):
    progress.summarise(action, by=manager, summary="Avisamos antes.")
    place = f"{LIST}{action.number}/"
    file = SimpleUploadedFile("minuta.txt", b"acordado")
    data = {"transition": "implement", "evidence": "Minuta.", "files": [file]}
    assert api(supervisor).post(f"{place}transitions/", data, format="multipart").status_code == 200
    found = api(supervisor).get(f"{place}files/").json()["results"]
    assert [row["name"] for row in found] == ["minuta.txt"]
    assert b"".join(api(supervisor).get(found[0]["url"]).streaming_content) == b"acordado"
    assert api(representative).get(f"{place}files/").json()["results"] == []


def test_a_representative_reads_the_summary_and_nothing_else(api, manager, representative, requester, outsider, action):
    place = f"{LIST}{action.number}/"
    assert api(representative).get(place).status_code == 404
    progress.summarise(action, by=manager, summary="Avisamos antes.")
    shown = api(representative).get(place).json()
    assert set(shown) == {
        *("number", "state", "state_label", "is_overdue", "summary", "company", "due_on"),
        *("created_at", "implemented_at", "closed_at"),
    }
    assert shown["summary"] == "Avisamos antes."
    assert numbers(api(representative).get(LIST)) == [action.number]
    assert api(representative).get(f"{place}entries/").json()["results"] == []
    assert api(representative).get(f"{place}transitions/").json()["results"] == []
    for person in (requester, outsider):
        assert numbers(api(person).get(LIST)) == []
        assert api(person).get(place).status_code == 404


def test_a_customer_neither_opens_nor_changes_one(api, manager, representative, action):
    progress.summarise(action, by=manager, summary="Avisamos antes.")
    assert refusal(api(representative).post(LIST, NEW, format="json")) == (403, "refused")
    answer = api(representative).post(
        f"{LIST}{action.number}/transitions/", {"transition": "comment", "text": "Gracias."}, format="json"
    )
    assert answer.status_code == 404


@pytest.mark.parametrize("name", ["owner", "company", "origin", "kind", "ticket", "updated_after"])
def test_a_customer_may_not_ask_for_what_they_do_not_read(api, representative, name):
    given = {"origin": "rca", "kind": "corrective", "ticket": "T1", "updated_after": "2026-01-01T00:00:00Z"}
    assert refusal(api(representative).get(LIST, {name: given.get(name, "1")})) == (400, "invalid_filter")


def test_whom_it_is_kept_from_finds_nothing(api, agent, supervisor, company):
    hidden = opened(supervisor, company=company, kept_from=[agent])
    place = f"{LIST}{hidden.number}/"
    assert numbers(api(agent).get(LIST)) == []
    for rest in ("", "transitions/", "entries/", "files/"):
        assert api(agent).get(place + rest).status_code == 404
    answer = api(agent).post(f"{place}transitions/", {"transition": "comment", "text": "x"}, format="json")
    assert answer.status_code == 404


def test_the_list_is_narrowed_and_ordered(api, supervisor, manager, company, ticket):
    first = opened(supervisor, 1, company=company, due_on=None)
    second = opened(supervisor, 2, title="Capacitar", owner=manager, ticket=ticket)
    progress.plan(second, by=manager, cause="x", plan="y")
    client = api(supervisor)
    assert numbers(client.get(LIST)) == [second.number, first.number]
    assert numbers(client.get(LIST, {"ordering": "due_on", "page_size": 1})) == [first.number]
    for given, found in (
        ({"state": "open"}, first),
        ({"state": "in_progress,closed"}, second),
        ({"owner": manager.pk}, second),
        ({"company": company.pk}, first),
        ({"ticket": ticket.number}, second),
        ({"q": "capacitar"}, second),
        ({"q": first.number.lower()}, first),
    ):
        assert numbers(client.get(LIST, given)) == [found.number], given
    assert numbers(client.get(LIST, {"overdue": "true"})) == []
    with clock.at(clock.now() + timedelta(days=60)):
        assert len(numbers(api(supervisor).get(LIST, {"overdue": "true"}))) == 2
    page = client.get(LIST, {"ordering": "due_on", "page_size": 1}).json()
    assert numbers(client.get(page["next"])) == [second.number]


@pytest.mark.parametrize(
    "given",
    [
        {"state": "nonsense"},
        {"owner": "1e9"},
        {"owner": "9" * 30},
        {"overdue": "yes"},
        {"due_before": "mañana"},
        {"created_after": "2026"},
        {"q": ""},
        {"ticket": "T9999999"},
        {"ordering": "problem"},
        {"cursor": "x"},
    ],
)
def test_what_cannot_be_asked_is_named(api, supervisor, given):
    response = api(supervisor).get(LIST, given)
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == next(iter(given))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": "x" * 201}, "title"),
        ({"title": "\u200b"}, "title"),
        ({"origin": "x"}, "origin"),
        ({"due_on": "2020-01-01"}, "due_on"),
        ({"due_on": "9999-12-31"}, "due_on"),
        ({"owner": 2**63 - 1}, "owner"),
        ({"company": 0}, "company"),
        ({"ticket": "T9999999"}, "ticket"),
        ({"state": "closed"}, "state"),
    ],
)
def test_what_cannot_be_opened_is_named(api, supervisor, given, field):
    response = api(supervisor).post(LIST, {**NEW, **given}, format="json")
    assert response.status_code == 400, response.content
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert not CorrectiveAction.objects.exists()


def test_the_same_one_sent_twice_is_one(api, supervisor):
    client = api(supervisor)
    assert client.post(LIST, NEW, format="json").json() == client.post(LIST, NEW, format="json").json()
    assert CorrectiveAction.objects.count() == 1


def test_another_version_is_refused(api, supervisor, action):
    progress.comment(action, by=supervisor, text="Uno.")
    answer = api(supervisor).post(
        f"{LIST}{action.number}/transitions/",
        {"transition": "plan", "cause": "x", "plan": "y"},
        format="json",
        HTTP_IF_MATCH='"1"',
    )
    assert refusal(answer)[0] == 412


def test_a_step_out_of_place_says_which_may_be_done(api, supervisor, action):
    answer = api(supervisor).post(
        f"{LIST}{action.number}/transitions/", {"transition": "verify", "text": "x"}, format="json"
    )
    assert refusal(answer) == (409, "illegal_transition")
    assert answer.json()["allowed"] == ["plan", "implement", "reassign", "summarise", "comment"]


def test_the_list_costs_the_same_however_long(api, supervisor, manager, company, ticket):
    client = api(supervisor)

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(LIST).status_code == 200
        return len(asked)

    opened(supervisor, 1, company=company)
    client.get(LIST)
    one = cost()
    for index in (2, 3):
        row = opened(supervisor, index, company=company, ticket=ticket)
        progress.implement(row, by=manager, evidence="x")
    assert CorrectiveAction.objects.filter(state=ActionState.IMPLEMENTED).count() == 2
    assert cost() in (one, one + 1), "a source's ticket is read once more where there is one"
