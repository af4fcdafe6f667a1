"""The story of a ticket as each reader sees it."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core import clock
from tickets.narrative import narrate
from tickets.services import conversation, ending, intake, resolution, triage, work

pytestmark = pytest.mark.django_db


def story(ticket, viewer):
    ticket.refresh_from_db()
    return narrate(
        ticket, viewer, file_url=lambda row: f"/archivos/{row.pk}/", ticket_url=lambda number: f"/t/{number}/"
    )


def lines(ticket, viewer):
    return [
        (entry.kind, entry.by, f"{entry.who} {entry.html or entry.body}".strip()) for entry in story(ticket, viewer)
    ]


def png(name="captura.png"):
    return SimpleUploadedFile(name, b"\x89PNG", content_type="image/png")


def test_the_requester_reads_messages_and_public_changes_oldest_first(ticket, agent, consultant, group, requester, now):
    triage.open(ticket, by=agent)
    triage.assign(ticket, by=agent, group=group)
    work.start(ticket, by=consultant, message="Lo reviso.", committed_for=now + timedelta(hours=5))
    work.wait_for_user(ticket, by=consultant, message="¿Me envía el XML?")
    conversation.reply(ticket, by=requester, message="Va adjunto.")
    resolution.solve(ticket, by=consultant, solution_type="definitive", solution="Se corrigió.")
    assert lines(ticket, requester) == [
        ("message", "me", f"Usted {ticket.description}"),
        ("event", "desk", "Daniela Ríos Paz confirmó el ticket: <b>Abierto</b>, listo para atenderse"),
        ("event", "desk", "Asignado a <b>Nómina</b>"),
        (
            "message",
            "desk",
            "Óscar Villanueva Sáenz <p>Lo reviso.</p><p><b>Solución prometida: hoy 15:00.</b></p>",
        ),
        ("event", "desk", "<b>En Proceso</b>"),
        ("message", "desk", "Óscar Villanueva Sáenz ¿Me envía el XML?"),
        ("event", "desk", "<b>Pendiente por usuario</b>"),
        ("message", "me", "Usted Va adjunto."),
        ("event", "me", "<b>En Proceso</b>"),
        ("solution", "desk", "Óscar Villanueva Sáenz Se corrigió."),
    ]


def test_internal_notes_and_the_reasons_of_the_desk_are_for_the_desk_only(ticket, agent, consultant, group, requester):
    triage.open(ticket, by=agent)
    triage.assign(ticket, by=agent, group=group)
    conversation.note(ticket, by=agent, message="Cliente sensible.", files=[png("interna.png")])
    triage.assign(ticket, by=agent, group=group, reason="Rebota entre áreas.")
    desk, customer = repr(story(ticket, agent)), repr(story(ticket, requester))
    for secret in ("Cliente sensible.", "interna.png", "Rebota entre áreas."):
        assert secret in desk
        assert secret not in customer


def test_files_stand_with_the_message_that_brought_them(requester, report, now):
    ticket = intake.receive(report(files=[png()]), by=requester, channel="web")
    conversation.reply(ticket, by=requester, message="Otra.", files=[png("otra.png")])
    conversation.attach(ticket, by=requester, files=[png("suelta.png"), png("suelta2.png")])
    entries = story(ticket, requester)
    assert [[file.name for file in entry.files] for entry in entries] == [
        ["captura.png"],
        ["otra.png"],
        ["suelta.png", "suelta2.png"],
    ]
    assert entries[2].body == "Adjuntó 2 archivos."
    assert entries[0].files[0].href.startswith("/archivos/")


def test_what_people_typed_is_escaped_in_every_sentence(ticket, agent, requester):
    evil = "<script>alert(1)</script>"
    agent.full_name = evil
    agent.save(update_fields=["full_name"])
    work_done = clock.now() + timedelta(hours=1)
    triage.open(ticket, by=agent)
    triage.reclassify(ticket, by=agent, reason=evil, changes={"title": evil, "impact": "minor", "is_major": True})
    triage.reclassify(ticket, by=agent, reason=evil, changes={"title": "Otro"})
    conversation.reply(ticket, by=agent, message=evil, committed_for=work_done)
    ending.cancel(ticket, by=agent, reason=evil)
    for viewer in (agent, requester):
        assert not any("<script>" in entry.html for entry in story(ticket, viewer))


def test_a_changed_date_is_told_with_the_one_before_and_the_reason(ticket, agent, requester, now):
    reason = "Falta la pieza.\n<b>Llega mañana.</b>"
    conversation.reply(ticket, by=agent, message="Queda hoy.", committed_for=now + timedelta(hours=3))
    conversation.reply(
        ticket, by=agent, message="Tarda.", committed_for=now + timedelta(days=1), commitment_reason=reason
    )
    first, second = (entry.html for entry in story(ticket, requester) if entry.html)
    assert first == "<p>Queda hoy.</p><p><b>Solución prometida: hoy 13:00.</b></p>"
    assert second == (
        "<p>Tarda.</p><p><b>Nueva fecha de solución: mañana, miércoles 11 de marzo, 10:00.</b> Antes: hoy 13:00.</p>"
        "<p>Motivo del cambio: Falta la pieza.<br>&lt;b&gt;Llega mañana.&lt;/b&gt;</p>"
    )


def test_a_reclassification_says_what_changed_in_the_words_of_the_guide(ticket, agent, requester):
    triage.reclassify(ticket, by=agent, reason="Sólo afecta a una persona.", changes={"impact": "minor"})
    entry = story(ticket, requester)[-1]
    assert entry.html == "reclasificó el ticket: impacto de Moderado a <b>Menor</b>; prioridad de Alta a <b>Media</b>"
    assert entry.note == "Sólo afecta a una persona."


def test_a_follow_up_links_to_the_ticket_it_follows(ticket, agent, requester):
    triage.reject(ticket, by=agent, reason="Falta el formato.")
    follow_up = conversation.reply(ticket, by=requester, message="Ya lo tengo.")
    assert story(follow_up, requester)[1].html == (
        f'Es el seguimiento de <a href="/t/{ticket.number}/">{ticket.number}</a>'
    )


def test_a_stranger_reads_nothing(ticket, agent, outsider, colleague):
    triage.open(ticket, by=agent)
    conversation.reply(ticket, by=agent, message="Hola.")
    for viewer in (outsider, colleague):
        assert story(ticket, viewer) == []


@pytest.mark.parametrize("rounds", [1, 3])
def test_the_story_costs_three_queries_however_long(ticket, agent, requester, rounds, django_assert_num_queries):
    triage.open(ticket, by=agent)
    for _ in range(rounds):
        conversation.reply(ticket, by=requester, message="Hola.", files=[png()])
    ticket.refresh_from_db()
    ticket.requester, ticket.terms  # noqa: B018 (a front end has them loaded)
    requester.__dict__.pop("_company_id", None)
    with django_assert_num_queries(4):  # the reader's company, asked once per person, and the three
        narrate(ticket, requester, file_url=lambda row: "")
