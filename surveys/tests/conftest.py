"""What the tests of complaints share: the guide's matrices in force, and something to complain about."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from accounts.models import User
from core import caching
from customers.models import ServiceTerms
from servicedesk.seeding import escalation
from surveys.models import Voice
from surveys.services import hearing


@pytest.fixture
def matrices(guide: ServiceTerms) -> None:
    """The guide's matrices in force, and the standard rules."""
    escalation.everything(guide)
    caching.forget_all()


@pytest.fixture
def draft() -> Callable[..., hearing.Draft]:
    """`draft(subject=…)`: a complaint for the desk's own area."""

    def build(**changes: Any) -> hearing.Draft:
        values: dict[str, Any] = {
            "kind": "complaint",
            "subject": "Nadie contesta el teléfono",
            "body": "Llamé tres veces el lunes y nadie contestó.",
            "direction": escalation.CUSTOMERS,
            "area": "Mesa de Servicio",
        }
        return hearing.Draft(**{**values, **changes})

    return build


@pytest.fixture
def complaint(requester: User, matrices: None, draft: Callable[..., hearing.Draft], now: datetime) -> Voice:
    """A complaint of the requester, received in the portal on the Tuesday of the cast."""
    return hearing.receive(draft(), by=requester, channel="web")


@pytest.fixture
def suggestion(requester: User, matrices: None, draft: Callable[..., hearing.Draft], now: datetime) -> Voice:
    words = {"kind": "suggestion", "subject": "Un aviso por WhatsApp", "body": "Que avisen por WhatsApp al cerrar."}
    return hearing.receive(draft(**words), by=requester, channel="web")
