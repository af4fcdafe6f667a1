"""No customer sees another company's bytes: every URL, every admin page and every task is walked as everybody who must not see.

One ticket full of canaries belongs to the requester. Each route of the project is called, with GET and POST and with that ticket's own
identifiers, as an outsider, a colleague, a stranger among the consultants, and nobody. No answer may hold a canary; none may be a 5xx.
A route whose parameter this file does not know how to fill fails the walk, so that a new one cannot go untested.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.services import system_actor
from channels.models import OutboundMessage
from core import caching, clock
from core.tasks import run_deliveries
from escalation.models import Escalation, EscalationStep
from escalation.services import answering, raising
from improvements.models import CorrectiveAction
from improvements.services import progress, register
from improvements.services.register import Draft as ActionDraft
from servicedesk.celery import app
from servicedesk.seeding import escalation, surveys
from servicedesk.testing import TUESDAY
from surveys import routing, tokens
from surveys.models import NpsInvitation, Survey, Voice, VoiceFile, VoiceStep
from surveys.services import campaigns, hearing, nps, voices
from surveys.services.hearing import Draft
from surveys.tasks import sweep_nps
from surveys.tests.asking import closed, graded
from tickets.models import Attachment, CatalogCategory, CatalogItem, Message, Ticket, TicketEvent
from tickets.services import conversation, intake, resolution, triage, work

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_limits(settings: Any) -> None:
    """A walk asks more in a minute than a person may: what is refused for that would not be walked."""
    settings.API_REQUESTS_PER_MINUTE = 1_000_000
    cache.clear()


CANARY = "canario"
"""In every text of the victim's, and nowhere else."""


def routes(resolver: Any = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, path)
        else:
            yield path, entry


@pytest.fixture
def victim(request, company, requester, agent, consultant, group, report, environment, guide, now) -> Ticket:
    """Everything a ticket can hold, each text with the canary in it."""
    escalation.everything(guide)
    caching.forget_all()
    company.name = f"Compañía {CANARY}"
    company.save()
    requester.full_name = f"Persona {CANARY}"
    requester.save()
    file = SimpleUploadedFile(f"{CANARY}.txt", CANARY.encode())
    words = {"title": f"Título {CANARY}", "description": f"Descripción {CANARY}", "external_reference": f"REF-{CANARY}"}
    row = intake.receive(report(**words, environment=environment, files=[file]), by=requester, channel="web")
    triage.open(row, by=agent)
    triage.assign(row, by=agent, group=group)
    soon = now.replace(hour=23)
    work.start(row, by=consultant, message=f"Mensaje {CANARY}", committed_for=soon)
    conversation.note(row, by=agent, message=f"Nota {CANARY}")
    case = raising.escalate(row, by=requester, reason=f"Motivo {CANARY}")
    run_deliveries()
    answering.answer(case.steps.get(), by=None, name="Teresa Olvera Luna", text=f"Respuesta {CANARY}")
    resolution.solve(row, by=consultant, solution_type="workaround", solution=f"Solución {CANARY}")
    complain(row, requester)
    improve(row, agent)
    recommend(company, requester, request.getfixturevalue("supervisor"))
    surveys.everything()
    grade(closed(report, requester, agent, consultant, **words))
    run_deliveries()
    assert OutboundMessage.objects.filter(text__contains=CANARY).exists()
    return Ticket.objects.get(pk=row.pk)


def complain(row: Ticket, requester: Any) -> Voice:
    """A complaint about the ticket, answered and not agreed with, each text with the canary in it."""
    direction, area = routing.suggested(row)
    draft = Draft(
        kind="complaint",
        subject=f"Asunto {CANARY}",
        body=f"Queja {CANARY}",
        direction=direction,
        area=area,
        ticket=row,
        files=[SimpleUploadedFile(f"{CANARY}-queja.txt", CANARY.encode())],
    )
    voice = hearing.receive(draft, by=requester, channel="web")
    voices.answer(voice, by=system_actor(), name="Julio Bernal Ortiz", text=f"Contestación {CANARY}")
    voices.comment(voice, by=requester, text=f"Comentario {CANARY}")
    return voices.appeal(voice, by=requester, reason=f"Inconforme {CANARY}")


def recommend(company: Any, requester: Any, supervisor: Any) -> NpsInvitation:
    """The yearly question, answered by somebody who would not recommend us and was talked with, each text with the canary in it."""
    today = clock.now().date()
    asked = campaigns.Draft(
        year=today.year,
        name=f"Campaña {CANARY}",
        opens_on=today,
        closes_on=today + timedelta(days=60),
        companies=[company.pk],
    )
    campaigns.start(campaigns.draft(asked, by=supervisor), by=supervisor)
    sweep_nps()
    row = nps.answer(NpsInvitation.objects.get(person=requester), score=2, why=f"Razón {CANARY}")
    return nps.close_loop(row, by=supervisor, note=f"Conversación {CANARY}")


def grade(row: Ticket) -> Survey:
    """Another ticket's survey, with a low grade that opened an action, each text with the canary in it."""
    return graded(Survey.objects.get(ticket=row), 1, f"Opinión {CANARY}")


