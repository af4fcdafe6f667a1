"""What narrows the register of corrective actions: read from the address. The choices cost one query, for the people."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from accounts.models import User
from accounts.roles import Role
from console import companies
from console.action_queues import VIEWS, View, default_for
from console.filters import EXACT, LONGEST
from core.text import is_number
from improvements import people
from improvements.queries import Narrow
from improvements.vocabulary import ActionKind, ActionState, Origin

NAMES = ("vista", "q", "situacion", "origen", "tipo", "responsable", "compania")
NOBODY = -1
"""An owner or a company that there is not: nothing matches."""


class ActionFilters:
    """The filters of one address, for one person."""

    def __init__(self, query: QueryDict | Mapping[str, str], actor: User, now: datetime) -> None:
        values = {name: str(query.get(name, ""))[:LONGEST].replace("\x00", "").strip() for name in NAMES}
        self.values = {name: value for name, value in values.items() if value}
        self.actor, self.now = actor, now

    @property
    def search(self) -> str:
        return self.values.get("q", "")

    @property
    def view(self) -> View:
        """What is shown: everything while something is searched."""
        if self.search:
            return VIEWS["todas"]
        return VIEWS.get(self.values.get("vista", ""), default_for(self.actor))

    @property
    def narrowed(self) -> bool:
        return any(name != "vista" for name in self.values)

    def address(self, **changes: str) -> str:
        """The list's address with these values changed; an empty one leaves the filter out."""
        kept = {name: value for name, value in {**self.values, **changes}.items() if value}
        return f"?{urlencode(kept)}"

    @property
    def narrow(self) -> Narrow:
        """All of them together; what makes no sense is left out. Up to two queries where a company is named."""
        found, values = self.view.narrow, self.values
        if values.get("situacion") in ActionState.values:
            found = replace(found, states=(values["situacion"],))
        if values.get("origen") in Origin.values:
            found = replace(found, origin=values["origen"])
        if values.get("tipo") in ActionKind.values:
            found = replace(found, kind=values["tipo"])
        if owner := values.get("responsable"):
            found = replace(found, owner=int(owner) if is_number(owner) else NOBODY)
        if company := values.get("compania"):
            row, _ = companies.company_named(company.removeprefix(EXACT), self.actor)
            found = replace(found, company=row.pk if row else NOBODY)
        return replace(found, text=self.search)

    def chips(self) -> list[dict[str, Any]]:
        """The filters with choices, as the component `filters` takes them."""
        owners = [(str(row.pk), row.full_name) for row in people.candidates()] if self._sees_others else []
        told = [
            self._chip("situacion", "Situación", list(ActionState.choices)),
            self._chip("origen", "Origen", list(Origin.choices)),
            self._chip("tipo", "Tipo", list(ActionKind.choices)),
        ]
        return [*told, self._chip("responsable", "Responsable", owners)] if owners else told

    @property
    def _sees_others(self) -> bool:
        return self.actor.has_perm("customers.view_company") and self.actor.role != Role.CONSULTANT

    def _chip(self, name: str, label: str, options: list[tuple[str, str]]) -> dict[str, Any]:
        value = self.values.get(name, "")
        if value:
            told = dict(options).get(value, value)
            return {"label": f"{label}: {told}", "href": self.address(**{name: ""}), "current": True}
        menu = [{"label": text, "href": self.address(**{name: option})} for option, text in options]
        return {"id": f"filtro-{name}", "label": label, "options": menu}

    def typed(self) -> list[dict[str, Any]]:
        value = self.values.get("compania", "")
        return [
            {
                "name": "compania",
                "label": "Compañía",
                "value": value,
                "words": value.removeprefix(EXACT),
                "clear": self.address(compania=""),
                "kept": [{"name": key, "value": kept} for key, kept in self.values.items() if key != "compania"],
                "shortcuts": [],
            }
        ]
