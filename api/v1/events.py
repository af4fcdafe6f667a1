"""`/tickets/{number}/events/`: a ticket's history; and `/events/`: the feed of every visible change, for incremental synchronisation."""

from collections.abc import Iterable, Mapping
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from api.pagination import PARAMETERS, Ordering, page_size, paginate
from api.v1.docs import NUMBER, PAGE_PARAMETERS, page_of
from api.v1.filters import identifier
from api.v1.shapes import Coded, Label, Moment, Ref, labels, moment, person
from api.views import ApiView, answer
from tickets.models import TicketEvent
from tickets.services import feed
from tickets.vocabulary import State

IN_ORDER = Ordering("sequence", "sequence")
_STATE = labels(State)
KIND_LABELS: Mapping[str, str] = {
    "receive": "Recibido",
    "register": "Registrado por la mesa",
    "open": "Abierto",
    "assign": "Asignado",
    "take": "Tomado",
    "start": "Trabajo iniciado",
    "wait_for_user": "En espera del usuario",
    "wait_for_vendor": "En espera del proveedor",
    "resume": "Reanudado",
    "solve": "Solucionado",
    "accept": "Solución aceptada",
    "refuse": "Solución rechazada",
    "remind": "Recordatorio de validación",
    "auto_close": "Cerrado sin validación del usuario",
    "reject": "Rechazado",
    "close_as_invalid": "Cerrado como inválido",
    "cancel": "Cancelado",
    "reclassify": "Reclasificado",
    "message": "Mensaje",
    "note": "Nota interna",
    "attach": "Archivo adjunto",
    "breach": "Tiempo incumplido",
    "breach_corrected": "Incumplimiento corregido",
    "escalate": "Escalado",
    "escalation_acknowledged": "Acuse de recibo del escalamiento",
    "escalation_answered": "Respuesta al escalamiento",
    "escalation_overdue": "Plazo de escalamiento vencido",
    "escalation_unreachable": "Nivel de escalamiento sin a quién avisar",
    "commitment_broken": "Fecha compromiso incumplida",
    "terms_applied": "Condiciones nuevas aplicadas",
    "calendar_applied": "Días inhábiles aplicados",
    "clocks_mended": "Tiempos vueltos a calcular",
}

TOLD_TO_CUSTOMERS = frozenset(
    {
        "title", "kind", "service_line", "impact", "urgency", "priority", "channel", "follow_up_of", "changes", "message",
        "committed_for", "solution_type", "validation_due_at", "closing_code", "cause", "duplicate_of", "group", "level",
        "stops_auto_close", "attachments", "names", "assignee", "note", "clock", "due_at", "was_due",
        "was_committed_for", "commitment_reason",
        "terms", "calendar", "clocks",
    }
)  # fmt: skip
TOLD_OF_ESCALATIONS = frozenset(
    {"matrix", "role", "name", "instead_of", "acknowledge_by", "answer_by", "who", "answer", "silent"}
)
REASONS_TOLD = frozenset(
    {"reject", "refuse", "cancel", "close_as_invalid", "reclassify", "terms_applied", "calendar_applied", "escalate"}
)
"""The guide has the customer read why in these; a reason for a change of group is the desk's own."""


class EventShape(serializers.Serializer[Any]):
    sequence = serializers.IntegerField()
    kind = serializers.CharField()
    kind_label = Label()
    at = Moment(null=False)
    actor = Ref()
    from_state = Coded(State, null=True)
    from_state_label = Label(null=True)
    to_state = Coded(State, null=True)
    to_state_label = Label(null=True)
    data = serializers.DictField()  # type: ignore[assignment]

    @staticmethod
    def of(row: TicketEvent, actor: User) -> dict[str, Any]:
        return {
            "sequence": row.sequence,
            "kind": row.kind,
            "kind_label": KIND_LABELS.get(row.kind, row.kind),
            "at": moment(row.at),
            "actor": person(row.actor),
            "from_state": row.from_state or None,
            "from_state_label": _STATE.get(row.from_state),
            "to_state": row.to_state or None,
            "to_state_label": _STATE.get(row.to_state),
            "data": row.data if actor.is_desk else _told(row),
        }


class FeedShape(EventShape):
    id = serializers.IntegerField(help_text="El lugar en el orden de los cambios: crece sin que nada se intercale.")
    ticket = serializers.CharField()


def _told(row: TicketEvent) -> dict[str, Any]:
    told = TOLD_TO_CUSTOMERS | (TOLD_OF_ESCALATIONS if row.kind.startswith("escalat") else frozenset())
    return {
        name: value
        for name, value in row.data.items()
        if name in told or (name == "reason" and row.kind in REASONS_TOLD)
    }


class Events(ApiView):
    accepts = {"GET": PARAMETERS}

    @extend_schema(
        operation_id="ticket_events_list",
        parameters=[NUMBER, *PAGE_PARAMETERS],
        responses=page_of("EventPage", EventShape),
    )
    def get(self, request: Request, number: str) -> Response:
        """La historia del ticket, del primer suceso al último."""
        ticket = self.ticket(number)
        rows = TicketEvent.objects.visible_to(self.actor).filter(ticket=ticket).select_related("actor")

        def present(found: Iterable[TicketEvent]) -> list[dict[str, Any]]:
            return [EventShape.of(row, self.actor) for row in found]

        return answer(paginate(rows, request, present, IN_ORDER), ticket)


class Feed(ApiView):
    accepts = {"GET": {"after", "page_size"}}

    @extend_schema(
        operation_id="events_feed",
        parameters=[
            OpenApiParameter(
                "after", OpenApiTypes.INT64, description="El `id` del último suceso ya leído; 0 al empezar."
            ),
            next(spec for spec in PAGE_PARAMETERS if spec.name == "page_size"),
        ],
        responses=inline_serializer(
            "FeedPage",
            {
                "results": FeedShape(many=True),
                "next_after": serializers.IntegerField(),
                "end_of_stream": serializers.BooleanField(),
            },
        ),
    )
    def get(self, request: Request) -> Response:
        """Los cambios que la persona puede ver, en orden y sin huecos. Repita con `after` = `next_after`."""
        after = identifier(request.query_params.get("after", "0"), "after")
        size = page_size(request)
        is_complete = feed.number_events()
        rows = TicketEvent.objects.visible_to(self.actor).select_related("actor", "ticket")
        found = list(rows.filter(position__gt=after).order_by("position")[: size + 1])
        has_more, found = len(found) > size, found[:size]
        results = [{"id": row.position, "ticket": row.ticket.number, **EventShape.of(row, self.actor)} for row in found]
        return answer(
            {
                "results": results,
                "next_after": found[-1].position if found else after,
                "end_of_stream": is_complete and not has_more,
            }
        )
