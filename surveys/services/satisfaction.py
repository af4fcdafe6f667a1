"""The satisfaction survey: whom a closed ticket asks, and what they answer (guide 3.13).

Asked are tickets that were attended and closed as solved, by the customer's word or by their silence. Never rejected, cancelled or
invalid ones: nobody was served. Whoever is left out has a row that says why.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import User
from core import clock, events
from core.errors import NotVisible, Refused
from surveys import answers as asked
from surveys import courtesy, questionnaires
from surveys.events import LowScore, ScoreChanged, SurveyAnswered, SurveyInvited
from surveys.models import Answer, Questionnaire, Survey, SurveyLimits
from surveys.tokens import CLOSED, EXPIRED
from surveys.vocabulary import InvitationState, LeftOut
from tickets.events import TicketClosed
from tickets.models import Ticket, TicketEvent
from tickets.querysets import company_id_of
from tickets.vocabulary import ClosingCode, State

SERVED = (ClosingCode.APPROVED, ClosingCode.UNVALIDATED)
MONTH = timedelta(days=30)
PARTS = 10_000


def invite(event: TicketClosed) -> None:
    """Reaction to a closed ticket: ask its requester, or write down why not. Safe to repeat; nothing while no questionnaire is published."""
    ticket = Ticket.objects.select_related("requester", "assignee").get(pk=event.ticket_id)
    if ticket.closing_code not in SERVED:
        return
    questionnaire = questionnaires.in_force(ticket.service_line)
    if questionnaire is None:
        return
    with transaction.atomic():
        # One person's limits are counted by one transaction at a time, whatever tickets of theirs close at once.
        person = User.objects.select_for_update().get(pk=ticket.requester_id)
        if not Survey.objects.filter(ticket=ticket).exists():
            _ask(ticket, person, questionnaire, clock.now())


def _ask(ticket: Ticket, person: User, questionnaire: Questionnaire, at: datetime) -> None:
    leaves = courtesy.opening(person, at)
    reason = _left_out(ticket, person, questionnaire, leaves)
    row = Survey(
        ticket=ticket,
        person=person,
        questionnaire=questionnaire,
        company_id=ticket.company_id,
        service_line=ticket.service_line,
        group_id=ticket.group_id,
        agent=_attended(ticket),
        closed_at=ticket.closed_at or at,
        state=InvitationState.LEFT_OUT if reason else InvitationState.INVITED,
        left_out=reason,
    )
    if not reason:
        row.invited_at = leaves
        row.expires_at = leaves + timedelta(days=questionnaire.expires_days)
        row.next_at = next_look(row, leaves)
    row.save(force_insert=True)
    if not reason:
        events.publish(SurveyInvited(survey_id=row.pk))


def _left_out(ticket: Ticket, person: User, questionnaire: Questionnaire, at: datetime) -> str:
    """Why the person is not asked at `at`, when it would leave; empty when they are. The person's row is locked."""
    if not (person.is_active and person.is_customer and company_id_of(person) == ticket.company_id):
        return LeftOut.INACTIVE
    if not is_sampled(ticket.key, questionnaire.sample_percent):
        return LeftOut.SAMPLE
    told, rules = Survey.objects.filter(person=person, invited_at__isnull=False), limits()
    if told.filter(invited_at__gt=at - timedelta(days=rules.days_between)).exists():
        return LeftOut.RECENT
    if told.filter(invited_at__gt=at - MONTH).count() >= rules.most_per_month:
        return LeftOut.OFTEN
    return ""


def limits() -> SurveyLimits:
    """The limits in force: the one row, or the defaults while there is none."""
    return SurveyLimits.objects.order_by("pk").first() or SurveyLimits()


