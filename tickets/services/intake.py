"""How a ticket comes to be (guide 2.1, 3.3, 3.4): received by itself as Nuevo, or registered by an agent as Abierto."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.base import File
from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from core import clock, events
from core.errors import InvalidInput, Refused
from core.text import fold
from customers import terms as terms_of
from customers.models import Environment, Service
from customers.terms import Standing
from tickets.events import TicketFact, TicketReceived, TicketRegistered
from tickets.models import CatalogItem, Message, Ticket
from tickets.services import classification, door, inputs, template
from tickets.vocabulary import Channel, Impact, Kind, ServiceLine, State, Urgency, Visibility


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What somebody reports. With a catalogue item, an empty kind, line, impact or urgency takes the item's."""

    title: str
    description: str
    kind: str = ""
    service_line: str = ""
    impact: str = ""
    urgency: str = ""
    catalog_item: CatalogItem | None = None
    fields: Mapping[str, Any] | None = None
    service: Service | None = None
    environment: Environment | None = None
    external_reference: str = ""
    files: Sequence[File] = ()


def receive(
    report: Report,
    *,
    by: User,
    channel: str,
    requester: User | None = None,
    follow_up_of: Ticket | None = None,
    at: datetime | None = None,
) -> Ticket:
    """A report that arrived by itself (e-mail, web, WhatsApp, API) becomes a ticket in Nuevo. Both clocks start at `at`.

    `by` is who sent it; `requester` (default `by`) whose ticket it is: a colleague only for a representative, anybody for the desk.
    Raises Refused without standing (valid user, contract in force) and InvalidInput naming the field at fault.
    """
    at = at or clock.now()
    requester = requester or by
    standing = terms_of.standing_of(requester.pk, at)
    _may_speak_for(by, requester, standing, at)
    with transaction.atomic():
        return _create(
            report,
            by=by,
            standing=standing,
            channel=channel,
            state=State.NEW,
            event=TicketReceived,
            at=at,
            follow_up_of=follow_up_of,
        )


def register(report: Report, *, by: User, requester: User, channel: str, at: datetime | None = None) -> Ticket:
    """A desk agent writes down what a valid user told them: the ticket is Abierto and the reaction is met (guide 3.4.3, 3.4.2)."""
    at = at or clock.now()
    if by.role not in (Role.AGENT, Role.SUPERVISOR):
        raise Refused("Registra tickets de un usuario un agente de la Mesa de Servicio.")
    standing = terms_of.standing_of(requester.pk, at)
    if channel == Channel.WHATSAPP and not standing.contract.whatsapp_authorised:
        raise InvalidInput({"channel": "El contrato de esta compañía no autoriza WhatsApp (guía 3.3.5)."})
    with transaction.atomic():
        return _create(
            report, by=by, standing=standing, channel=channel, state=State.OPEN, event=TicketRegistered, at=at
        )


def _may_speak_for(by: User, requester: User, standing: Standing, at: datetime) -> None:
    if by.pk == requester.pk or by.is_desk or by.role == Role.SYSTEM:
        return
    mine = terms_of.standing_of(by.pk, at)
    if by.role != Role.REPRESENTATIVE or mine.valid_user.company_id != standing.valid_user.company_id:
        raise InvalidInput({"requester": "Sólo puede levantar tickets a su nombre."}, code="not_allowed")


