"""How well promised dates were kept over a period, for the board and for reports (guide 3.12: compliance of the commitment)."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from sla.models.commitments import CommitmentQuerySet
from sla.vocabulary import CommitmentState


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of the promises settled in the period; `standing` are those that still stand now, whenever they were given."""

    kept: int
    broken: int
    renegotiated: int
    standing: int

    @property
    def percent(self) -> float | None:
        """Kept of those that had to be kept, with one decimal and rounded down: 100 only if every one was. None without any.

        A renegotiated date had not to be kept any more, so it counts for neither.
        """
        due = self.kept + self.broken
        return self.kept * 1000 // due / 10 if due else None


def summary(rows: CommitmentQuerySet, *, since: datetime, until: datetime) -> Summary:
    """Sum `rows` (scoped already: `Commitment.objects.visible_to(actor)`, a company's, a group's) up over `since` <= settled < `until`.

    Aware moments. A broken promise belongs to the period of its own date, whenever that was found out. Two queries, each on its index.
    """
    of = {
        state: Count("pk", filter=Q(state=state))
        for state in (CommitmentState.KEPT, CommitmentState.BROKEN, CommitmentState.RENEGOTIATED)
    }
    settled = rows.filter(settled_at__gte=since, settled_at__lt=until)
    counts = settled.order_by().aggregate(**{state.value: count for state, count in of.items()})
    return Summary(**counts, standing=rows.filter(state=CommitmentState.STANDING).count())
