"""`/complaints/`: complaints and suggestions, and `/complaint-areas/`: whom they may be addressed to (guide 2.2, 3.13, 3.13.1)."""

from collections.abc import Iterable
from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from api.errors import NOT_FOUND
from api.idempotency import idempotent
from api.pagination import PARAMETERS, Ordering, paginate
from api.renderers import JSONParser, UploadParser
from api.v1.docs import IDEMPOTENCY_KEY, PAGE_PARAMETERS, page_of
from api.v1.filters import LARGEST_ID, LONGEST_SEARCH, identifier, moment_of
from api.v1.shapes import Coded, Label, Moment, Ref, labels, moment, named, person
from api.v1.tickets import Person
from api.v1.transitions import fields_and_files
from api.views import ApiView, Strict, answer
from core import clock
from core.errors import InvalidInput, NotVisible
from customers.models import ValidUser
from surveys import routing, steps, voice_queries
from surveys.models import Voice, VoiceStep
from surveys.services import hearing
from surveys.vocabulary import PENDING, Decision, Ending, StepCause, VoiceKind, VoiceState
from tickets.models import Ticket
from tickets.vocabulary import Channel

NEWEST_FIRST = Ordering("-id", "pk", descending=True)
NUMBER = OpenApiParameter("number", str, OpenApiParameter.PATH, description="El número público, como QS000123.")
FILTERS = frozenset({"kind", "state", "company", "direction", "area", "created_after", "created_before", "q"})
_KIND, _STATE, _CHANNEL, _CAUSE = labels(VoiceKind), labels(VoiceState), labels(Channel), labels(StepCause)
_DECISION, _ENDING = labels(Decision), labels(Ending)


class LevelToldShape(serializers.Serializer[Any]):
    """Un nivel avisado. `name` es nulo cuando no hubo a quién avisar."""

    number = serializers.IntegerField()
    level = serializers.IntegerField()
    role = serializers.CharField()
    name = serializers.CharField(allow_null=True)
    instead_of = serializers.CharField(allow_null=True, help_text="En ausencia de quién se le avisó.")
    cause = Coded(StepCause)
    cause_label = Label()
    notified_at = Moment(null=False)
    acknowledge_by = Moment()
    acknowledged_at = Moment()
    answer_by = Moment()
    answered_at = Moment()
    overdue_at = Moment()

    @staticmethod
    def of(row: VoiceStep) -> dict[str, Any]:
        return {
            "number": row.number,
            "level": row.level,
            "role": row.role,
            "name": row.name or None,
            "instead_of": row.instead_of or None,
            "cause": row.cause,
            "cause_label": _CAUSE[row.cause],
            "notified_at": moment(row.notified_at),
            "acknowledge_by": moment(row.acknowledge_by),
            "acknowledged_at": moment(row.acknowledged_at),
            "answer_by": moment(row.answer_by),
            "answered_at": moment(row.answered_at),
            "overdue_at": moment(row.overdue_at),
        }


class ComplaintShape(serializers.Serializer[Any]):
    """`next_due_at` es el plazo que corre: acusar recibo, responder, o que el cliente diga si está conforme. `pointed_at` sólo lo lee la
    mesa; nunca la persona señalada, que no encuentra la queja."""

    number = serializers.CharField()
    kind = Coded(VoiceKind)
    kind_label = Label()
    state = Coded(VoiceState)
    state_label = Label()
    subject = serializers.CharField()
    body = serializers.CharField()
    direction = serializers.CharField(allow_blank=True)
    area = serializers.CharField(allow_blank=True)
    level = serializers.IntegerField()
    company = Ref()
    author = Ref()
    recorded_by = Ref()
    channel = Coded(Channel)
    channel_label = Label()
    ticket = serializers.CharField(allow_null=True)
    steps = LevelToldShape(many=True)
    created_at = Moment(null=False)
    updated_at = Moment(null=False)
    next_due_at = Moment()
    acknowledged_at = Moment()
    analysed_at = Moment()
    answered_at = Moment()
    closed_at = Moment()
    answer = serializers.CharField(allow_null=True)
    answered_by = serializers.CharField(allow_null=True)
    is_final = serializers.BooleanField(help_text="La respuesta ya no admite inconformidad.")
    decision = Coded(Decision, null=True)
    decision_label = Label(null=True)
    ending = Coded(Ending, null=True)
    ending_label = Label(null=True)
    appeals = serializers.IntegerField()
    is_shared = serializers.BooleanField()
    votes = serializers.IntegerField()
    pointed_at = Ref(many=True)
    version = serializers.IntegerField()

    @staticmethod
    def of(row: Voice, actor: User) -> dict[str, Any]:
        """The row needs what `listed` gives it, or each costs a few queries."""
        told = steps.of(row)
        shown = told if actor.is_desk else [step for step in told if step.contact_id is not None]
        return {
            "number": row.number,
            "kind": row.kind,
            "kind_label": _KIND[row.kind],
            "state": row.state,
            "state_label": _STATE[row.state],
            "subject": row.subject,
            "body": row.body,
            "direction": row.direction,
            "area": row.area,
            "level": row.level,
            "company": named(row.company),
            "author": person(row.author),
            "recorded_by": person(row.recorded_by),
            "channel": row.channel,
            "channel_label": _CHANNEL[row.channel],
            "ticket": row.ticket.number if row.ticket else None,
            "steps": [LevelToldShape.of(step) for step in shown],
            "created_at": moment(row.created_at),
            "updated_at": moment(row.updated_at),
            "next_due_at": moment(_due(row, told)),
            "acknowledged_at": moment(row.acknowledged_at),
            "analysed_at": moment(row.analysed_at),
            "answered_at": moment(row.answered_at),
            "closed_at": moment(row.closed_at),
            "answer": row.answer_text or None,
            "answered_by": row.answered_by or None,
            "is_final": steps.is_final(row, told),
            "decision": row.decision or None,
            "decision_label": _DECISION.get(row.decision),
            "ending": row.ending or None,
            "ending_label": _ENDING.get(row.ending),
            "appeals": row.appeals,
            "is_shared": row.is_shared,
            "votes": row.votes_count,
            "pointed_at": [person(found) for found in row.pointed_at.all()] if actor.is_desk else [],
            "version": row.version,
        }


