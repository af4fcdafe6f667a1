"""What the demo's customers thought of their closed tickets: asked and answered through the real services, each at its own moment."""

import random
from datetime import datetime, timedelta

from accounts.models import User
from accounts.roles import Role
from core import clock
from core.models import Delivery
from improvements.services import progress
from improvements.vocabulary import ActionState
from servicedesk.seeding.demo.people import DOMAIN
from surveys.events import LowScore
from surveys.models import Survey
from surveys.services import follow_up, satisfaction, survey_sweep
from surveys.vocabulary import InvitationState, QuestionKind
from tickets.events import TicketClosed
from tickets.models import Ticket
from tickets.vocabulary import ClosingCode

# How many of a hundred answer, by how their ticket closed; and how they grade.
ANSWERING = {ClosingCode.APPROVED: 68, ClosingCode.UNVALIDATED: 24}
GRADES = {5: 46, 4: 31, 3: 13, 2: 6, 1: 4}
COMMENTS = {
    5: ("Muy rápido y muy claro.", "Excelente atención, como siempre.", "Me llamaron para confirmar que ya quedó."),
    4: ("Bien, aunque tardaron un poco en contestar.", "Quedó resuelto. Gracias.", "Buena atención."),
    3: ("Quedó, pero tuve que explicar lo mismo dos veces.", "Regular: no me avisaron del avance."),
    2: ("Tardó demasiado para algo tan sencillo.", "Nadie me avisó que ya estaba listo."),
    1: ("Volvió a fallar al día siguiente.", "Perdimos el cierre de mes por esto."),
}
OPEN_LATELY = timedelta(days=9)
"""The follow-up of a low grade that is older than this is over."""
CAUSE = "El ticket esperó en la cola equivocada y nadie avisó al usuario."
PLAN = "Revisar la clasificación con el equipo y avisar cada avance al usuario."
EVIDENCE = "Se habló con el usuario y se revisaron en equipo los tickets de la semana."
EFFECT = "Los tickets siguientes del usuario se atendieron a tiempo y lo calificó bien."


def create(now: datetime, *, seed: int) -> int:
    """Ask about every ticket that closed as solved, and answer most. Returns how many were asked. Nothing where there are surveys already."""
    if Survey.objects.exists():
        return 0
    dice, before = random.Random(seed), Delivery.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    tickets = Ticket.objects.filter(closing_code__in=list(ANSWERING), closed_at__isnull=False)
    for ticket in tickets.order_by("closed_at", "pk"):
        _asked(ticket, dice, now)
    for at in (now - timedelta(days=1), now):
        with clock.at(at):
            survey_sweep.sweep(at, limit=10_000)
    Delivery.objects.filter(pk__gt=before).update(state="done", done_at=now)
    return Survey.objects.filter(invited_at__isnull=False).count()


def _asked(ticket: Ticket, dice: random.Random, now: datetime) -> None:
    closed_at = ticket.closed_at or now
    with clock.at(closed_at):
        satisfaction.invite(TicketClosed(ticket_id=ticket.pk, entry_id=0))
    survey = Survey.objects.select_related("questionnaire", "person").filter(ticket=ticket).first()
    if survey is None or survey.state != InvitationState.INVITED or survey.invited_at is None:
        return
    at = survey.invited_at + timedelta(minutes=dice.randint(3, 60 * 60))
    answers = dice.randint(1, 100) <= ANSWERING[ClosingCode(ticket.closing_code)]
    is_kept = survey.person.email == f"cliente@{DOMAIN}" and now - closed_at < timedelta(days=14)
    if answers and at < now and not is_kept:
        _answered(survey, dice, at, now)


def _answered(survey: Survey, dice: random.Random, at: datetime, now: datetime) -> None:
    grade = dice.choices(list(GRADES), list(GRADES.values()))[0]
    answers: dict[int, int] = {}
    for question in survey.questionnaire.questions.order_by("position"):
        if question.kind == QuestionKind.SCALE:
            answers[question.pk] = (
                grade if question.position == 1 else min(max(grade + dice.choice((-1, 0, 0, 1)), 1), 5)
            )
        elif question.kind == QuestionKind.YES_NO:
            answers[question.pk] = int(grade > 2)
    comment = dice.choice(COMMENTS[grade]) if grade < 3 or dice.random() < 0.3 else ""
    with clock.at(at):
        satisfaction.answer(survey, answers=answers, comment=comment, at=at)
    if grade <= survey.questionnaire.low_score:
        _followed(survey, at, now)


def _followed(survey: Survey, at: datetime, now: datetime) -> None:
    """Its action: over by now where the answer is old, still open where it is not."""
    with clock.at(at):
        follow_up.open_action(LowScore(survey_id=survey.pk))
    action = follow_up.action_of(survey)
    if action is None or now - at < OPEN_LATELY:
        return
    other = User.objects.filter(role=Role.MANAGER, is_active=True).exclude(pk=action.owner_id).first()
    for days, act in ((1, "plan"), (5, "implement"), (35, "verify")):
        moment = at + timedelta(days=days)
        if moment >= now or other is None:
            return
        with clock.at(moment):
            if act == "plan":
                action = progress.plan(action, by=action.owner, cause=CAUSE, plan=PLAN)
            elif act == "implement":
                action = progress.implement(action, by=action.owner, evidence=EVIDENCE)
            elif action.state == ActionState.IMPLEMENTED:
                progress.verify(action, by=other, is_effective=True, text=EFFECT)
