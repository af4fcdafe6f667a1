"""The views of the register of corrective actions: what each holds, in which order, and how many wait for the person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from accounts.roles import SUPERVISING
from improvements import queries
from improvements.queries import Narrow
from improvements.vocabulary import LIVE


@dataclass(frozen=True, slots=True)
class View:
    """`order` names one of `keyset.ORDERS`. `empty` says what to do when there is nothing."""

    key: str
    label: str
    icon: str
    narrow: Narrow
    empty: str
    order: str = "action_due"
    tone: str = ""
    counted: bool = True
    heads_only: bool = False


VIEWS: Mapping[str, View] = {
    view.key: view
    for view in (
        View("mias", "Mis acciones", "assignment_ind", Narrow(is_mine=True), "No tiene acciones a su cargo."),
        View(
            "por-verificar",
            "Por verificar",
            "fact_check",
            Narrow(is_mine_to_verify=True),
            "Ninguna acción implementada espera su verificación.",
            tone="act",
            heads_only=True,
        ),
        View(
            "atrasadas",
            "Atrasadas",
            "event_busy",
            Narrow(is_overdue=True),
            "Ninguna acción pasó de su fecha compromiso.",
            tone="bad",
        ),
        View("abiertas", "Todas las abiertas", "list", Narrow(states=LIVE), "No hay acciones abiertas.", counted=False),
        View(
            "todas",
            "Todas",
            "history",
            Narrow(),
            "Todavía no hay acciones correctivas.",
            order="action_recent",
            counted=False,
        ),
    )
}


def views_for(actor: User) -> list[View]:
    return [view for view in VIEWS.values() if not view.heads_only or actor.role in SUPERVISING]


def default_for(actor: User) -> View:
    """Where the register opens: what supervision must see to, what is their own for the rest."""
    return VIEWS["abiertas"] if actor.role in SUPERVISING else VIEWS["mias"]


def counted(actor: User, now: datetime) -> dict[str, QuerySet[Any]]:
    """The rows of each counted view, for the sidebar's one query."""
    return {view.key: queries.listed(actor, view.narrow, at=now) for view in views_for(actor) if view.counted}
