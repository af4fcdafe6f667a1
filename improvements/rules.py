"""The rule of each origin, kept in memory: configuration that changes seldom."""

from core.caching import remembered
from improvements.models import OriginRule

LONGEST_DAYS = 730
"""No rule gives more than two years."""


def of(origin: str) -> OriginRule:
    """The rule of an origin; an unsaved one with the defaults (nothing opens by itself) where nobody wrote one. No query when warm."""
    return _all().get(origin) or OriginRule(origin=origin)


@remembered
def _all() -> dict[str, OriginRule]:
    return {rule.origin: rule for rule in OriginRule.objects.select_related("owner")}