def improve(row: Ticket, agent: Any) -> CorrectiveAction:
    """A corrective action that came from the ticket, done and written up for the customer, each text with the canary in it."""
    draft = ActionDraft(
        origin="rca",
        ticket=row,
        title=f"Acción {CANARY}",
        problem=f"Problema {CANARY}",
        label=f"Origen {CANARY}",
    )
    action = register.propose(draft, by=agent)
    action = progress.plan(action, by=action.owner, cause=f"Causa {CANARY}", plan=f"Plan {CANARY}")
    action = progress.summarise(action, by=action.owner, summary=f"Resumen {CANARY}")
    file = SimpleUploadedFile(f"{CANARY}-evidencia.txt", CANARY.encode())
    return progress.implement(action, by=action.owner, evidence=f"Evidencia {CANARY}", files=[file])


@pytest.fixture
def identifiers(victim, company, contract, requester, group) -> dict[str, list[str]]:
    """What to put in each route parameter: always something of the victim's."""
    from channels import links, voice_links

    step = EscalationStep.objects.get(escalation__ticket=victim)
    voice = Voice.objects.get(ticket=victim)
    action = CorrectiveAction.objects.get(origin="rca")
    asked = NpsInvitation.objects.get(person=requester)
    survey = Survey.objects.get(score=1)
    item = CatalogItem.objects.create(
        category=CatalogCategory.objects.create(name="Algo"), name="Algo", kind="incident", service_line="functional"
    )
    pks = {
        str(pk)
        for model in (Ticket, Message, Attachment, TicketEvent, OutboundMessage, Escalation, EscalationStep)
        for pk in model._default_manager.values_list("pk", flat=True)
    } | {str(company.pk), str(contract.pk), str(requester.pk), str(group.pk), str(victim.terms_id)}
    few = sorted({*sorted(pks, key=int)[:4], str(voice.pk), str(voice.files.get().pk)}, key=int)
    return {
        "number": [victim.number, voice.number, action.number],
        "pk": [*few, str(action.pk), str(action.files.get().pk), str(survey.pk), str(survey.questionnaire_id)],
        "object_id": few,
        "id": [str(requester.pk)],
        "file_id": [str(pk) for pk in VoiceFile.objects.values_list("pk", flat=True)],
        "attachment_id": [str(pk) for pk in Attachment.objects.values_list("pk", flat=True)],
        "item_id": [str(item.pk)],
        "campaign_id": [str(asked.campaign_id)],
        "invitation_id": [str(asked.pk)],
        "name": ["cancel", "accept", "note", "reply", "assign"],
        "act": ["cancel", "accept", "note", "reply", "assign", "answer", "withdraw", "reroute", "point_at", "message"],
        "transition": ["cancel", "accept"],
        # Whole, each is a key; without its end it opens nothing to anybody.
        "token": [
            "x" * 40,
            links.validation_token(victim, requester)[:-1],
            links.escalation_token(step)[:-1],
            tokens.nps_token(asked)[:-1],
            tokens.survey_token(survey)[:-1],
            voice_links.token(voice.steps.select_related("contact").latest("number"))[:-1],
        ],
        "key": ["1-x-y"],
        "uidb36": ["1"],
        "content_type_id": ["1"],
        "app_label": ["tickets"],
        "url": [f"tickets/ticket/{victim.pk}"],
        "view": ["vencidos"],
        "queue": ["mine"],
        "path": ["sd/ui.css"],
    }


def filled(route: str, pattern: URLPattern, identifiers: dict[str, list[str]]) -> Iterator[str]:
    """The route with every choice of identifiers, as a path."""
    names = list(pattern.pattern.converters) or list(getattr(pattern.pattern, "regex", _NONE).groupindex)
    unknown = [name for name in names if name not in identifiers]
    assert not unknown, f"{route}: say in `identifiers` what {unknown} is, so that the walk can try it"
    longest = max([len(identifiers[name]) for name in names] or [1])
    for position in range(longest):
        path = "/" + route.replace("^", "").replace("$", "").replace("\\Z", "")
        for name in names:
            value = identifiers[name][position % len(identifiers[name])]
            path = _put(path, name, value)
        yield path


class _NONE:
    groupindex: dict[str, int] = {}


def _put(path: str, name: str, value: str) -> str:
    path = re.sub(rf"<(?:\w+:)?{name}>", value, path)
    return re.sub(rf"\(\?P<{name}>(?:[^()]|\([^()]*\))*\)", value, path)


ACTORS = ("nobody", "outsider", "colleague", "stranger")


