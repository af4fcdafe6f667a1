"""Choosing a company or a contract by typing its name: no list of all of them, whatever their number."""

from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from customers.models import Company, Contract

OFFERED = 200
"""Names that the input suggests; any other may be typed."""
TOLD = 3
LONGEST = 120

Found = tuple[Any, str]
"""The row, or None with what is wrong in Spanish ("" when nothing was typed)."""


def company_named(text: str, actor: User) -> Found:
    """The company of that name, or the only one whose name holds it. At most two queries."""
    return _named(text, Company.objects.visible_to(actor), "name", "Ninguna compañía se llama así.")


def contract_numbered(text: str, actor: User) -> Found:
    """The same for contracts, by their number."""
    rows = Contract.objects.visible_to(actor).select_related("company")
    return _named(text, rows, "number", "Ningún contrato tiene ese número.")


def company_names(actor: User) -> list[str]:
    rows = Company.objects.visible_to(actor).filter(is_active=True)
    return list(rows.order_by("name").values_list("name", flat=True)[:OFFERED])


def contract_numbers(actor: User) -> list[str]:
    return list(Contract.objects.visible_to(actor).order_by("number").values_list("number", flat=True)[:OFFERED])


def _named(text: str, rows: QuerySet[Any], field: str, nobody: str) -> Found:
    text = text.replace("\x00", "").strip()[:LONGEST]
    if not text:
        return None, ""
    exact = rows.filter(**{f"{field}__iexact": text}).first()
    if exact is not None:
        return exact, ""
    found = list(rows.filter(**{f"{field}__icontains": text}).order_by(field)[: TOLD + 1])
    if len(found) == 1:
        return found[0], ""
    if not found:
        return None, nobody
    names = ", ".join(f"«{getattr(row, field)}»" for row in found[:TOLD])
    return None, f"Hay más de uno: {names}{' y otros' if len(found) > TOLD else ''}. Escríbalo completo."
