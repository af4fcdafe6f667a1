"""Priority from impact and urgency (guide 3.4.1): the contract's cell of the matrix, else the guide's."""

from datetime import datetime

from core.caching import remembered
from core.errors import DomainError
from customers import terms as terms_of
from customers.models import ServiceTerms
from tickets.models import PriorityRule
from tickets.vocabulary import Priority


def priority_for(terms: ServiceTerms, *, impact: str, urgency: str, at: datetime) -> Priority:
    """The priority that `terms` give to an impact and an urgency. `at` chooses the standard matrix for cells the contract left alone."""
    cell = (urgency, impact)
    found = _matrix(terms.pk).get(cell) or _matrix(terms_of.standard(at).pk).get(cell)
    if found is None:
        raise DomainError("La matriz de prioridades está incompleta. Ejecute «manage.py seed_guide».")
    return Priority(found)


@remembered
def _matrix(terms_id: int) -> dict[tuple[str, str], str]:
    rows = PriorityRule.objects.filter(terms=terms_id).values_list("urgency", "impact", "priority")
    return {(urgency, impact): priority for urgency, impact, priority in rows}