@pytest.mark.parametrize("actor", ACTORS)
def test_no_route_shows_another_companys_bytes(actor, victim, identifiers, request):
    people = {"outsider": "outsider", "colleague": "colleague", "stranger": "other_consultant"}
    person = request.getfixturevalue(people[actor]) if actor in people else None
    before = (victim.version, Message.objects.count(), Attachment.objects.count())
    heard = Voice.objects.get().version
    walked = 0
    for route, pattern in routes():
        methods = ("get", "post", "patch", "put", "delete") if route.startswith("api/") else ("get", "post")
        for path in filled(route, pattern, identifiers):
            client = Client(raise_request_exception=False)
            if person is not None:
                client.force_login(person)
            for method in methods:
                answer = getattr(client, method)(path)
                walked += 1
                assert answer.status_code < 500 or path == "/readyz", (method, path, answer.status_code)
                assert answer.status_code != 429, (method, path)
                assert CANARY not in told(answer, own_company=actor in ("colleague", "stranger")), (
                    method,
                    path,
                    answer.status_code,
                )
    assert walked > 300
    fresh = Ticket.objects.get(pk=victim.pk)
    assert (fresh.version, Message.objects.count(), Attachment.objects.count()) == before
    assert Voice.objects.get().version == heard


def told(answer: Any, *, own_company: bool) -> str:
    """All that the answer says, headers too. A colleague, or any of the desk, may read the company's name."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = body.decode("utf-8", "replace") + str(answer.headers)
    return text.replace(f"Compañía {CANARY}", "") if own_company else text


@pytest.mark.parametrize("actor", ["outsider", "colleague"])
def test_foreign_and_absent_tickets_answer_the_same(actor, victim, request):
    client = Client()
    client.force_login(request.getfixturevalue(actor))
    for pattern in (
        "/asuntos/{}/",
        "/api/v1/tickets/{}/",
        "/api/v1/tickets/{}/events/",
        "/api/v1/tickets/{}/messages/",
    ):
        foreign, absent = client.get(pattern.format(victim.number)), client.get(pattern.format("T9999999"))
        assert foreign.status_code == absent.status_code == 404, pattern
        neutral = absent.content.replace(b"T9999999", victim.number.encode())
        assert _without_noise(foreign.content) == _without_noise(neutral), pattern


def _without_noise(body: bytes) -> bytes:
    """Leave out what differs from one answer to the next anyway."""
    return re.sub(rb'(csrfmiddlewaretoken" value="|nonce="|"request_id":")[^"]+', rb"\1", body)


def test_customers_never_enter_the_console(victim, representative, outsider):
    for person in (representative, outsider):
        client = Client()
        client.force_login(person)
        for path in (
            "/admin/",
            "/admin/tickets/ticket/",
            f"/admin/tickets/ticket/{victim.pk}/change/",
            "/admin/accounts/user/",
        ):
            answer = client.get(path)
            assert answer.status_code in (302, 403, 404), path
            assert CANARY not in answer.content.decode()


def test_mails_about_a_ticket_go_to_its_people_only(victim, requester, agent, consultant, supervisor):
    allowed = {requester.email, agent.email, consultant.email, supervisor.email, *levels()}
    told = set(OutboundMessage.objects.filter(text__contains=CANARY).values_list("address", flat=True))
    assert told <= allowed
    assert requester.email in told


def levels() -> set[str]:
    """The addresses of the matrices that were told of a ticket, or of the complaint about it."""
    steps = EscalationStep.objects.values_list("email", flat=True)
    return {*steps, *VoiceStep.objects.values_list("email", flat=True)}


def test_internal_notes_are_in_no_mail_to_a_customer(victim, requester):
    bodies = OutboundMessage.objects.filter(address=requester.email).values_list("text", "html")
    assert bodies
    assert not any(f"Nota {CANARY}" in text or f"Nota {CANARY}" in html for text, html in bodies)


TASKS = {
    "core.run_deliveries",
    "channels.send_due",
    "sla.sweep",
    "sla.audit_clocks",
    "sla.recalculate",
    "escalation.sweep",
    "improvements.sweep",
    "surveys.sweep",
    "surveys.nps_sweep",
    "surveys.sweep_voices",
    "tickets.close_unvalidated",
    "tickets.remind_validation",
    "portal.forget_submissions",
    "api.purge",
    "servicedesk.heartbeat",
    "servicedesk.forget_sessions",
}


def test_every_task_is_in_the_walk():
    app.loader.import_default_modules()
    assert {name for name in app.tasks if not name.startswith("celery.")} == TASKS


def test_no_task_tells_anybody_outside_the_ticket(
    victim, requester, agent, consultant, supervisor, outsider, colleague
):
    """Every job is run while the ticket lives, is reminded, closes and breaches; whatever leaves goes to its people alone."""
    app.loader.import_default_modules()
    for moment in (timedelta(0), timedelta(hours=49), timedelta(hours=73), timedelta(days=30)):
        with clock.at(TUESDAY + moment):
            for name in sorted(TASKS):
                app.tasks[name].apply(throw=True)
    assert Ticket.objects.get(pk=victim.pk).state == "closed"
    addresses = set(OutboundMessage.objects.filter(text__contains=CANARY).values_list("address", flat=True))
    own = {requester.email, consultant.email}
    # A level that answered before its notice was written has none.
    assert own <= addresses <= {*own, agent.email, supervisor.email, *levels()}


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["/cuenta/clave/", "/cuenta/segundo-factor/", "/asuntos/T9999999/", "/nada/"])
def test_no_page_of_a_signed_in_person_is_kept_by_a_cache(client, requester, page):
    client.force_login(requester)
    assert "no-store" in client.get(page)["Cache-Control"]
