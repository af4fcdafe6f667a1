"""What people, companies, groups and tickets look like. Each class declares its fields for the schema and fills them in `of`, side by side."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from rest_framework import serializers

from accounts.models import SupportGroup, User
from customers.models import Company
from sla.queries import deadlines
from sla.vocabulary import ClockKind
from tickets.models import Ticket
from tickets.vocabulary import Channel, ClosingCode, Impact, Kind, Priority, ServiceLine, SolutionType, State, Urgency


def moment(at: datetime | None) -> datetime | None:
    """In UTC, whatever zone it came in."""
    return at if at is None or at.tzinfo is UTC else at.astimezone(UTC)


class Coded(serializers.ChoiceField):
    """A value of the vocabulary."""

    def __init__(self, choices: Any, *, null: bool = False, **kwargs: Any) -> None:
        super().__init__(choices=choices.choices, allow_null=null, **kwargs)


class Moment(serializers.DateTimeField):
    def __init__(self, *, null: bool = True, **kwargs: Any) -> None:
        super().__init__(allow_null=null, **kwargs)


class Label(serializers.CharField):
    def __init__(self, *, null: bool = False, **kwargs: Any) -> None:
        super().__init__(allow_null=null, **kwargs)


class Ref(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


def person(user: User | None) -> dict[str, Any] | None:
    return None if user is None else {"id": user.pk, "name": user.full_name}


def named(row: Company | SupportGroup | None) -> dict[str, Any] | None:
    return None if row is None else {"id": row.pk, "name": row.name}


class TicketShape(serializers.Serializer[Any]):
    number = serializers.CharField()
    kind = Coded(Kind)
    kind_label = Label()
    service_line = Coded(ServiceLine)
    service_line_label = Label()
    state = Coded(State)
    state_label = Label()
    impact = Coded(Impact)
    impact_label = Label()
    urgency = Coded(Urgency)
    urgency_label = Label()
    priority = Coded(Priority)
    priority_label = Label()
    title = serializers.CharField()
    description = serializers.CharField()
    company = Ref()
    requester = Ref()
    channel = Coded(Channel)
    channel_label = Label()
    group = Ref(allow_null=True)
    assignee = Ref(allow_null=True)
    created_at = Moment(null=False)
    updated_at = Moment(null=False)
    reaction_due_at = Moment()
    attention_due_at = Moment()
    next_due_at = Moment()
    reacted_at = Moment()
    attended_at = Moment()
    committed_for = Moment()
    solved_at = Moment()
    solution_type = Coded(SolutionType, null=True)
    solution_type_label = Label(null=True)
    validation_due_at = Moment()
    closed_at = Moment()
    closing_code = Coded(ClosingCode, null=True)
    closing_code_label = Label(null=True)
    breached = serializers.BooleanField()
    external_reference = serializers.CharField(allow_null=True)
    version = serializers.IntegerField()

    @staticmethod
    def of(row: Ticket, due: Mapping[str, datetime | None] | None = None) -> dict[str, Any]:
        """The row needs its people (`with_people`), or each costs a query. `due` is when its clocks are due; not given, it is read."""
        if due is None:
            due = deadlines([row.pk]).get(row.pk, {})
        return {
            "number": row.number,
            "kind": row.kind,
            "kind_label": _KIND[row.kind],
            "service_line": row.service_line,
            "service_line_label": _LINE[row.service_line],
            "state": row.state,
            "state_label": _STATE[row.state],
            "impact": row.impact,
            "impact_label": _IMPACT[row.impact],
            "urgency": row.urgency,
            "urgency_label": _URGENCY[row.urgency],
            "priority": row.priority,
            "priority_label": _PRIORITY[row.priority],
            "title": row.title,
            "description": row.description,
            "company": named(row.company),
            "requester": person(row.requester),
            "channel": row.channel,
            "channel_label": _CHANNEL[row.channel],
            "group": named(row.group),
            "assignee": person(row.assignee),
            "created_at": moment(row.created_at),
            "updated_at": moment(row.updated_at),
            "reaction_due_at": moment(due.get(ClockKind.REACTION)),
            "attention_due_at": moment(due.get(ClockKind.ATTENTION)),
            "next_due_at": moment(row.next_due_at),
            "reacted_at": moment(row.reacted_at),
            "attended_at": moment(row.attended_at),
            "committed_for": moment(row.committed_for),
            "solved_at": moment(row.solved_at),
            "solution_type": row.solution_type or None,
            "solution_type_label": _SOLUTION.get(row.solution_type),
            "validation_due_at": moment(row.validation_due_at),
            "closed_at": moment(row.closed_at),
            "closing_code": row.closing_code or None,
            "closing_code_label": _CLOSING.get(row.closing_code),
            "breached": row.breached,
            "external_reference": row.external_reference or None,
            "version": row.version,
        }


def labels(choices: Any) -> dict[str, str]:
    """Value -> label, as exact strings."""
    return {str(value): str(label) for value, label in choices.choices}


_KIND, _LINE, _STATE, _IMPACT = labels(Kind), labels(ServiceLine), labels(State), labels(Impact)
_URGENCY, _PRIORITY, _CHANNEL = labels(Urgency), labels(Priority), labels(Channel)
_SOLUTION, _CLOSING = labels(SolutionType), labels(ClosingCode)


def tickets(rows: Iterable[Ticket]) -> list[dict[str, Any]]:
    page = list(rows)
    due = deadlines([row.pk for row in page]) if page else {}
    return [TicketShape.of(row, due.get(row.pk, {})) for row in page]
