"""`/tickets/{number}/sla/`: a ticket's clocks and the ledger that explains each; `/sla/preview/`: what the desk would promise."""

from typing import Any

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.scopes import Scope
from api.v1.docs import IDEMPOTENCY_KEY, NUMBER
from api.v1.shapes import Coded, Label, Moment, Ref, labels
from api.views import ApiView, answer
from core import clock
from sla.preview import preview
from sla.queries import clock_facts, commitment_facts
from sla.vocabulary import Basis, ClockKind, ClockState, CommitmentState, PauseCause
from tickets.vocabulary import Impact, Kind, Priority, ServiceLine, Urgency

_PRIORITY = labels(Priority)


class LedgerRowShape(serializers.Serializer[Any]):
    """`from` y `to` delimitan el tramo; `counted_seconds`, lo que corrió en él."""

    reason = serializers.ChoiceField(choices=["counted", "closed", "paused", "late"])
    what = serializers.CharField()
    calendar = serializers.CharField(allow_blank=True)
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    cause = serializers.ChoiceField(choices=PauseCause.choices, allow_blank=True)
    to = Moment()
    counted_seconds = serializers.IntegerField()

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "from": Moment(null=False)}


class LedgerShape(serializers.Serializer[Any]):
    clock = Coded(Basis)
    time_zone = serializers.CharField(help_text="Zona horaria en la que se cuentan los horarios.")
    rows = LedgerRowShape(many=True)
    total_seconds = serializers.IntegerField()
    target_seconds = serializers.IntegerField()
    left_seconds = serializers.IntegerField()
    due_at = Moment()
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    sentence = serializers.CharField()


class ClockShape(serializers.Serializer[Any]):
    kind = Coded(ClockKind)
    kind_label = Label()
    state = Coded(ClockState)
    state_label = Label()
    clock = Coded(Basis)
    target_seconds = serializers.IntegerField()
    elapsed_seconds = serializers.IntegerField()
    paused_seconds = serializers.IntegerField()
    started_at = Moment(null=False)
    due_at = Moment()
    met_at = Moment()
    breached = serializers.BooleanField()
    breached_at = Moment()
    ledger = LedgerShape()


class PromisedDateShape(serializers.Serializer[Any]):
    """Una fecha compromiso. `reason` dice por qué cambió la anterior; `settled_at`, cuándo dejó de estar vigente."""

    due_at = Moment(null=False)
    state = Coded(CommitmentState)
    state_label = Label()
    made_at = Moment(null=False)
    made_by = Ref()
    reason = serializers.CharField(allow_blank=True)
    settled_at = Moment()


class CommitmentShape(PromisedDateShape):
    """La fecha compromiso del ticket y, en `history`, las que cambió, de la primera a la última."""

    history = PromisedDateShape(many=True)


class Clocks(ApiView):
    @extend_schema(
        operation_id="ticket_sla",
        parameters=[NUMBER],
        responses=inline_serializer(
            "TicketSla", {"clocks": ClockShape(many=True), "commitment": CommitmentShape(allow_null=True)}
        ),
    )
    def get(self, request: Request, number: str) -> Response:
        """Los relojes del ticket, con el detalle de cómo se contó cada uno, y su fecha compromiso."""
        ticket, at = self.ticket(number), clock.now()
        return answer({"clocks": clock_facts(ticket, at=at), "commitment": commitment_facts(ticket, at=at)}, ticket)


class PauseShape(serializers.Serializer[Any]):
    """Sin `cause`, la pausa detiene la atención; con ella, según digan las condiciones."""

    start = Moment(null=False)
    end = Moment()
    cause = Coded(PauseCause, required=False, null=True)


class Hypothesis(serializers.Serializer[Any]):
    """`company` o `contract`; `priority`, o `impact` y `urgency`. La mesa puede dar `terms` para probar unas condiciones."""

    kind = Coded(Kind)
    service_line = Coded(ServiceLine)
    company = serializers.IntegerField(required=False, allow_null=True)
    contract = serializers.IntegerField(required=False, allow_null=True)
    terms = serializers.DictField(required=False, allow_null=True)
    priority = Coded(Priority, required=False, null=True)
    impact = Coded(Impact, required=False, null=True)
    urgency = Coded(Urgency, required=False, null=True)
    created_at = Moment(required=False)
    pauses = PauseShape(many=True, required=False, allow_null=True)


class Preview(ApiView):
    write_scope = Scope.TICKETS_READ

    @extend_schema(
        operation_id="sla_preview",
        parameters=[IDEMPOTENCY_KEY],
        request=Hypothesis,
        responses=inline_serializer(
            "SlaPreview",
            {
                "priority": Coded(Priority),
                "priority_label": Label(),
                "reaction_due_at": Moment(),
                "attention_due_at": Moment(),
                "ledger": inline_serializer("PreviewLedger", {"reaction": LedgerShape(), "attention": LedgerShape()}),
            },
        ),
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Los vencimientos que tendría un ticket. No guarda nada."""
        if not isinstance(request.data, dict):
            raise ParseError("Envíe un objeto JSON.")
        found = preview(request.data, actor=self.actor)
        return answer(
            {
                "priority": found.priority,
                "priority_label": _PRIORITY[found.priority],
                "reaction_due_at": found.reaction_due_at,
                "attention_due_at": found.attention_due_at,
                "ledger": {kind: ledger.as_dict() for kind, ledger in found.ledger.items()},
            }
        )
