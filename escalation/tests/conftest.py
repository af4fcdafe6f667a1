"""What the tests of the escalations share: the guide's matrices and rules."""

import pytest

from core import caching
from customers.models import ServiceTerms
from servicedesk.seeding import escalation


@pytest.fixture
def matrices(guide: ServiceTerms) -> None:
    """The guide's matrices in force, and the standard rules."""
    escalation.everything(guide)
    caching.forget_all()
