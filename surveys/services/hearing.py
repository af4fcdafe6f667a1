"""How a complaint or suggestion comes to be (guide 2.2, 3.13): written in the portal, or by the desk for whoever called or wrote."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.base import File
from django.db import transaction

from accounts import trail
from accounts.models import User
from accounts.roles import Role
from core import clock, events
from core.errors import InvalidInput
from customers import terms as terms_of
from customers.terms import Standing
from surveys import people, policy, routing
from surveys.events import VoiceReceived
from surveys.models import Voice, VoiceFile
from surveys.services import telling
from surveys.vocabulary import StepCause, VoiceKind
from tickets.models import Ticket
from tickets.services import inputs
from tickets.vocabulary import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody has to say. `author` is the valid user it comes from; empty: whoever sends it. `pointed_at` are people of the desk."""

    kind: str
    subject: str
    body: str
    direction: str = ""
    area: str = ""
    author: User | None = None
    ticket: Ticket | None = None
    pointed_at: Sequence[User] = ()
    files: Sequence[File] = ()


def receive(draft: Draft, *, by: User, channel: str, at: datetime | None = None) -> Voice:
    """Register it, and tell the first level of its direction and area. Without a matrix in force an alarm sounds instead.

    Raises Refused when the author is no valid user of a company with a contract in force (guide 3.3), and InvalidInput naming every
    field at fault: a customer writes in their own name (a representative in their company's), about a ticket that the author may see, and
    points at nobody but those who worked on it.
    """
    at = at or clock.now()
    author = draft.author or by
    standing = terms_of.standing_of(author.pk, at)
    _may_speak_for(by, author, standing, at)
    clean = _checked(draft, standing, by, channel, at)
    uploads, pointed_at = clean.pop("files"), clean.pop("pointed_at")
    row = Voice(
        company=standing.valid_user.company,
        author=standing.valid_user.user,
        recorded_by=by,
        matrix_id=_matrix_id(clean["levels"], at),
        **clean,
    )
    with transaction.atomic():
        names = [inputs.file_name(upload.name) for upload in uploads]
        entry = trail.begin(row, "receive", by=by, at=at, data=_told(row, names))
        row.pointed_at.set(pointed_at)
        inputs.store(uploads, lambda **values: VoiceFile(row=row, **values), by=by, at=at)
        events.publish(VoiceReceived(voice_id=row.pk, entry_id=entry.pk))
        start = min((level["level"] for level in row.levels), default=0)
        telling.tell(row, start=start, cause=StepCause.RECEIVED, at=at)
    return row


def _may_speak_for(by: User, author: User, standing: Standing, at: datetime) -> None:
    if by.pk == author.pk or by.role == Role.SYSTEM or policy.may_record(by):
        return
    mine = terms_of.standing_of(by.pk, at)
    if by.role != Role.REPRESENTATIVE or mine.valid_user.company_id != standing.valid_user.company_id:
        raise InvalidInput({"author": "Sólo puede registrar quejas y sugerencias a su nombre."}, code="not_allowed")


def _matrix_id(levels: Sequence[Any], at: datetime) -> int | None:
    published = routing.matrix(at) if levels else None
    return published.matrix_id if published else None


def _told(row: Voice, files: Sequence[str]) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "subject": row.subject,
        "direction": row.direction,
        "area": row.area,
        "channel": row.channel,
        "ticket": row.ticket.number if row.ticket else "",
        "files": list(files),
    }


def _checked(draft: Draft, standing: Standing, by: User, channel: str, at: datetime) -> dict[str, Any]:
    """The draft's fields, cleaned; every fault in one InvalidInput."""
    checks: dict[str, Callable[[], Any]] = {
        "kind": lambda: _kind(draft.kind),
        "channel": lambda: _channel(channel, by, standing),
        "subject": lambda: inputs.line(draft.subject, "subject", "el asunto: de qué se trata, en pocas palabras"),
        "body": lambda: inputs.text(draft.body, "body", "qué pasó o qué propone"),
        "area": lambda: place(draft.direction, draft.area, at),
        "ticket": lambda: _ticket(draft.ticket, standing),
        "pointed_at": lambda: people.checked(draft.pointed_at, by=by, ticket=draft.ticket),
        "files": lambda: inputs.files(draft.files),
    }
    errors: dict[str, str] = {}
    clean: dict[str, Any] = {}
    for field, check in checks.items():
        try:
            clean[field] = check()
        except InvalidInput as error:
            errors |= error.errors
    if errors:
        raise InvalidInput(errors)
    clean["direction"], clean["area"], clean["levels"] = clean["area"]
    return clean


def place(direction: str, area: str, at: datetime) -> tuple[str, str, list[routing.Level]]:
    """The direction, the area and their way up; no way up without a matrix in force. Raises InvalidInput for an area that is not in it."""
    published = routing.matrix(at)
    direction = inputs.line(direction, "direction", "la dirección", required=False, longest=120)
    area = inputs.line(area, "area", "el área", required=False, longest=120)
    if published is None:
        return direction, area, []
    levels = routing.route(published, direction, area)
    if not levels:
        raise InvalidInput({"area": "Elija a qué área se dirige."}, code="invalid_choice")
    return direction, area, levels


def _kind(kind: str) -> str:
    if kind not in VoiceKind.values:
        raise InvalidInput({"kind": "Elija si es una queja o una sugerencia."}, code="invalid_choice")
    return kind


def _channel(channel: str, by: User, standing: Standing) -> str:
    if channel not in Channel.values:
        raise InvalidInput({"channel": "Elija por qué medio llegó."}, code="invalid_choice")
    if channel == Channel.WHATSAPP and not standing.contract.whatsapp_authorised:
        raise InvalidInput({"channel": "El contrato de esta compañía no autoriza WhatsApp (guía 3.3.5)."})
    return channel


def _ticket(ticket: Ticket | None, standing: Standing) -> Ticket | None:
    """The author's to see; and of the same company, which somebody who changed company would otherwise carry over."""
    if ticket is None:
        return None
    seen = Ticket.objects.visible_to(standing.valid_user.user).filter(pk=ticket.pk, company=standing.valid_user.company)
    if not seen.exists():
        raise InvalidInput({"ticket": "Ese ticket no existe entre los de quien la presenta."}, code="not_found")
    return ticket
