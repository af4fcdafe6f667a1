"""The work itself: start, wait for the user, wait for a vendor (guide 3.4.2, 3.4.3)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.files.base import File

from accounts.models import User
from core import clock
from core.errors import InvalidInput
from tickets.events import TicketStarted, UserAwaited, VendorAwaited
from tickets.models import Ticket
from tickets.services import conversation, door, inputs, promises


def start(
    ticket: Ticket,
    *,
    by: User,
    message: str = "",
    committed_for: datetime | None = None,
    commitment_reason: str = "",
    files: Sequence[File] = (),
    version: int | None = None,
    at: datetime | None = None,
) -> Ticket:
    """En Proceso, in the hands of `by`. While the attention is not met it needs a message to the user with the date promised for the
    solution (`committed_for`, aware), which meets it (guide 3.4.2). A date that changes the one given before needs `commitment_reason`,
    which the customer reads."""
    at = at or clock.now()
    with door.locked(ticket, version=version) as row:
        door.require(row, "start", by)
        first = row.attended_at is None
        errors: dict[str, str] = {}
        if (first or committed_for) and not message.strip():
            errors["message"] = "Escriba al usuario qué hará y cuánto tardará: con eso se cumple la atención."
        if first and committed_for is None:
            errors["committed_for"] = "Indique la fecha prometida de solución: con ella se cumple la atención."
        try:
            promise = promises.given(row, committed_for, commitment_reason, at=at)
        except InvalidInput as error:
            raise InvalidInput({**error.errors, **errors}, code="required" if errors else error.code) from error
        if errors:
            raise InvalidInput(errors, code="required")
        data: dict[str, Any] = {}
        saved = ["assignee", "started_at"]
        if message.strip():
            said = conversation.say(row, by=by, body=message, files=files, promise=promise, at=at)
            data = {"message": said.pk, **(promise.data if promise else {})}
            saved += conversation.SPOKEN
        row.assignee, row.started_at = by, at
        door.move(row, "start", by=by, at=at, event=TicketStarted, saved=saved, data=data)
        return row


def wait_for_user(
    ticket: Ticket,
    *,
    by: User,
    message: str,
    files: Sequence[File] = (),
    version: int | None = None,
    at: datetime | None = None,
) -> Ticket:
    """Pendiente por usuario. The message says what is needed; the attention clock pauses unless the contract says otherwise."""
    at = at or clock.now()
    with door.locked(ticket, version=version) as row:
        door.require(row, "wait_for_user", by)
        body = inputs.text(message, "message", "qué necesita del usuario")
        said = conversation.say(row, by=by, body=body, files=files, at=at)
        saved = conversation.SPOKEN
        door.move(row, "wait_for_user", by=by, at=at, event=UserAwaited, saved=saved, data={"message": said.pk})
        return row


def wait_for_vendor(
    ticket: Ticket,
    *,
    by: User,
    vendor: str,
    vendor_reference: str,
    version: int | None = None,
    at: datetime | None = None,
) -> Ticket:
    """Pendiente por proveedor: which one, and the reference that it gave."""
    at = at or clock.now()
    with door.locked(ticket, version=version) as row:
        door.require(row, "wait_for_vendor", by)
        row.vendor = inputs.line(vendor, "vendor", "el proveedor que se espera", longest=120)
        row.vendor_reference = inputs.line(
            vendor_reference, "vendor_reference", "la referencia que dio el proveedor", longest=100
        )
        data = {"vendor": row.vendor, "vendor_reference": row.vendor_reference}
        door.move(
            row, "wait_for_vendor", by=by, at=at, event=VendorAwaited, saved=["vendor", "vendor_reference"], data=data
        )
        return row
