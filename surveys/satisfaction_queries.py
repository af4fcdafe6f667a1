"""What the satisfaction surveys say, added up in the database: as many queries for ten as for a million (guide 3.13).

Results are of the surveys that were sent, by the day their ticket closed at the desk. Whoever was left out was not asked. Everything is of
what the reader may see: an agent's own figures are of themselves alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncMonth

from accounts.models import User
from accounts.roles import role_has_perm
from core.verdict import ALLOW, Verdict, deny
from improvements.models import ActionSource, CorrectiveAction
from improvements.vocabulary import Origin
from surveys import scoring
from surveys.models import Survey
from surveys.models.satisfaction import LONGEST_DAYS, scope
from surveys.services.satisfaction import limits
from surveys.tokens import midnight
from surveys.vocabulary import InvitationState, LeftOut
from tickets.models import Ticket
from tickets.vocabulary import ServiceLine

LONGEST = timedelta(days=LONGEST_DAYS)
NOT_YOURS = (
    "Los resultados de las encuestas los consulta la Mesa de Servicio: cada agente los suyos, la supervisión todos."
)
SENT = (InvitationState.INVITED, InvitationState.ANSWERED, InvitationState.EXPIRED)
DIMENSIONS: Mapping[str, tuple[str, str]] = {
    "agent": ("agent", "agent__full_name"),
    "group": ("group", "group__name"),
    "line": ("service_line", "service_line"),
    "company": ("company", "company__name"),
    "month": ("month", "month"),
}
"""By what results are cut: the key of each part, and its name."""
NOBODY = {"agent": "Sin persona", "group": "Sin grupo"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrow:
    """Which surveys: the desk's days `since` and `until` on which their tickets closed, both included, and the keys of each filter."""

    since: date | None = None
    until: date | None = None
    company: int | None = None
    line: str = ""
    group: int | None = None
    agent: int | None = None

    @property
    def condition(self) -> Q:
        found = Q()
        if self.since is not None:
            found &= Q(closed_at__gte=midnight(self.since))
        if self.until is not None:
            found &= Q(closed_at__lt=midnight(self.until + timedelta(days=1)))
        if self.line:
            found &= Q(service_line=self.line)
        for name in ("company", "group", "agent"):
            if (value := getattr(self, name)) is not None:
                found &= Q(**{name: value})
        return found


@dataclass(frozen=True, slots=True)
class Figures:
    """How many were asked, and the grades that were given: grade -> how many. `low` of them were low by their own questionnaire."""

    asked: int = 0
    counts: Mapping[int, int] = field(default_factory=dict)
    low: int = 0
    is_short: bool = False
    """There are too few answers for a person's result to be shown."""

    @property
    def answered(self) -> int:
        return sum(self.counts.values())

    @property
    def mean(self) -> Decimal | None:
        """To one decimal; None without answers, and while they are too few."""
        return None if self.is_short else scoring.mean_of(self.counts)

    @property
    def satisfied(self) -> Decimal | None:
        """Percent that graded 4 or 5."""
        return None if self.is_short else scoring.satisfied(self.counts)

    @property
    def rate(self) -> Decimal | None:
        """Percent of those asked who answered."""
        return scoring.response_rate(self.answered, self.asked)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a dimension: a person, a group, a line, a company or a month (its first day)."""

    key: Any
    name: str
    figures: Figures


def sent(actor: User, narrow: Narrow) -> QuerySet[Survey]:
    """The surveys that were sent and that the actor may see."""
    rows: QuerySet[Survey] = Survey.objects.visible_to(actor).filter(narrow.condition, state__in=SENT)
    return rows


def results(actor: User, narrow: Narrow) -> Figures:
    """All of it as one. Two queries."""
    totals = sent(actor, narrow).aggregate(
        **_sums(), low=Count("pk", filter=Q(score__lte=F("questionnaire__low_score")))
    )
    return _figures(totals, _least(actor, narrow, ""))


def by(dimension: str, actor: User, narrow: Narrow) -> list[Part]:
    """Each part with its figures: months in order, lines in the guide's, the others by name. Two queries."""
    key, name = DIMENSIONS[dimension]
    rows: QuerySet[Any] = sent(actor, narrow)
    if dimension == "month":
        rows = rows.annotate(month=TruncMonth("closed_at", tzinfo=ZoneInfo(settings.TIME_ZONE)))
    least = _least(actor, narrow, dimension)
    found = rows.order_by().values(*{key, name}).annotate(**_sums())
    parts = [Part(_key(row[key]), _name(dimension, row[name]), _figures(row, least)) for row in found]
    if dimension == "month":
        return sorted(parts, key=lambda part: part.key)
    if dimension == "line":
        return sorted(parts, key=lambda part: ServiceLine.values.index(part.key))
    return sorted(parts, key=lambda part: (part.key is None, part.name.casefold(), str(part.key)))


def _sums() -> dict[str, Any]:
    grades = {f"of_{grade}": Count("pk", filter=Q(score=grade)) for grade in scoring.WORDS}
    return {"asked": Count("pk"), **grades}


def _figures(row: Mapping[str, Any], least: int) -> Figures:
    counts = {grade: row[f"of_{grade}"] or 0 for grade in scoring.WORDS}
    return Figures(row["asked"] or 0, counts, row.get("low") or 0, is_short=0 < sum(counts.values()) < least)


