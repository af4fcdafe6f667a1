"""What must hold of the satisfaction surveys and their questionnaires, checked from the database alone."""

from collections.abc import Iterator
from itertools import groupby

from django.db.models import F, OuterRef, Q, Subquery

from surveys import questionnaires
from surveys.models import Answer, Questionnaire, Survey
from surveys.vocabulary import InvitationState, QuestionKind
from tickets.vocabulary import ClosingCode

CHUNK = 500
SENT = (InvitationState.INVITED, InvitationState.ANSWERED, InvitationState.EXPIRED)


def invariants() -> Iterator[str]:
    """Every problem found, as an English sentence. A few queries, whatever the number of surveys."""
    yield from _of_questionnaires()
    for condition, problem in FAULTS:
        for pk, ticket in Survey.objects.filter(condition).values_list("pk", "ticket").iterator(CHUNK):
            yield f"survey {pk} of T{ticket:07d}: {problem}"
    yield from _of_answers()


FAULTS: tuple[tuple[Q, str], ...] = (
    (
        ~Q(ticket__closing_code__in=[ClosingCode.APPROVED, ClosingCode.UNVALIDATED]),
        "its ticket was not closed as solved",
    ),
    (~Q(company=F("ticket__company")), "its company is not the ticket's"),
    (Q(state__in=SENT) & (Q(invited_at=None) | Q(expires_at=None)), "was sent, and has no moment or no end"),
    (Q(expires_at__lte=F("invited_at")), "ends before it was sent"),
    (Q(state=InvitationState.INVITED, next_at=None), "waits for an answer, and nobody looks at it again"),
    (~Q(state=InvitationState.INVITED) & Q(next_at__isnull=False), "waits for nothing, and is looked at again"),
    (Q(next_at__gt=F("expires_at")), "is looked at after its end"),
    (Q(state=InvitationState.LEFT_OUT, invited_at__isnull=False), "asked nobody, and was sent"),
    (Q(changed_at__lt=F("answered_at")), "was changed before it was answered"),
    (Q(answered_at__gte=F("expires_at")) | Q(changed_at__gte=F("expires_at")), "was answered after its end"),
    (Q(questionnaire__published_at=None), "asks what was never published"),
)


def _of_questionnaires() -> Iterator[str]:
    """Versions without gaps, the published ones complete, one draft at most and always the newest."""
    rows = Questionnaire.objects.order_by("service_line", "version")
    for line, group in groupby(rows, key=lambda row: row.service_line):
        versions, name = list(group), f"questionnaire of {line or 'every line'}"
        if [row.version for row in versions] != list(range(1, len(versions) + 1)):
            yield f"{name}: its versions are {[row.version for row in versions]}"
        for row in versions:
            if row.published_at is None and row is not versions[-1]:
                yield f"{name}: version {row.version} is a draft and not the newest"
            elif row.published_at is not None and list(questionnaires.faults(row)):
                yield f"{name}, version {row.version}: is published with faults"


def _of_answers() -> Iterator[str]:
    """The grade is the answer to the first question, and every answer is of the survey's own questionnaire."""
    first = Answer.objects.filter(survey=OuterRef("pk"), question__position=1).values("number")[:1]
    graded = Survey.objects.filter(state=InvitationState.ANSWERED).annotate(given=Subquery(first))
    for pk in graded.exclude(score=F("given")).values_list("pk", flat=True).iterator(CHUNK):
        yield f"survey {pk}: its grade is not the answer to its first question"
    ungraded = graded.filter(given=None)
    for pk in ungraded.values_list("pk", flat=True).iterator(CHUNK):
        yield f"survey {pk}: was answered, and its first question was not"
    rows = Answer.objects.exclude(question__questionnaire=F("survey__questionnaire"))
    for pk in rows.values_list("survey", flat=True).distinct().iterator(CHUNK):
        yield f"survey {pk}: answers a question of another questionnaire"
    stray = Answer.objects.exclude(survey__state=InvitationState.ANSWERED)
    for pk in stray.values_list("survey", flat=True).distinct().iterator(CHUNK):
        yield f"survey {pk}: has answers, and was not answered"
    scale = Q(question__kind=QuestionKind.SCALE) & (Q(number=None) | Q(number__lt=1) | Q(number__gt=5))
    yes_no = Q(question__kind=QuestionKind.YES_NO) & (Q(number=None) | Q(number__gt=1))
    texts = Q(question__kind__in=[QuestionKind.CHOICE, QuestionKind.TEXT], text="")
    for pk in Answer.objects.filter(scale | yes_no | texts).values_list("survey", flat=True).iterator(CHUNK):
        yield f"survey {pk}: has an answer that its question does not take"
