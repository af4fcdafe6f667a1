"""The ticket's working page: the buttons are the policy's, each act is a service's, and a stale form loses nothing."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import clock
from servicedesk.testing import TUESDAY
from tickets import transitions
from tickets.models import Message, Ticket, TicketEvent
from tickets.services import conversation, intake, resolution, triage, work
from tickets.vocabulary import State, Visibility

pytestmark = pytest.mark.django_db
BUTTON = re.compile(r'data-act="(\w+)"')


@pytest.fixture(autouse=True)
def working_tuesday(now):
    return now


def page_of(ticket: Ticket) -> str:
    return reverse("admin:tickets_ticket_change", args=[ticket.number])


def act_of(ticket: Ticket, name: str) -> str:
    return reverse("admin:tickets_act", args=[ticket.number, name])


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


@pytest.fixture
def assigned(ticket, agent, group):
    triage.open(ticket, by=agent)
    return triage.assign(ticket, by=agent, group=group)


@pytest.fixture
def in_state(ticket, agent, consultant, group):
    """`in_state(State.X)`: the ticket, taken there by the services."""

    def take_to(state: str) -> Ticket:
        if state == State.NEW:
            return ticket
        if state == State.REJECTED:
            return triage.reject(ticket, by=agent, reason="Falta el formato.")
        row = triage.open(ticket, by=agent)
        if state == State.OPEN:
            return row
        row = triage.assign(ticket, by=agent, group=group)
        if state == State.IN_PROGRESS:
            row = work.start(row, by=consultant, message="Va.", committed_for=TUESDAY + timedelta(days=1))
        if state == State.PENDING_USER:
            row = work.wait_for_user(row, by=consultant, message="¿Me envía el XML?")
        if state == State.PENDING_VENDOR:
            row = work.wait_for_vendor(row, by=consultant, vendor="Enlaces", vendor_reference="E-1")
        if state in (State.SOLVED, State.CLOSED):
            row = resolution.solve(row, by=consultant, solution_type="definitive", solution="Listo.")
        if state == State.CLOSED:
            row = resolution.accept(row, by=agent, note="Lo dijo por teléfono.")
        return row

    return take_to


ROLES = ("agent", "consultant", "supervisor", "manager", "bpo", "admin")
STATES = [s for s in State.values if s != State.CANCELLED]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", ROLES)
def test_the_buttons_are_exactly_those_of_the_policy(role, state, request, client, in_state):
    person, row = request.getfixturevalue(role), in_state(state)
    client.force_login(person)
    page = client.get(page_of(row))
    visible = Ticket.objects.visible_to(person).filter(pk=row.pk).exists()
    assert page.status_code == (200 if visible else 404)
    if visible:
        expected = {spec.name for spec in transitions.available(fresh(row), person)}
        assert set(BUTTON.findall(page.content.decode())) == expected


def test_a_consultant_sees_only_the_tickets_of_their_groups(client, assigned, other_consultant, consultant):
    client.force_login(other_consultant)
    assert client.get(page_of(assigned)).status_code == 404
    assert client.post(act_of(assigned, "solve"), {"version": assigned.version}).status_code == 404
    client.force_login(consultant)
    assert client.get(page_of(assigned)).status_code == 200


def test_opening_meets_the_reaction_and_writes_one_event(client, agent, ticket):
    client.force_login(agent)
    response = client.post(act_of(ticket, "open"), {"version": ticket.version})
    assert response.status_code == 302
    row = fresh(ticket)
    assert (row.state, row.reacted_at) == (State.OPEN, TUESDAY)
    assert list(TicketEvent.objects.filter(ticket=ticket).values_list("kind", flat=True)) == ["receive", "open"]


def test_starting_reads_the_promise_on_the_persons_own_clock(client, consultant, assigned):
    client.force_login(consultant)
    data = {"version": assigned.version, "message": "Lo veo.", "committed_for": "2026-03-11T18:30"}
    assert client.post(act_of(assigned, "start"), data).status_code == 302
    row = fresh(assigned)
    assert (row.state, row.assignee) == (State.IN_PROGRESS, consultant)
    assert row.committed_for.isoformat() == "2026-03-12T00:30:00+00:00"


def test_a_refused_form_keeps_what_was_typed_and_names_the_field(client, consultant, assigned):
    client.force_login(consultant)
    data = {"version": assigned.version, "message": "Lo reviso hoy mismo.", "committed_for": ""}
    page = client.post(act_of(assigned, "start"), data)
    text = page.content.decode()
    assert page.status_code == 422
    assert "Lo reviso hoy mismo." in text
    assert re.search(r'id="acto-committed_for-error".*?Falta «Solución prometida»', text, re.S)
    assert fresh(assigned).state == State.ASSIGNED


def promise_form(row, **changes):
    data = {
        "mode": "public",
        "message": "Tarda más de lo que dije.",
        "committed_for": "2026-03-12T18:30",
        "commitment_reason": "",
    }
    return {**data, "version": fresh(row).version, **changes}


def test_the_first_date_asks_for_no_reason_and_the_next_one_does(client, agent, assigned):
    client.force_login(agent)
    before = client.get(page_of(assigned)).content.decode()
    assert 'name="committed_for"' in before
    assert 'name="commitment_reason"' not in before
    assert "Cambiar la fecha" not in before
    conversation.reply(assigned, by=agent, message="Queda.", committed_for=TUESDAY + timedelta(hours=3))
    page = client.get(page_of(assigned)).content.decode()
    assert re.search(r'<details class="sd-more" data-public-only>\s*<summary>Cambiar la fecha prometida', page)
    assert 'name="commitment_reason"' in page
    assert 'href="#mensaje-committed_for"' in page
    assert "Ya se prometió hoy 13:00." in page


def test_a_change_without_its_reason_comes_back_open_with_all_that_was_typed(client, agent, assigned):
    conversation.reply(assigned, by=agent, message="Queda.", committed_for=TUESDAY + timedelta(hours=3))
    client.force_login(agent)
    answer = client.post(act_of(assigned, "message"), promise_form(assigned))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Tarda más de lo que dije.</textarea>" in page
    assert 'value="2026-03-12T18:30"' in page
    assert re.search(r'<details class="sd-more" data-public-only open>', page)
    assert re.search(r'id="mensaje-commitment_reason-error".*?Escriba por qué cambia la fecha prometida', page, re.S)
    assert fresh(assigned).committed_for == TUESDAY + timedelta(hours=3)
    sent = promise_form(assigned, commitment_reason="Falta la pieza.")
    assert client.post(act_of(assigned, "message"), sent).status_code == 302
    assert fresh(assigned).committed_for.isoformat() == "2026-03-13T00:30:00+00:00"


def test_a_reason_written_while_the_ticket_was_solved_is_not_lost(client, agent, consultant, assigned):
    conversation.reply(assigned, by=agent, message="Queda.", committed_for=TUESDAY + timedelta(hours=3))
    sent = promise_form(assigned, commitment_reason="Falta la pieza.")
    resolution.solve(assigned, by=consultant, solution_type="definitive", solution="Listo.")
    client.force_login(agent)
    page = client.post(act_of(assigned, "message"), sent).content.decode()
    assert "Falta la pieza.</textarea>" in page
    assert "Tarda más de lo que dije.</textarea>" in page


def test_starting_again_asks_for_the_reason_of_another_date(client, agent, consultant, assigned):
    conversation.reply(assigned, by=agent, message="Queda.", committed_for=TUESDAY + timedelta(hours=3))
    client.force_login(consultant)
    page = client.get(act_of(assigned, "start")).content.decode()
    assert 'id="acto-commitment_reason"' in page
    assert page.count("Ya se prometió hoy 13:00.") == 2
    data = {"version": fresh(assigned).version, "message": "Tarda.", "committed_for": "2026-03-12T18:30"}
    answer = client.post(act_of(assigned, "start"), data)
    assert answer.status_code == 422
    assert 'id="acto-commitment_reason-error"' in answer.content.decode()


def test_the_page_says_how_the_promise_stands(client, agent, consultant, assigned):
    conversation.reply(assigned, by=agent, message="Queda.", committed_for=TUESDAY + timedelta(hours=3))
    client.force_login(agent)
    page = client.get(page_of(assigned)).content.decode()
    assert "Vence hoy" in page
    assert "La prometió Daniela Ríos Paz, hoy 10:00" in page
    assert "Fechas anteriores" not in page
    with clock.at(TUESDAY + timedelta(hours=1)):
        client.post(act_of(assigned, "message"), promise_form(assigned, commitment_reason="<b>Falta</b> la pieza."))
        page = client.get(page_of(assigned)).content.decode()
    assert "Vigente" in page
    assert "La cambió Daniela Ríos Paz, hoy 11:00" in page
    assert re.search(
        r"Fechas anteriores \(1\).*?<dt>hoy 13:00</dt>\s*<dd[^>]*>Renegociada hoy 11:00<br>"
        r'<span class="sd-mute">&lt;b&gt;Falta&lt;/b&gt; la pieza.',
        page,
        re.S,
    )


def test_a_stale_form_shows_what_happened_and_keeps_the_text(client, consultant, assigned, requester):
    client.force_login(consultant)
    seen = assigned.version
    with clock.at(TUESDAY + timedelta(minutes=5)):
        conversation.reply(assigned, by=requester, message="Ya se arregló solo.")
        data = {"version": seen, "solution_type": "definitive", "solution": "Se reinició el timbrado."}
        page = client.post(act_of(assigned, "solve"), data)
        text = page.content.decode()
        assert page.status_code == 409
        assert "El ticket cambió mientras lo tenía abierto" in text
        assert "escribió un mensaje" in text
        assert "Se reinició el timbrado." in text
        assert fresh(assigned).state == State.ASSIGNED
        again = {**data, "version": re.search(r'name="version" value="(\d+)"', text)[1]}
        assert client.post(act_of(assigned, "solve"), again).status_code == 302
    assert fresh(assigned).state == State.SOLVED


def test_a_form_without_its_version_is_stale(client, agent, ticket):
    client.force_login(agent)
    assert client.post(act_of(ticket, "open"), {}).status_code == 409
    assert fresh(ticket).state == State.NEW


def test_an_act_that_the_policy_denies_says_why_and_does_nothing(client, bpo, ticket):
    client.force_login(bpo)
    page = client.post(act_of(ticket, "open"), {"version": ticket.version})
    assert page.status_code == 403
    assert "Lo hace un agente de la Mesa de Servicio." in page.content.decode()
    assert fresh(ticket).state == State.NEW


def test_forged_admin_posts_reach_no_model_form(client, admin, agent, ticket):
    """No add, change, delete, list edit or action of the admin exists for tickets."""
    forged = {"state": "closed", "priority": "low", "company": 1, "_save": "1", "form-0-state": "closed", "version": 1}
    before = Ticket.objects.values().get(pk=ticket.pk)
    for person in (admin, agent):
        client.force_login(person)
        assert client.post(page_of(ticket), forged).status_code == 405
        queue = reverse("admin:tickets_ticket_changelist")
        assert (
            client.post(queue, {"action": "delete_selected", "_selected_action": ticket.pk, **forged}).status_code
            == 405
        )
        for name in ("delete", "history", "close", "auto_close", "__init__"):
            assert client.post(act_of(ticket, name), forged).status_code in (403, 404, 409), name
    assert Ticket.objects.values().get(pk=ticket.pk) == before


def test_acts_need_the_csrf_token(agent, ticket):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(agent)
    assert strict.post(act_of(ticket, "open"), {"version": ticket.version}).status_code == 403
    assert fresh(ticket).state == State.NEW


def test_a_note_stays_inside_and_an_answer_goes_out(client, agent, ticket, requester):
    client.force_login(agent)
    send = act_of(ticket, "message")
    note = {"mode": "note", "message": "Posible certificado vencido.", "version": ticket.version}
    assert client.post(send, note).status_code == 302
    answer = {"mode": "public", "message": "Ya lo revisamos.", "version": fresh(ticket).version}
    assert client.post(send, answer).status_code == 302
    assert list(Message.objects.filter(ticket=ticket).values_list("visibility", flat=True)) == ["internal", "public"]
    page = client.get(page_of(ticket)).content.decode()
    assert 'data-kind="note"' in page
    assert "Nota interna, el cliente no la ve" in page
    assert not Message.objects.visible_to(requester).filter(visibility=Visibility.INTERNAL).exists()


def test_a_message_of_any_other_mode_is_never_published(client, agent, ticket):
    client.force_login(agent)
    send = act_of(ticket, "message")
    client.post(send, {"mode": "", "message": "¿Nota o respuesta?", "version": ticket.version})
    assert Message.objects.filter(ticket=ticket).count() == 0


def test_taking_makes_it_ones_own(client, consultant, assigned):
    client.force_login(consultant)
    assert client.post(act_of(assigned, "take"), {"version": assigned.version}).status_code == 302
    row = fresh(assigned)
    assert (row.assignee, row.state) == (consultant, State.ASSIGNED)


def test_reclassifying_derives_the_priority_again(client, agent, ticket):
    client.force_login(agent)
    form = client.get(act_of(ticket, "reclassify")).content.decode()
    assert 'name="impact"' in form
    data = {
        "version": ticket.version,
        "kind": ticket.kind,
        "service_line": ticket.service_line,
        "impact": "extensive",
        "urgency": "critical",
        "title": ticket.title,
        "reason": "Afecta a toda la compañía.",
    }
    assert client.post(act_of(ticket, "reclassify"), data).status_code == 302
    assert fresh(ticket).priority == "critical"


def test_hostile_text_is_shown_as_text(client, agent, requester, report):
    hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'{{ 7*7 }}"
    row = intake.receive(report(title=hostile, description=hostile), by=requester, channel="web")
    conversation.reply(row, by=requester, message=hostile)
    client.force_login(agent)
    for address in (page_of(row), reverse("admin:tickets_ticket_changelist"), act_of(row, "open")):
        text = client.get(address).content.decode()
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "&lt;script&gt;alert(1)" in text


def test_files_are_handed_out_only_to_who_may_see_them(
    client, agent, other_consultant, ticket, requester, settings, tmp_path
):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }
    upload = SimpleUploadedFile("bitácora.html", b"<script>alert(1)</script>", "text/html")
    kept = conversation.attach(ticket, by=requester, files=[upload])[0]
    address = reverse("admin:tickets_attachment", args=[kept.pk])
    client.force_login(agent)
    response = client.get(address)
    assert b"".join(response.streaming_content) == b"<script>alert(1)</script>"
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    client.force_login(other_consultant)
    assert client.get(address).status_code == 404


def test_the_page_costs_the_same_whatever_the_ticket_holds(client, agent, ticket, requester):
    client.force_login(agent)
    client.get(page_of(ticket))
    with CaptureQueriesContext(connection) as short:
        client.get(page_of(ticket))
    for i in range(6):
        conversation.reply(ticket, by=requester, message=f"Mensaje {i}")
        conversation.note(ticket, by=agent, message=f"Nota {i}")
    with CaptureQueriesContext(connection) as long:
        client.get(page_of(ticket))
    assert len(long) == len(short)
    assert len(short) == PAGE_QUERIES, "\n".join(q["sql"][:160] for q in short.captured_queries)


PAGE_QUERIES = 18
"""Session, person, their groups, ticket, story (3), look-alikes, links, standing (3), escalation, clocks and pauses, complaints, actions,
the sidebar's counts."""
