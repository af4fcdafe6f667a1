"""An action ready to be worked on."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from accounts.models import User
from customers.models import Company, ServiceTerms
from improvements.models import CorrectiveAction
from improvements.services import progress, register
from improvements.vocabulary import ActionState, Origin
from servicedesk.seeding import improvements


@pytest.fixture
def rules(guide: ServiceTerms) -> None:
    """The rules that every desk starts with."""
    improvements.rules()


@pytest.fixture
def action(rules: None, now: datetime, company: Company, supervisor: User) -> CorrectiveAction:
    """An open action of `company`, owned by the only supervisor, due in fifteen days."""
    return register.open_for(
        Origin.COMPLAINT,
        source_id=41,
        label="Q000041",
        title="Avisar antes de cada ventana de mantenimiento",
        problem="El cliente se enteró del mantenimiento por la falla.",
        by=supervisor,
        company=company,
    )


@pytest.fixture
def action_in(action: CorrectiveAction, supervisor: User, manager: User, now: datetime) -> Callable[..., Any]:
    """`action_in(state)`: the action taken there by who may."""

    def take(state: str) -> CorrectiveAction:
        row = action
        if state == ActionState.CANCELLED:
            return progress.cancel(row, by=manager, reason="La cubre otra.")
        if state == ActionState.OPEN:
            return row
        row = progress.plan(row, by=supervisor, cause="Nadie avisa.", plan="Avisar 48 h antes.")
        if state == ActionState.IN_PROGRESS:
            return row
        row = progress.implement(row, by=supervisor, evidence="Lista de avisos enviada.")
        if state == ActionState.IMPLEMENTED:
            return row
        return progress.verify(row, by=manager, is_effective=True, text="Sin quejas en un mes.")

    return take
