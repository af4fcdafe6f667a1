"""What opens a corrective action by itself, and how many days it has: the guide asks for actions (2.2, 3.13, 3.14) and leaves these to us
(docs/decisions/0013)."""

from improvements.models import OriginRule
from improvements.vocabulary import Origin

# Origin, opens by itself, joins the company's live one, days to implement it.
RULES = (
    (Origin.DETRACTOR, True, False, 30),
    (Origin.SURVEY, True, False, 10),
    (Origin.PROMISE, True, True, 15),
    (Origin.COMPLAINT, False, False, 15),
    (Origin.SUGGESTION, False, False, 30),
    (Origin.RCA, False, False, 15),
    (Origin.REVIEW, False, False, 30),
    (Origin.AUDIT, False, False, 30),
    (Origin.OTHER, False, False, 15),
)


def rules() -> None:
    """One rule for each origin, where it is missing."""
    for origin, opens_itself, joins, days in RULES:
        values = {"opens_itself": opens_itself, "joins": joins, "days": days}
        OriginRule.objects.get_or_create(origin=origin, defaults=values)