def is_sampled(key: str, percent: int) -> bool:
    """Whether the ticket with that key is among the `percent` that are asked about: the same answer every time."""
    digest = hashlib.sha256(f"survey:{key}".encode()).digest()
    return int.from_bytes(digest[:8]) % PARTS < percent * (PARTS // 100)


def _attended(ticket: Ticket) -> User | None:
    """Whose work is graded: the ticket's person, else who documented its solution."""
    if ticket.assignee is not None:
        return ticket.assignee
    solved = TicketEvent.objects.filter(ticket=ticket, to_state=State.SOLVED).select_related("actor")
    entry = solved.order_by("sequence").last()
    return entry.actor if entry is not None and entry.actor.is_desk else None


def next_look(row: Survey, since: datetime) -> datetime | None:
    """When an invited survey is looked at next: its next reminder, else its expiry."""
    if row.reminders >= row.questionnaire.reminders or row.expires_at is None:
        return row.expires_at
    return min(since + timedelta(days=row.questionnaire.remind_days), row.expires_at)


# -- answering ---------------------------------------------------------------------------------------------------------


def answer(
    survey: Survey, *, answers: Mapping[int, Any], comment: str = "", by: User | None = None, at: datetime | None = None
) -> Survey:
    """Store what was answered, or what it was changed to: the whole of it, question by question. Returns the locked row.

    `answers` holds the question's key and its value; `by` is whoever signed in for it, nobody for the bearer of its link. The same answer
    again changes nothing. Publishes SurveyAnswered the first time, LowScore whenever the grade becomes low, ScoreChanged when it moves.
    Raises NotVisible for anybody but its person, Refused (`expired`, `closed`) once its time passed, InvalidInput by question.
    """
    at = at or clock.now()
    with transaction.atomic():
        row = Survey.objects.select_for_update(of=("self",)).select_related("questionnaire").get(pk=survey.pk)
        if (by is not None and by.pk != row.person_id) or row.state in (
            InvitationState.LEFT_OUT,
            InvitationState.PLANNED,
        ):
            raise NotVisible("La encuesta no existe.")
        _require_time(row, at)
        questions = list(row.questionnaire.questions.order_by("position", "pk"))
        given = asked.read(questions, answers)
        text = asked.comment(comment)
        before = {one.question_id: asked.Given(one.number, one.text) for one in row.answers.all()}
        if row.state == InvitationState.ANSWERED and (before, row.comment) == (given, text):
            return row
        was, score = row.score, given[questions[0].pk].number
        _keep(row, given, before)
        row.score, row.comment = score, text
        row.answered_at, row.changed_at = (row.answered_at, at) if row.answered_at else (at, None)
        row.state, row.next_at = InvitationState.ANSWERED, None
        row.save(update_fields=["score", "comment", "answered_at", "changed_at", "state", "next_at"])
        _tell(row, was, at)
        return row


def _require_time(row: Survey, at: datetime) -> None:
    if row.expires_at is not None and at < row.expires_at and row.state != InvitationState.EXPIRED:
        return
    if row.state == InvitationState.ANSWERED:
        raise Refused("El plazo para cambiar su respuesta terminó; la que dio quedó registrada.", code=CLOSED)
    raise Refused("El plazo para contestar esta encuesta terminó.", code=EXPIRED)


def _keep(row: Survey, given: Mapping[int, asked.Given], before: Mapping[int, asked.Given]) -> None:
    """Write only what differs."""
    row.answers.filter(question__in=[pk for pk in before if pk not in given]).delete()
    for pk, one in given.items():
        if before.get(pk) != one:
            Answer.objects.update_or_create(
                survey=row, question_id=pk, defaults={"number": one.number, "text": one.text}
            )


def _tell(row: Survey, was: int | None, at: datetime) -> None:
    low, score = row.questionnaire.low_score, row.score or 0
    if was is None:
        events.publish(SurveyAnswered(survey_id=row.pk))
    elif was != score:
        events.publish(ScoreChanged(survey_id=row.pk, was=was, score=score, at=at.isoformat()))
    if score <= low and (was is None or was > low):
        events.publish(LowScore(survey_id=row.pk))
