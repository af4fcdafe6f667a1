"""Messages, notes, files and follow-ups."""

import errno
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile

from core.errors import InvalidInput, NotVisible, Refused
from tickets.models import Attachment, Message, Ticket, TicketEvent
from tickets.services import conversation, inputs, triage

pytestmark = pytest.mark.django_db


def upload(name: str = "captura.png", content: bytes = b"\x89PNG") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_a_public_message_of_the_desk_meets_the_reaction_and_with_a_date_the_attention(ticket, agent, now):
    row = conversation.reply(ticket, by=agent, message="Lo tenemos.")
    assert (row.reacted_at, row.attended_at) == (now, None)
    row = conversation.reply(ticket, by=agent, message="Queda hoy.", committed_for=now + timedelta(hours=3))
    assert (row.attended_at, row.committed_for) == (now, now + timedelta(hours=3))


def test_an_internal_note_meets_nothing_and_no_customer_sees_it_or_its_event(ticket, agent, representative):
    row = conversation.note(ticket, by=agent, message="El cliente está molesto.", files=[upload()])
    assert row.reacted_at is None
    assert list(Message.objects.visible_to(representative)) == []
    assert list(Attachment.objects.visible_to(representative)) == []
    assert [e.kind for e in TicketEvent.objects.visible_to(representative)] == ["receive"]
    assert Message.objects.visible_to(agent).count() == 1


def test_a_customer_promises_no_dates(ticket, requester, now):
    with pytest.raises(InvalidInput) as refused:
        conversation.reply(ticket, by=requester, message="Para mañana.", committed_for=now + timedelta(days=1))
    assert set(refused.value.errors) == {"committed_for"}


@pytest.mark.parametrize("days", [-1, 0, 800])
def test_a_promise_lies_ahead_and_within_reason(days, ticket, agent, now):
    with pytest.raises(InvalidInput):
        conversation.reply(ticket, by=agent, message="Queda.", committed_for=now + timedelta(days=days))
    assert Ticket.objects.get(pk=ticket.pk).version == 1


def test_a_consultant_of_another_group_does_not_even_see_the_ticket(ticket, other_consultant):
    with pytest.raises(NotVisible):
        conversation.reply(ticket, by=other_consultant, message="Hola")


def test_bpo_writes_notes_but_not_to_the_customer(ticket, bpo):
    conversation.note(ticket, by=bpo, message="Lo revisa BPO.")
    with pytest.raises(Refused, match="nota interna"):
        conversation.reply(ticket, by=bpo, message="Hola")


def test_files_are_kept_under_random_names_and_shown_under_clean_ones(ticket, requester):
    [kept] = conversation.attach(ticket, by=requester, files=[upload("../../etc/inf\u202eorme\u200b.pdf", b"abc")])
    assert (kept.name, kept.size) == ("informe.pdf", 3)
    assert "informe" not in str(kept.file.name)
    assert kept.file.read() == b"abc"
    kept.file.delete(save=False)


@pytest.mark.parametrize(
    ("uploads", "said"),
    [
        ([upload(content=b"")], "está vacío"),
        ([upload(f"{n}.png") for n in range(11)], "caben 10"),
        ([], "al menos un archivo"),
    ],
)
def test_unusable_files_are_named_and_nothing_is_kept(uploads, said, ticket, requester):
    with pytest.raises(InvalidInput, match=said):
        conversation.attach(ticket, by=requester, files=uploads)
    assert Attachment.objects.count() == 0


def test_a_file_over_25_megabytes_is_refused_by_name(ticket, requester):
    big = upload("enorme.zip")
    big.size = inputs.MAX_FILE_BYTES + 1
    with pytest.raises(InvalidInput, match=r"enorme\.zip"):
        conversation.reply(ticket, by=requester, message="Va.", files=[big])
    assert Message.objects.count() == 0


def test_a_terminal_ticket_takes_no_files(ticket, agent, requester):
    triage.reject(ticket, by=agent, reason="Falta el formato.")
    with pytest.raises(InvalidInput, match="seguimiento"):
        conversation.attach(ticket, by=requester, files=[upload()])


def test_the_follow_up_of_a_colleagues_ticket_stays_theirs_when_the_representative_comments(
    ticket, agent, representative, requester
):
    triage.reject(ticket, by=agent, reason="Falta el formato.")
    follow_up = conversation.reply(ticket, by=representative, message="Lo anexo.")
    assert (follow_up.requester, follow_up.follow_up_of) == (requester, ticket)


@pytest.mark.parametrize("body", ["", "   ", "\x00\x00", "x" * 50_001])
def test_an_empty_or_endless_message_names_the_field(body, ticket, requester):
    with pytest.raises(InvalidInput) as refused:
        conversation.reply(ticket, by=requester, message=body)
    assert set(refused.value.errors) == {"message"}


@pytest.mark.parametrize(
    ("original", "shown"),
    [
        (None, "archivo"),
        ("...", "archivo"),
        ("C:\\fakepath\\nómina.xlsx", "nómina.xlsx"),
        ("a" * 300 + ".pdf", "a" * 146 + ".pdf"),
        ("x\r\ny.txt", "xy.txt"),
    ],
)
def test_file_names_are_cleaned_before_they_are_shown(original, shown):
    assert inputs.file_name(original) == shown


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-12))])
def test_a_promise_at_the_end_of_time_is_too_far(ticket, agent, zone):
    last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=zone)
    with pytest.raises(InvalidInput) as refused:
        conversation.reply(ticket, by=agent, message="Queda.", committed_for=last)
    assert refused.value.code == "too_far"


class NoRoomForTwo(FileSystemStorage):
    """A disk that takes one file and no more."""

    def _save(self, name, content):
        if any(Path(self.location).rglob("*/*/*")):
            raise OSError(errno.ENOSPC, "No space left on device")
        return super()._save(name, content)  # type: ignore[misc]  # the stubs leave it out


def test_when_a_file_cannot_be_stored_none_is_and_the_input_is_named(ticket, requester, monkeypatch, tmp_path):
    monkeypatch.setattr(Attachment._meta.get_field("file"), "storage", NoRoomForTwo(tmp_path))
    with pytest.raises(InvalidInput) as refused:
        conversation.reply(ticket, by=requester, message="Van dos.", files=[upload("a.png"), upload("b.png")])
    assert (refused.value.code, set(refused.value.errors)) == ("not_stored", {"files"})
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert (Message.objects.count(), Attachment.objects.count()) == (0, 0)
