"""Making tickets close, and answering, for the tests of the satisfaction survey."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from accounts.models import SupportGroup, User
from core import clock
from core.tasks import run_deliveries
from surveys.models import Question, Questionnaire, Survey
from surveys.services import satisfaction
from tickets.models import Ticket
from tickets.services import intake, resolution, triage


def solved(report: Callable[..., Any], requester: User, agent: User, consultant: User, **changes: Any) -> Ticket:
    """A ticket that the consultant attended and solved."""
    group = SupportGroup.objects.get(members=consultant)
    row = intake.receive(report(**changes), by=requester, channel="web")
    triage.open(row, by=agent)
    triage.assign(row, by=agent, group=group)
    triage.take(row, by=consultant)
    return resolution.solve(row, by=consultant, solution_type="definitive", solution="Se corrigió el timbrado.")


def closed(report: Callable[..., Any], requester: User, agent: User, consultant: User, **changes: Any) -> Ticket:
    """The same, accepted by its requester, with what follows from it."""
    row = solved(report, requester, agent, consultant, **changes)
    resolution.accept(row, by=requester)
    run_deliveries()
    return Ticket.objects.get(pk=row.pk)


def graded(survey: Survey, score: int, comment: str = "", at: datetime | None = None) -> Survey:
    """The survey answered with that grade, in the person's name, with what follows from it."""
    row = satisfaction.answer(survey, answers={first(survey.questionnaire).pk: score}, comment=comment, at=at)
    with clock.at(at or clock.now()):
        run_deliveries()
    return row


def first(questionnaire: Questionnaire) -> Question:
    return questionnaire.questions.order_by("position")[0]
