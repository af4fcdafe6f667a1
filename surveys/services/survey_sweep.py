"""Reminders and expiry of satisfaction surveys (guide 3.13). The rows say what is due, so a late or doubled sweep does no harm."""

from collections.abc import Sequence
from datetime import datetime

from core import events
from core.bulk import update_each
from core.sweeps import each_chunk
from surveys import courtesy
from surveys.events import SurveyReminded
from surveys.models import Survey
from surveys.services.satisfaction import next_look
from surveys.vocabulary import InvitationState

BATCH = 500


def sweep(at: datetime, *, skip: Sequence[int] = (), limit: int = BATCH) -> tuple[int, set[int]]:
    """Remind of, or expire, up to `limit` due surveys, the longest waiting first. How many were due, and those that could not be looked at."""
    due = Survey.objects.due(at)
    ids = list((due.exclude(pk__in=skip) if skip else due).values_list("pk", flat=True)[:limit])
    return len(ids), each_chunk(ids, lambda part: _look(part, at), name="survey", size=limit)


def _look(ids: Sequence[int], at: datetime) -> set[int]:
    free = Survey.objects.select_for_update(of=("self",), skip_locked=True).filter(pk__in=ids).order_by("pk")
    rows = list(free.select_related("questionnaire", "person"))
    reminded = []
    for row in rows:
        if row.state != InvitationState.INVITED or row.next_at is None or row.next_at > at:
            continue
        if row.expires_at is None or at >= row.expires_at:
            row.state, row.next_at = InvitationState.EXPIRED, None
        elif (morning := courtesy.opening(row.person, at)) > at:
            row.next_at = min(morning, row.expires_at)
        else:
            row.reminders += 1
            row.next_at = next_look(row, at)
            reminded.append(SurveyReminded(survey_id=row.pk))
    update_each(rows, ["state", "reminders", "next_at"])
    events.publish_all(reminded)
    return {row.pk for row in rows}