def _least(actor: User, narrow: Narrow, dimension: str) -> int:
    """How many answers a result needs to be shown: the limits' number where it is one person's, else none. One query then."""
    is_ones = dimension == "agent" or narrow.agent is not None or sees_own_only(actor)
    return limits().least_answers if is_ones else 0


def permitted(actor: User) -> Verdict:
    """Who reads results: the desk's heads all of them, agents and consultants their own. No query."""
    allowed = actor.is_active and actor.is_desk and role_has_perm(actor.role, "surveys.view_survey")
    return ALLOW if allowed else deny(NOT_YOURS)


def sees_own_only(actor: User) -> bool:
    """Whether the actor sees nothing but what was said of their own work."""
    return actor.is_desk and scope(actor) == Q(agent=actor.pk)


def _key(value: Any) -> Any:
    return value.date() if isinstance(value, datetime) else value


def _name(dimension: str, value: Any) -> str:
    if dimension == "line":
        return str(ServiceLine(value).label)
    if dimension == "month":
        return f"{value:%Y-%m}"
    return str(value) if value else NOBODY.get(dimension, "—")


# -- one by one --------------------------------------------------------------------------------------------------------


def listed(actor: User) -> QuerySet[Survey]:
    """Every survey that the actor may see; a customer those that they were sent, and not why they were asked nothing."""
    rows: QuerySet[Survey] = Survey.objects.visible_to(actor)
    if actor.is_customer:
        rows = rows.filter(state__in=SENT)
    return rows.select_related("ticket", "person", "company", "group", "agent", "questionnaire")


def left_out(actor: User, narrow: Narrow) -> list[tuple[str, int]]:
    """Why tickets of the period asked nobody, and how many, the most first. One query."""
    rows = Survey.objects.visible_to(actor).filter(narrow.condition, state=InvitationState.LEFT_OUT)
    found = rows.order_by().values("left_out").annotate(times=Count("pk"))
    return sorted(((str(LeftOut(row["left_out"]).label), row["times"]) for row in found), key=lambda pair: -pair[1])


def answered(actor: User, narrow: Narrow) -> QuerySet[Survey]:
    """The answers, with whom they are of."""
    rows = sent(actor, narrow).filter(state=InvitationState.ANSWERED)
    return rows.select_related("ticket", "person", "company", "group", "agent", "questionnaire")


def low(rows: QuerySet[Survey]) -> QuerySet[Survey]:
    """Those whose grade is low by their own questionnaire."""
    return rows.filter(score__lte=F("questionnaire__low_score"))


def actions_of(surveys: Iterable[Survey], viewer: User) -> dict[int, CorrectiveAction]:
    """Survey -> the action that answers to it, of those that the viewer may see. Two queries for any number."""
    ids = [survey.pk for survey in surveys]
    sources = dict(
        ActionSource.objects.filter(origin=Origin.SURVEY, source_id__in=ids).values_list("source_id", "action")
    )
    seen = CorrectiveAction.objects.visible_to(viewer).select_related("owner").in_bulk(list(sources.values()))
    return {pk: seen[action] for pk, action in sources.items() if pk is not None and action in seen}


def of_ticket(ticket: Ticket, viewer: User) -> Survey | None:
    """The ticket's survey, for whoever may see it. One query."""
    found: Survey | None = Survey.objects.visible_to(viewer).filter(ticket=ticket).select_related("agent").first()
    return found


def one(pk: int, viewer: User) -> Survey | None:
    """One survey with whom it is of, for whoever may see it."""
    rows = Survey.objects.visible_to(viewer).select_related(
        "ticket", "person", "company", "group", "agent", "questionnaire"
    )
    found: Survey | None = rows.filter(pk=pk).first()
    return found


def replies(survey: Survey) -> list[tuple[str, str]]:
    """Each question that was answered, in order, with the answer in words. One query."""
    rows = survey.answers.select_related("question").order_by("question__position", "question")
    return [(row.question.text, words_of(row.question.kind, row.number, row.text)) for row in rows]


def words_of(kind: str, number: int | None, text: str) -> str:
    """«4, bien», «Sí», or the text."""
    if number is None:
        return text
    if kind == "yes_no":
        return "Sí" if number else "No"
    return f"{number}, {scoring.WORDS[number].lower()}" if number in scoring.WORDS else str(number)


def agents(actor: User) -> Sequence[tuple[int, str]]:
    """Whose work was graded, of what the actor may see: key, name."""
    rows = Survey.objects.visible_to(actor).filter(agent__isnull=False).order_by("agent__full_name")
    return list(rows.values_list("agent", "agent__full_name").distinct())


def pending(person: User, *, at: datetime) -> Survey | None:
    """The survey that waits for the person's answer, the first to end. One query."""
    # None stays open longer, so however many the person was sent, the index gives but the latest.
    lately = {"invited_at__gt": at - LONGEST, "invited_at__lte": at}
    rows = Survey.objects.visible_to(person).filter(
        person=person.pk, state=InvitationState.INVITED, expires_at__gt=at, **lately
    )
    found: Survey | None = rows.order_by("expires_at", "pk").first()
    return found