class NewComplaint(Strict):
    """Sin `direction` ni `area`, las del ticket. La mesa dice de quién es (`author`) y por qué medio llegó (`channel`)."""

    kind = Coded(VoiceKind)
    subject = serializers.CharField(max_length=200)
    body = serializers.CharField(max_length=50_000)
    direction = serializers.CharField(max_length=120, required=False)
    area = serializers.CharField(max_length=120, required=False)
    ticket = serializers.CharField(max_length=20, required=False, allow_null=True)
    author = Person(required=False, allow_null=True)
    channel = Coded(Channel, required=False)
    pointed_at = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID),
        required=False,
        max_length=20,
        help_text="De quién se queja: personas de la mesa, por su identificador. No la verán.",
    )


class ComplaintView(ApiView):
    """Base: the complaint or suggestion that the address names."""

    def voice(self, number: str) -> Voice:
        """If the caller may see it. Another's, an absent one and one that points at the caller are the same NotVisible."""
        found: Voice | None = full(Voice.objects.visible_to(self.actor).by_number(number)).first()
        if found is None:
            raise NotVisible(NOT_FOUND)
        return found


class ComplaintList(ApiView):
    accepts = {"GET": PARAMETERS | FILTERS}
    parser_classes = [JSONParser, UploadParser]

    @extend_schema(
        operation_id="complaints_list",
        parameters=[
            OpenApiParameter("kind", str, many=True, explode=False, enum=VoiceKind.values),
            OpenApiParameter("state", str, many=True, explode=False, enum=VoiceState.values),
            OpenApiParameter("company", OpenApiTypes.INT64, many=True, explode=False),
            OpenApiParameter("direction", str),
            OpenApiParameter("area", str),
            OpenApiParameter("created_after", OpenApiTypes.DATETIME),
            OpenApiParameter("created_before", OpenApiTypes.DATETIME),
            OpenApiParameter("q", str, description="Número o parte del asunto."),
            *PAGE_PARAMETERS,
        ],
        responses=page_of("ComplaintPage", ComplaintShape),
    )
    def get(self, request: Request) -> Response:
        """Las quejas y sugerencias que la persona puede ver, de la más nueva a la más antigua."""
        rows = full(voice_queries.listed(self.actor, **_wanted(request)))

        def present(found: Iterable[Voice]) -> list[dict[str, Any]]:
            return [ComplaintShape.of(row, self.actor) for row in found]

        return answer(paginate(rows, request, present, NEWEST_FIRST))

    @extend_schema(
        operation_id="complaints_create",
        parameters=[IDEMPOTENCY_KEY],
        request=NewComplaint,
        responses={201: ComplaintShape},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Presenta una queja o sugerencia: el cliente a su nombre, la mesa a nombre de `author`. Con archivos: multipart, en `files`."""
        given, files = fields_and_files(request)
        serializer = NewComplaint(data=given)
        serializer.is_valid(raise_exception=True)
        draft, channel = _draft(dict(serializer.validated_data), files, self.actor)
        row = fresh(hearing.receive(draft, by=self.actor, channel=channel))
        place = reverse("api:complaint", kwargs={"number": row.number})
        return answer(ComplaintShape.of(row, self.actor), row, status=201, location=place)


class ComplaintDetail(ComplaintView):
    @extend_schema(operation_id="complaints_retrieve", parameters=[NUMBER], responses=ComplaintShape)
    def get(self, request: Request, number: str) -> Response:
        """Una queja o sugerencia. Su versión está en `ETag`."""
        row = self.voice(number)
        return answer(ComplaintShape.of(row, self.actor), row)


class AreaShape(serializers.Serializer[Any]):
    direction = serializers.CharField()
    area = serializers.CharField()
    level = serializers.IntegerField()
    role = serializers.CharField()


class Areas(ApiView):
    @extend_schema(
        operation_id="complaint_areas", responses=inline_serializer("Areas", {"results": AreaShape(many=True)})
    )
    def get(self, request: Request) -> Response:
        """A quién puede dirigirse: las direcciones y áreas de la matriz de quejas y sugerencias en vigor."""
        rows = routing.areas(clock.now())
        found = [{"direction": r.direction, "area": r.area, "level": r.level, "role": r.role} for r in rows]
        return answer({"results": found})


def full(rows: Any) -> Any:
    """With everything that a shape shows, in the same few queries."""
    return rows.select_related("company", "author", "recorded_by", "ticket").prefetch_related(
        "steps__contact__user", "pointed_at"
    )


def fresh(row: Voice) -> Voice:
    """A row just changed, with what its shape needs."""
    row.__dict__.pop("_prefetched_objects_cache", None)
    prefetch_related_objects([row], "company", "author", "recorded_by", "ticket", "steps__contact__user", "pointed_at")
    return row


def _due(row: Voice, told: list[VoiceStep]) -> Any:
    """What the product waits for; at the last level, past its time, what is owed all the same."""
    if row.next_at is not None or row.state not in PENDING or not told:
        return row.next_at
    return told[-1].answer_by if told[-1].acknowledged_at else told[-1].acknowledge_by


def _wanted(request: Request) -> dict[str, Any]:
    """The request's filters. Raises InvalidInput with all that is wrong."""
    errors: dict[str, str] = {}
    wanted: dict[str, Any] = {}
    for name in FILTERS:
        values = request.query_params.getlist(name)
        if not values:
            continue
        try:
            wanted[name] = _filter(name, values)
        except InvalidInput as error:
            errors |= error.errors
    if errors:
        raise InvalidInput(errors, code="invalid_filter")
    return wanted


def _filter(name: str, values: list[str]) -> Any:
    parts = [part.strip() for value in values for part in value.split(",")]
    if name in ("kind", "state"):
        choices = (VoiceKind if name == "kind" else VoiceState).values
        if set(parts) - set(choices):
            raise InvalidInput({name: f"Use uno o varios, separados por comas: {', '.join(choices)}."})
        return parts
    if name == "company":
        if len(parts) > 50:
            raise InvalidInput({name: "Caben 50 identificadores."})
        return [identifier(part, name) for part in parts]
    if name in ("created_after", "created_before"):
        return moment_of(values[0], name)
    text = values[0].strip()
    if not 1 <= len(text) <= LONGEST_SEARCH:
        raise InvalidInput({name: f"Escriba de 1 a {LONGEST_SEARCH} caracteres."})
    return text


def _draft(given: dict[str, Any], files: list[Any], actor: User) -> tuple[hearing.Draft, str]:
    """What was sent. What is not there, or not for the actor, is an InvalidInput on its field."""
    ticket = None
    if given.get("ticket"):
        ticket = Ticket.objects.visible_to(actor).by_number(given["ticket"]).first()
        if ticket is None:
            raise InvalidInput({"ticket": "Ese ticket no existe."}, code="not_found")
    direction, area = given.get("direction", ""), given.get("area", "")
    if not direction and not area:
        direction, area = routing.suggested(ticket)
    if "channel" in given and not actor.is_desk:
        raise InvalidInput({"channel": "El medio lo dice la mesa."}, code="not_allowed")
    ids = set(given.get("pointed_at", []))
    # To a customer, whoever did not work on the ticket and whoever is not there are the same.
    known = User.objects.desk().filter(pk__in=ids) if actor.is_desk else voice_queries.workers(ticket)
    pointed_at = [found for found in known if found.pk in ids]
    if len(pointed_at) < len(ids):
        raise InvalidInput(
            {"pointed_at": "Alguna de esas personas no existe, o no atendió el ticket."}, code="not_found"
        )
    draft = hearing.Draft(
        kind=given["kind"],
        subject=given["subject"],
        body=given["body"],
        direction=direction,
        area=area,
        author=_author(given.get("author"), actor),
        ticket=ticket,
        pointed_at=pointed_at,
        files=files,
    )
    return draft, given.get("channel", Channel.API.value)


def _author(wanted: int | str | None, actor: User) -> User:
    """Whose it is: the actor's own, or that of a valid user whom the actor can see."""
    if wanted is None:
        if actor.is_desk:
            raise InvalidInput({"author": "Diga de quién es: su identificador o su correo."}, code="required")
        return actor
    rows = ValidUser.objects.visible_to(actor).select_related("user")
    found = rows.filter(user=wanted) if isinstance(wanted, int) else rows.filter(user__email__iexact=wanted)
    row = found.first()
    if row is None:
        raise InvalidInput({"author": "Esa persona no existe."}, code="not_found")
    author: User = row.user
    return author
