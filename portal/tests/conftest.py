"""What the portal's tests share."""

import pytest

from core import caching
from servicedesk.seeding import escalation


@pytest.fixture
def matrices(guide):
    """The guide's matrices in force, and the standard rules."""
    escalation.everything(guide)
    caching.forget_all()
