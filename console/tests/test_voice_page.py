"""A complaint's or suggestion's working page: what it shows, the acts that the policy allows, stale forms, and who is kept out."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from channels.models import OutboundMessage
from console import voice_acts
from core import clock
from core.tasks import run_deliveries
from improvements.models import CorrectiveAction
from surveys.models import Voice, VoiceFile
from surveys.services import hearing, voices
from surveys.services.waiting import sweep

pytestmark = pytest.mark.django_db
LIST = "/admin/surveys/voice/"
HOW = "Lo dijo Lucía por teléfono, hoy a las 10:00."


@pytest.fixture(autouse=True)
def working_tuesday(now):
    return now


def page(voice: Voice) -> str:
    return reverse("admin:surveys_voice_change", args=[voice.pk])


def act(voice: Voice, name: str) -> str:
    return reverse("admin:surveys_voice_act", args=[voice.pk, name])


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def fresh(voice: Voice) -> Voice:
    return Voice.objects.get(pk=voice.pk)


def buttons(person, voice: Voice) -> set[str]:
    context = signed_in(person).get(page(voice)).context
    return {item["name"] for item in (*context["acts"], *context["rare"])}


def test_the_page_tells_what_was_said_by_whom_and_who_is_next(complaint, agent, requester):
    requester.phone = "55 1234 5678"
    requester.save()
    told = signed_in(agent).get(page(complaint)).content.decode()
    for text in (
        "Nadie contesta el teléfono",
        "Llamé tres veces el lunes",
        requester.email,
        "55 1234 5678",
        "Se avisó al nivel 1: Julio Bernal Ortiz",
        "se avisa al nivel 2: Marta Quiroga Vela (Director de Servicio al Cliente).",
        "Debe acusar recibo antes",
    ):
        assert text in told, text


def test_the_last_level_has_nobody_above(complaint, agent, requester):
    for _ in range(2):
        due = fresh(complaint).next_at
        assert due is not None
        with clock.at(due + timedelta(minutes=1)):
            sweep(clock.now())
            told = signed_in(agent).get(page(complaint)).content.decode()
    assert "Es el último nivel y dejó pasar su tiempo" in told
    assert "No acusó recibo a tiempo" in told
    assert "Vencida" in told


def test_a_level_that_let_both_times_pass_is_said_not_to_have_answered_by_the_second(complaint, agent):
    for _ in range(3):
        due = fresh(complaint).next_at
        assert due is not None
        with clock.at(due + timedelta(minutes=1)):
            sweep(clock.now())
            told = signed_in(agent).get(page(complaint)).content.decode()
    assert fresh(complaint).steps.get(level=2).acknowledged_at is None
    assert told.count("No acusó recibo a tiempo") == 1
    assert told.count("No respondió a tiempo") == 1


def test_it_goes_from_hand_to_hand_by_its_buttons(complaint, manager, agent, requester):
    client = signed_in(manager)
    for name, data, state in (
        ("acknowledge", {}, "acknowledged"),
        ("analyse", {}, "in_analysis"),
        ("answer", {"text": "Ya contestamos."}, "answered"),
        ("appeal", {"reason": HOW}, "in_analysis"),
        ("answer", {"text": "Ya de verdad."}, "answered"),
    ):
        assert client.get(act(complaint, name)).status_code == 200
        answer = client.post(act(complaint, name), {**data, "version": str(fresh(complaint).version)})
        assert answer["Location"] == page(complaint), name
        assert fresh(complaint).state == state
    # Whoever answered does not write down that the customer was content.
    assert "Usted la respondió" in client.get(act(complaint, "agree")).content.decode()
    data = {"reason": HOW, "version": str(fresh(complaint).version)}
    assert client.post(act(complaint, "agree"), data).status_code == 403
    assert signed_in(agent).post(act(complaint, "agree"), data)["Location"] == page(complaint)
    told = client.get(page(complaint)).content.decode()
    assert "Ya de verdad." in told
    assert f"{requester.full_name} quedó conforme con la respuesta (lo anotó {agent.full_name})" in told


def test_a_suggestion_is_answered_with_a_decision(suggestion, manager):
    client = signed_in(manager)
    assert "Qué se decidió" in client.get(act(suggestion, "answer")).content.decode()
    answer = client.post(act(suggestion, "answer"), {"text": "Va.", "version": suggestion.version})
    assert answer.status_code == 422
    assert 'id="acto-decision-error"' in answer.content.decode()
    assert "Va." in answer.content.decode()
    client.post(act(suggestion, "answer"), {"text": "Va.", "decision": "later", "version": suggestion.version})
    assert fresh(suggestion).decision == "later"
    assert "Se revisará más adelante" in client.get(page(suggestion)).content.decode()


def test_a_complaint_asks_for_no_decision(complaint, manager):
    assert "Qué se decidió" not in signed_in(manager).get(act(complaint, "answer")).content.decode()


def test_it_is_passed_to_another_area(complaint, agent):
    client = signed_in(agent)
    area = "Dirección de Operaciones|Infraestructura"
    assert f'value="{area}"' in client.get(act(complaint, "reroute")).content.decode()
    wrong = client.post(act(complaint, "reroute"), {"area": "X|Y", "reason": "Es suya", "version": complaint.version})
    assert (wrong.status_code, fresh(complaint).area) == (422, "Mesa de Servicio")
    client.post(act(complaint, "reroute"), {"area": area, "reason": "Es suya", "version": complaint.version})
    assert (fresh(complaint).direction, fresh(complaint).area) == tuple(area.split("|"))


def test_a_suggestion_is_shared_and_kept_to_itself_again(suggestion, supervisor, requester):
    client = signed_in(supervisor)
    named = {"subject": "Avisos", "body": f"Lo pidió {requester.full_name}", "version": suggestion.version}
    refused = client.post(act(suggestion, "share"), named)
    assert refused.status_code == 422
    assert "No mencione a" in refused.content.decode()
    client.post(act(suggestion, "share"), {**named, "body": "Que avisen por WhatsApp."})
    assert fresh(suggestion).is_shared
    client.post(act(suggestion, "unshare"), {"version": fresh(suggestion).version})
    assert not fresh(suggestion).is_shared


def test_a_corrective_action_is_opened_once_and_shown(complaint, supervisor):
    client = signed_in(supervisor)
    form = client.get(act(complaint, "open_action")).content.decode()
    assert 'value="Nadie contesta el teléfono"' in form
    data = {"title": "Turno de la mañana", "problem": "Nadie contesta.", "version": complaint.version}
    client.post(act(complaint, "open_action"), data)
    action = CorrectiveAction.objects.get()
    told = client.get(page(complaint)).content.decode()
    assert f"{action.number}: Turno de la mañana" in told
    assert f"/admin/improvements/correctiveaction/{action.pk}/change/" in told


def test_notes_stay_in_the_desk_and_comments_reach_the_customer(complaint, agent, requester):
    client = signed_in(agent)
    note = {"mode": "note", "text": "Falta personal los lunes.", "version": 1}
    assert client.post(act(complaint, "message"), note).status_code == 302
    file = SimpleUploadedFile("guardia.txt", b"lunes")
    comment = {"mode": "public", "text": "Lo revisamos.", "files": file, "version": fresh(complaint).version}
    assert client.post(act(complaint, "message"), comment).status_code == 302
    told = client.get(page(complaint)).content.decode()
    assert "Falta personal los lunes." in told
    assert "guardia.txt" in told
    assert dict(complaint.entries.values_list("kind", "is_public"))["note"] is False
    assert dict(complaint.entries.values_list("kind", "is_public"))["comment"] is True


@pytest.mark.parametrize("mode", ["", "todos"])
def test_nothing_is_said_without_choosing_who_reads_it(complaint, agent, mode):
    answer = signed_in(agent).post(act(complaint, "message"), {"mode": mode, "text": "Hola", "version": 2})
    assert answer.status_code == 422
    assert fresh(complaint).version == complaint.version


def test_what_changed_meanwhile_is_told_and_keeps_what_was_typed(complaint, agent, supervisor):
    seen = complaint.version
    voices.acknowledge(complaint, by=supervisor)
    answer = signed_in(agent).post(act(complaint, "answer"), {"text": "Ya contestamos.", "version": seen})
    told = answer.content.decode()
    assert answer.status_code == 409
    assert "Cambió mientras la tenía abierta" in told
    assert "Ya contestamos." in told
    assert [entry.body for entry in answer.context["news"]] == [f"{supervisor.full_name} acusó recibo"]
    assert fresh(complaint).state == "acknowledged"


@pytest.mark.parametrize("name", [*voice_acts.ACTS, "message"])
def test_no_get_does_anything(complaint, suggestion, supervisor, name):
    client = signed_in(supervisor)
    for voice in (complaint, suggestion):
        assert client.get(act(voice, name)).status_code in (200, 302, 409)
        assert fresh(voice).version == voice.version


@pytest.mark.parametrize("name", [*voice_acts.ACTS, "message"])
def test_a_form_from_elsewhere_does_nothing(complaint, supervisor, name):
    client = Client(enforce_csrf_checks=True)
    client.force_login(supervisor)
    data = {"text": "x", "reason": "x", "mode": "note", "version": complaint.version}
    assert client.post(act(complaint, name), data).status_code == 403
    assert fresh(complaint).version == complaint.version


WORKED = {"acknowledge", "analyse", "answer", "reroute", "open_action", "withdraw"}


@pytest.mark.parametrize(
    ("who", "offered"),
    [
        ("agent", WORKED),
        ("service_delivery", WORKED),
        ("supervisor", {*WORKED, "point_at"}),
        ("manager", {*WORKED, "point_at"}),
        ("director", {*WORKED, "point_at"}),
        ("bpo", set()),
        ("admin", set()),
    ],
)
def test_each_role_is_offered_what_it_may_do_and_refused_the_rest(complaint, who, offered, request):
    person = request.getfixturevalue(who)
    assert buttons(person, complaint) == offered
    client = signed_in(person)
    for name in voice_acts.ACTS:
        if name in offered:
            continue
        assert client.get(act(complaint, name)).status_code == 409
        answer = client.post(act(complaint, name), {"version": complaint.version, "reason": HOW, "text": "x"})
        assert answer.status_code in (403, 409), name
    assert fresh(complaint).version == complaint.version


def test_a_consultant_reads_what_they_wrote_down_and_no_other(complaint, consultant, requester, draft):
    client = signed_in(consultant)
    assert client.get(page(complaint)).status_code == 404
    own = hearing.receive(draft(author=requester), by=consultant, channel="phone")
    assert client.get(page(own)).status_code == 200
    assert buttons(consultant, own) == set()


def test_whoever_it_points_at_gets_the_answer_of_what_does_not_exist(
    ticket, requester, supervisor, manager, agent, draft, matrices
):
    file = SimpleUploadedFile("canario.txt", b"canario")
    words = {"subject": "Canario", "body": "Canario", "ticket": ticket, "files": [file], "author": requester}
    voice = hearing.receive(draft(**words, pointed_at=[agent, manager]), by=supervisor, channel="phone")
    voices.comment(voice, by=supervisor, text="Canario")
    action = voices.open_action(voice, by=supervisor, title="Canario")
    run_deliveries()
    stored = VoiceFile.objects.get()
    assert OutboundMessage.objects.filter(voice=voice).exists()
    for person in (agent, manager):
        client = signed_in(person)
        absent = client.get(f"{LIST}999999/change/")
        for address in (
            page(voice),
            *(act(voice, name) for name in (*voice_acts.ACTS, "message")),
            reverse("admin:surveys_voice_file", args=[stored.pk]),
            reverse("admin:improvements_correctiveaction_change", args=[action.pk]),
        ):
            assert client.get(address).status_code == 404, address
            assert client.post(address, {"text": "x", "version": voice.version}).status_code in (404, 405), address
        assert absent.status_code == 404
        for address in (
            LIST,
            f"{LIST}panorama/",
            reverse("admin:tickets_ticket_change", args=[ticket.number]),
            reverse("admin:channels_outboundmessage_changelist"),
            reverse("admin:core_alarm_changelist"),
            reverse("admin:improvements_correctiveaction_changelist"),
        ):
            answer = client.get(address)
            assert "Canario" not in answer.content.decode(), address
            assert voice.number not in answer.content.decode() or address.endswith("/alarm/"), address
        for message in OutboundMessage.objects.filter(voice=voice):
            shown = client.get(reverse("admin:channels_outboundmessage_change", args=[message.pk]), follow=True)
            assert "Canario" not in shown.content.decode()
    assert not OutboundMessage.objects.filter(voice=voice, recipient__in=[agent, manager]).exists()
    told = signed_in(supervisor).get(reverse("admin:tickets_ticket_change", args=[ticket.number])).content.decode()
    assert f"{voice.number}: Canario" in told
    assert signed_in(supervisor).get(reverse("admin:surveys_voice_file", args=[stored.pk])).status_code == 200


def test_pointing_at_oneself_leads_away(complaint, supervisor, director):
    client = signed_in(supervisor)
    form = client.get(act(complaint, "point_at")).content.decode()
    assert director.full_name in form
    data = {
        "pointed_at": [supervisor.pk, "x", "99999999999999999999"],
        "reason": "Fui yo",
        "version": complaint.version,
    }
    answer = client.post(act(complaint, "point_at"), data)
    assert answer["Location"] == LIST
    assert list(complaint.pointed_at.all()) == [supervisor]
    assert client.get(page(complaint)).status_code == 404
    assert "Señala a" in signed_in(director).get(page(complaint)).content.decode()


@pytest.mark.parametrize("who", ["requester", "representative", "outsider"])
def test_customers_never_enter(complaint, who, request):
    client = signed_in(request.getfixturevalue(who))
    for address in (page(complaint), act(complaint, "answer"), act(complaint, "message"), f"{LIST}archivo/1/"):
        assert client.get(address)["Location"].startswith("/admin/login/")
        assert client.post(address, {"text": "x"})["Location"].startswith("/admin/login/")
    assert fresh(complaint).version == complaint.version


@pytest.mark.parametrize("pk", ["0", "999999", "99999999999999999999", "-1", "QS000001"])
def test_hostile_ids_are_not_found(supervisor, matrices, pk):
    client = signed_in(supervisor)
    for address in (f"{LIST}{pk}/change/", f"{LIST}{pk}/answer/", f"{LIST}archivo/{pk}/"):
        assert client.get(address).status_code in (302, 404), address
        assert client.post(address, {"version": "9" * 30}).status_code in (302, 403, 404, 405), address


def test_an_act_that_is_none_is_not_found(complaint, supervisor):
    for name in ("vote", "delete", "close", "end"):
        assert signed_in(supervisor).post(act(complaint, name), {"version": complaint.version}).status_code == 404


def test_the_page_costs_the_same_however_long_the_story(client, agent, desk_group, complaint, supervisor):
    client.force_login(agent)
    client.get(page(complaint))
    with CaptureQueriesContext(connection) as short:
        client.get(page(complaint))
    for i in range(6):
        voices.comment(complaint, by=agent, text=f"Comentario {i}")
        voices.note(complaint, by=supervisor, text=f"Nota {i}")
    with CaptureQueriesContext(connection) as long:
        client.get(page(complaint))
    assert len(long) == len(short), "\n".join(q["sql"][:160] for q in long.captured_queries)
    assert len(short) == PAGE_QUERIES, "\n".join(q["sql"][:160] for q in short.captured_queries)


PAGE_QUERIES = 14
"""Session, person, their groups, the row, its levels, entries, files, actions, its right to be seen, whom it points at, standing (3), counts."""


def test_the_tickets_page_leads_to_a_complaint_about_it(client, agent, ticket):
    client.force_login(agent)
    told = client.get(reverse("admin:tickets_ticket_change", args=[ticket.number])).content.decode()
    assert f"/admin/surveys/voice/add/?solicitante={ticket.requester_id}&amp;ticket={ticket.number}" in told