def _create(
    report: Report,
    *,
    by: User,
    standing: Standing,
    channel: str,
    state: State,
    event: type[TicketFact],
    at: datetime,
    follow_up_of: Ticket | None = None,
) -> Ticket:
    clean = _checked(report, standing)
    row = Ticket(
        state=state,
        company=standing.valid_user.company,
        contract=standing.contract,
        terms=standing.terms,
        requester=standing.valid_user.user,
        channel=channel,
        follow_up_of=follow_up_of,
        created_at=at,
        updated_at=at,
        reacted_at=at if state == State.OPEN else None,
        priority=classification.priority_for(standing.terms, impact=clean["impact"], urgency=clean["urgency"], at=at),
        folded_title=fold(clean["title"])[:400],
        **clean,
    )
    row.precedence = row.derive_precedence()
    entry = door.next_entry(
        row, "receive" if state == State.NEW else "register", by=by, at=at, data=_told(row), moved=("", state)
    )
    row.save(force_insert=True)
    entry.ticket = row
    entry.save(force_insert=True)
    uploads = inputs.files(report.files)
    if uploads:
        first = Message.objects.create(
            ticket=row,
            author=row.requester,
            visibility=Visibility.PUBLIC,
            channel=channel,
            body=row.description,
            created_at=at,
        )
        inputs.keep(uploads, row, by=by, at=at, message=first)
    events.publish(event(ticket_id=row.pk, entry_id=entry.pk, ticket=row, entry=entry))
    return row


def _told(row: Ticket) -> dict[str, Any]:
    data = {
        "title": row.title,
        "kind": row.kind,
        "service_line": row.service_line,
        "impact": row.impact,
        "urgency": row.urgency,
    }
    return {
        **data,
        "priority": row.priority,
        "channel": row.channel,
        "follow_up_of": row.follow_up_of and row.follow_up_of.number,
    }


def _checked(report: Report, standing: Standing) -> dict[str, Any]:
    """The report's fields, cleaned; every fault in one InvalidInput."""
    errors: dict[str, str] = {}
    clean: dict[str, Any] = {}
    for field, check in _CHECKS.items():
        try:
            clean[field] = check(report, standing)
        except InvalidInput as error:
            errors |= error.errors
    if errors:
        raise InvalidInput(errors)
    return clean


def _choice(field: str, label: str, choices: Any, from_item: str) -> Any:
    def check(report: Report, standing: Standing) -> str:
        value = getattr(report, field) or (getattr(report.catalog_item, from_item) if report.catalog_item else "")
        if value not in choices.values:
            raise InvalidInput({field: f"Elija {label}: {', '.join(choices.labels)}."}, code="invalid_choice")
        return str(value)

    return check


def _service(report: Report, standing: Standing) -> Service | None:
    service = report.service or (report.environment.service if report.environment else None)
    if service is not None and not standing.contract.services.filter(pk=service.pk).exists():
        raise InvalidInput(
            {"service": f"«{service}» no está en su contrato. Pida una cotización a su ejecutivo de cuenta."},
            code="not_contracted",
        )
    return service


def _environment(report: Report, standing: Standing) -> Environment | None:
    if report.environment is not None and report.environment.company_id != standing.valid_user.company_id:
        raise InvalidInput({"environment": "Ese ambiente no existe."}, code="not_found")
    return report.environment


def _item(report: Report, standing: Standing) -> CatalogItem | None:
    if report.catalog_item is not None and not report.catalog_item.is_active:
        raise InvalidInput({"catalog_item": "Ese servicio ya no está en el catálogo."}, code="not_found")
    return report.catalog_item


_CHECKS: dict[str, Any] = {
    "title": lambda report, standing: inputs.line(report.title, "title", "un título: qué falla y dónde"),
    "description": lambda report, standing: inputs.text(
        report.description, "description", "la descripción: qué hizo, qué esperaba y qué ocurrió"
    ),
    "kind": _choice("kind", "el tipo", Kind, "kind"),
    "service_line": _choice("service_line", "la línea de servicio", ServiceLine, "service_line"),
    "impact": _choice("impact", "a quién afecta", Impact, "default_impact"),
    "urgency": _choice("urgency", "si puede trabajar", Urgency, "default_urgency"),
    "external_reference": lambda report, standing: inputs.line(
        report.external_reference, "external_reference", "la referencia", required=False, longest=100
    ),
    "catalog_item": _item,
    "fields": lambda report, standing: template.answers(report.catalog_item, report.fields or {}),
    "service": _service,
    "environment": _environment,
}
