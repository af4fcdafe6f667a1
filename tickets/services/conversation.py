"""What is said on a ticket: the customer's answers, the desk's messages and internal notes, and files (guide 2.1, 3.4, 3.5)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.files.base import File

from accounts.models import User
from core import clock
from core.errors import InvalidInput
from tickets.events import FileAttached, MessagePosted, TicketResumed
from tickets.models import Attachment, Message, Ticket
from tickets.services import door, inputs, intake, promises
from tickets.services.promises import Promise
from tickets.vocabulary import Channel, State, Visibility

SPOKEN = ["reacted_at", "attended_at", "committed_for"]
"""The ticket's fields that `say` may set: save them with the change that it belongs to."""


def say(
    row: Ticket,
    *,
    by: User,
    body: str,
    at: datetime,
    visibility: str = Visibility.PUBLIC,
    channel: str = Channel.WEB,
    files: Sequence[File] = (),
    promise: Promise | None = None,
) -> Message:
    """Write a message on the locked row, and note on it (unsaved: SPOKEN) what the message meets.

    Any public message of the desk is a reaction; one that says when it will be solved is the attention too (guide 3.4.2). The caller
    puts the promise's `data` in the history event.
    """
    uploads = inputs.files(files)
    said = Message.objects.create(
        ticket=row,
        author=by,
        visibility=visibility,
        channel=channel,
        body=inputs.text(body, "message", "el mensaje"),
        committed_for=promise.due_at if promise else None,
        created_at=at,
    )
    inputs.keep(uploads, row, by=by, at=at, message=said)
    if by.is_desk and visibility == Visibility.PUBLIC:
        row.reacted_at = row.reacted_at or at
        if promise is not None:
            row.committed_for = promise.due_at
            row.attended_at = row.attended_at or at
    return said


def reply(
    ticket: Ticket,
    *,
    by: User,
    message: str,
    files: Sequence[File] = (),
    committed_for: datetime | None = None,
    commitment_reason: str = "",
    channel: str = Channel.WEB,
    version: int | None = None,
    at: datetime | None = None,
) -> Ticket:
    """A public message. From the customer it resumes what waited for them, stops the automatic close of what was solved, and opens a
    follow-up of what had ended; the ticket returned is the one that holds the message.

    The desk may promise in it when the ticket will be solved (`committed_for`, aware); a date that changes the one given before needs
    `commitment_reason`, which the customer reads.
    """
    at = at or clock.now()
    with door.locked(ticket, version=version) as row:
        door.require(row, "comment", by)
        if row.is_terminal and by.is_customer:
            return _follow_up(row, by=by, message=message, files=files, channel=channel, at=at)
        promises_something = committed_for is not None or commitment_reason.strip() != ""
        if promises_something and (by.is_customer or row.state == State.SOLVED or row.is_terminal):
            raise InvalidInput(
                {
                    "committed_for": "Sólo la Mesa de Servicio promete una fecha, y sólo mientras el ticket no está solucionado."
                }
            )
        if by.is_customer:
            return _answer(row, by=by, message=message, files=files, channel=channel, at=at)
        promise = promises.given(row, committed_for, commitment_reason, at=at)
        said = say(row, by=by, body=message, files=files, promise=promise, channel=channel, at=at)
        data = {"message": said.pk, **(promise.data if promise else {})}
        door.commit(row, "message", by=by, at=at, event=MessagePosted, saved=SPOKEN, data=data)
        return row


def _answer(row: Ticket, *, by: User, message: str, files: Sequence[File], channel: str, at: datetime) -> Ticket:
    said = say(row, by=by, body=message, files=files, channel=channel, at=at)
    data: dict[str, Any] = {"message": said.pk}
    if row.state == State.PENDING_USER:
        door.move(row, "resume", by=by, at=at, event=TicketResumed, data=data)
    elif row.state == State.SOLVED and row.validation_due_at is not None:
        # Guide 3.6: it closes by itself only without any answer. Validation is left to the desk's follow-up.
        row.validation_due_at = None
        door.commit(
            row,
            "message",
            by=by,
            at=at,
            event=MessagePosted,
            saved=["validation_due_at"],
            data={**data, "stops_auto_close": True},
        )
    else:
        door.commit(row, "message", by=by, at=at, event=MessagePosted, data=data)
    return row


def record_answer(
    ticket: Ticket, *, by: User, message: str, channel: str, version: int | None = None, at: datetime | None = None
) -> Ticket:
    """An agent writes down what the user answered by another medium (telephone, chat, WhatsApp): it resumes the work like their own."""
    at = at or clock.now()
    with door.locked(ticket, version=version) as row:
        door.require(row, "resume", by)
        body = inputs.text(message, "message", "qué contestó el usuario")
        said = Message.objects.create(
            ticket=row, author=row.requester, visibility=Visibility.PUBLIC, channel=channel, body=body, created_at=at
        )
        door.move(
            row, "resume", by=by, at=at, event=TicketResumed, data={"message": said.pk, "recorded_by": by.full_name}
        )
        return row


def _follow_up(row: Ticket, *, by: User, message: str, files: Sequence[File], channel: str, at: datetime) -> Ticket:
    """A comment on what has ended opens a new ticket linked to it; the old one stays as it was."""
    report = intake.Report(
        title=f"Seguimiento de {row.number}: {row.title}"[:200],
        description=inputs.text(message, "message", "el mensaje"),
        kind=row.kind,
        service_line=row.service_line,
        impact=row.impact,
        urgency=row.urgency,
        service=row.service,
        environment=row.environment,
        files=files,
    )
    return intake.receive(
        report,
        by=by,
        requester=row.requester if by.pk != row.requester_id else by,
        channel=channel,
        follow_up_of=row,
        at=at,
    )


def note(
    ticket: Ticket,
    *,
    by: User,
    message: str,
    files: Sequence[File] = (),
    version: int | None = None,
    at: datetime | None = None,
) -> Ticket:
    """An internal note: no customer ever sees it, nor its event."""
    at = at or clock.now()
    with door.locked(ticket, version=version) as row:
        door.require(row, "note", by)
        said = say(row, by=by, body=message, files=files, visibility=Visibility.INTERNAL, at=at)
        door.commit(row, "note", by=by, at=at, event=MessagePosted, data={"message": said.pk}, is_public=False)
        return row


def attach(
    ticket: Ticket, *, by: User, files: Sequence[File], version: int | None = None, at: datetime | None = None
) -> list[Attachment]:
    """Files on their own, without a message, while the ticket is alive."""
    at = at or clock.now()
    with door.locked(ticket, version=version) as row:
        door.require(row, "attach", by)
        if row.is_terminal:
            raise InvalidInput(
                {"files": "El ticket ya terminó. Escriba un comentario con el archivo y se abrirá uno de seguimiento."}
            )
        if not files:
            raise InvalidInput({"files": "Elija al menos un archivo."}, code="required")
        kept = inputs.keep(inputs.files(files), row, by=by, at=at)
        data = {"attachments": [a.pk for a in kept], "names": [a.name for a in kept]}
        door.commit(row, "attach", by=by, at=at, event=FileAttached, data=data)
        return kept
