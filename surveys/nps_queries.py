"""What the pages ask about the yearly question (guide 3.14). Whatever names people is read through `visible_to`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from accounts.models import User
from improvements.models import ActionSource, CorrectiveAction
from improvements.vocabulary import Origin
from surveys import nps_policy, tokens
from surveys.models import Campaign, NpsInvitation, NpsRecord
from surveys.models.nps import NpsQuerySet
from surveys.nps_scoring import Counts, of_scores
from surveys.vocabulary import CampaignState, InvitationState


def campaigns(viewer: User) -> QuerySet[Campaign]:
    """Those that the viewer may read: all of them, or none."""
    return Campaign.objects.all() if nps_policy.may_read(viewer) else Campaign.objects.none()


def pending(person: User, *, at: datetime) -> NpsInvitation | None:
    """The question that waits for the person's own answer now. One query."""
    rows = NpsInvitation.objects.visible_to(person).filter(person=person, state=InvitationState.INVITED)
    row: NpsInvitation | None = rows.filter(campaign__state=CampaignState.RUNNING).select_related("campaign").last()
    return row if row is not None and at < tokens.ends_at(row.campaign) else None


@dataclass(frozen=True, slots=True)
class Progress:
    """How a campaign goes. `planned` wait for their wave; `left_out` were never asked; `invited` counts whoever was."""

    people: int = 0
    planned: int = 0
    left_out: int = 0
    counts: Counts = field(default_factory=Counts)

    @property
    def invited(self) -> int:
        return self.counts.invited or 0


def progress(campaigns: Iterable[Campaign], viewer: User) -> Mapping[int, Progress]:
    """By campaign, in one query; nothing for who may not read results, whatever they answered themselves."""
    if not nps_policy.may_read(viewer):
        return {}
    rows = NpsInvitation.objects.visible_to(viewer).filter(campaign__in=[campaign.pk for campaign in campaigns])
    found: dict[int, list[tuple[str, bool, int | None, int]]] = {}
    totals = (
        rows.order_by()
        .values_list("campaign", "state", "score")
        .annotate(times=Count("pk"), asked=Count("pk", filter=Q(invited_at__isnull=False)))
    )
    for pk, state, score, times, asked in totals:
        found.setdefault(pk, []).append((state, bool(asked), score, times))
    return {pk: _progress(parts) for pk, parts in found.items()}


def _progress(parts: Sequence[tuple[str, bool, int | None, int]]) -> Progress:
    def total(*states: str) -> int:
        return sum(times for state, _, _, times in parts if state in states)

    scores: dict[int, int] = {}
    for _, _, score, times in parts:
        if score is not None:
            scores[score] = scores.get(score, 0) + times
    invited = total(InvitationState.INVITED, InvitationState.ANSWERED, InvitationState.EXPIRED)
    return Progress(
        people=sum(times for *_, times in parts),
        planned=total(InvitationState.PLANNED),
        left_out=total(InvitationState.LEFT_OUT),
        counts=of_scores(scores, invited=invited),
    )


@dataclass(frozen=True, slots=True)
class Wave:
    number: int
    goes_out: date
    people: int
    invited: int
    answered: int


def waves(campaign: Campaign, viewer: User) -> list[Wave]:
    """Each wave of a started campaign. One query."""
    from surveys.nps_audience import wave_on

    rows = NpsInvitation.objects.visible_to(viewer).filter(campaign=campaign).order_by()
    sums = {
        wave: (people, invited, answered)
        for wave, people, invited, answered in rows.values_list("wave").annotate(
            people=Count("pk"),
            asked=Count("pk", filter=Q(invited_at__isnull=False)),
            gave=Count("pk", filter=Q(state=InvitationState.ANSWERED)),
        )
    }
    return [
        Wave(number, wave_on(campaign, number), *sums.get(number, (0, 0, 0))) for number in range(1, campaign.waves + 1)
    ]


def days(campaign: Campaign, viewer: User) -> dict[date, int]:
    """Answers first given on each day of the desk. One query."""
    rows = NpsInvitation.objects.visible_to(viewer).filter(campaign=campaign, answered_at__isnull=False).order_by()
    day = TruncDate("answered_at", tzinfo=ZoneInfo(settings.TIME_ZONE))
    totals = rows.annotate(day=day).values_list("day").annotate(times=Count("pk")).order_by("day")
    return dict(totals)


def answers(viewer: User) -> NpsQuerySet:
    """The answers that the viewer may read, with what a list shows of each."""
    rows: NpsQuerySet = NpsInvitation.objects.visible_to(viewer).filter(state=InvitationState.ANSWERED)
    return rows.select_related("person", "company", "service", "looped_by")


def with_search(rows: NpsQuerySet, text: str) -> NpsQuerySet:
    """Those whose reason, note or person holds the text."""
    text = text.replace("\x00", "").strip()[:100]
    if not text:
        return rows
    found: NpsQuerySet = rows.filter(
        Q(why__icontains=text) | Q(person__full_name__icontains=text) | Q(loop_note__icontains=text)
    )
    return found


def actions_of(rows: Iterable[NpsInvitation], viewer: User) -> dict[int, CorrectiveAction]:
    """Invitation -> the action that answers to it, of those that the viewer sees. Two queries, whatever their number."""
    sources = ActionSource.objects.filter(origin=Origin.DETRACTOR, source_id__in=[row.pk for row in rows])
    pairs = dict(sources.values_list("source_id", "action_id"))
    visible = CorrectiveAction.objects.visible_to(viewer).filter(pk__in=pairs.values()).select_related("owner")
    known = {action.pk: action for action in visible}
    return {source_id: known[pk] for source_id, pk in pairs.items() if source_id is not None and pk in known}


def imported() -> list[dict[str, Any]]:
    """The years that were brought in, the latest first: how many records of how many companies, from which file, by whom and when."""
    rows = NpsRecord.objects.order_by("-year").values("year", "source", "imported_by__full_name", "imported_at")
    found = rows.annotate(
        records=Count("pk"),
        companies=Count("company", distinct=True),
        answers=Sum(F("promoters") + F("passives") + F("detractors")),
    )
    return [dict(row) for row in found]
