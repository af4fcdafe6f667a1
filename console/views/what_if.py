"""«¿Qué pasaría si…?»: both deadlines of a ticket that does not exist, as signed and under terms that are only tried. It stores nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from accounts.models import User
from console import companies, what_if
from console.views.pages import draw, person
from console.what_if import WhatIfForm
from core import clock, words
from core.errors import DomainError, InvalidInput
from customers import terms as terms_of
from customers.models import Contract, ServiceTerms
from sla import presentation
from sla.preview import Preview, preview
from sla.vocabulary import ClockKind
from tickets.vocabulary import Priority


@dataclass(frozen=True, slots=True)
class Answer:
    """One clock under one set of terms. `difference` says how far it is from the contract as signed."""

    kind: str
    due: str
    ledger: Mapping[str, Any]
    difference: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    priority: str
    answers: list[Answer]


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    actor, now = person(request), clock.now()
    if any(not value.strip() for values in dict(request.GET).values() for value in values):
        return redirect(f"{request.path}?{what_if.compact(request.GET)}")
    form = WhatIfForm(request.GET, actor=actor)
    terms = _terms_of(form, now)
    if what_if.COPY in request.GET and terms is not None:
        return redirect(f"{request.path}?{what_if.copied(form, terms)}")
    columns, problems = _answers(form, actor, now)
    return draw(
        request,
        "what_if.html",
        title="¿Qué pasaría si…?",
        crumbs=[{"label": "Niveles de servicio"}, {"label": "¿Qué pasaría si…?"}],
        form=form,
        columns=columns,
        problems=problems,
        company_names=companies.company_names(actor),
        contract_numbers=companies.contract_numbers(actor),
        copy_url=f"?{what_if.compact(request.GET)}&{what_if.COPY}=1" if terms is not None else "",
        place=presentation.place_of(form.zone),
        now=now,
    )


def _answers(form: WhatIfForm, actor: User, now: datetime) -> tuple[list[Column], list[str]]:
    """What the preview says of the case, as signed and as tried; or nothing, with the faults beside their inputs."""
    asked = [(_signed(form), form.case)]
    if form.has_tried:
        asked.append(("Con otras condiciones", form.tried))
    found: list[tuple[str, Preview]] = []
    problems: dict[str, None] = {}
    for title, data in asked:
        try:
            found.append((title, preview(data(), actor=actor, at=now)))
        except InvalidInput as error:
            problems |= dict.fromkeys(form.refused(error))
        except DomainError as error:
            problems[error.message] = None
    if form.faults:
        form.refuse(InvalidInput(form.faults))
    if form.errors or problems:
        return [], list(problems)
    first = found[0][1]
    return [_column(title, one, first, form.zone, now) for title, one in found], []


def _column(title: str, found: Preview, first: Preview, zone: str, now: datetime) -> Column:
    answers = []
    for kind in ClockKind:
        ledger = found.ledger[kind.value]
        props = presentation.ledger_words(ledger, at=now, zone=ZoneInfo(zone))
        due = "En pausa: sin plazo hasta que se reanude"
        if ledger.due_at is not None:
            due = f"{'Vence' if ledger.due_at > now else 'Vencía'} {words.on_moment(ledger.due_at, zone=ZoneInfo(zone), now=now)}"
        difference = "" if found is first else _difference(first.ledger[kind.value].due_at, ledger.due_at)
        answers.append(Answer(str(kind.label), due, {**props, "open": True}, difference))
    return Column(title, str(Priority(found.priority).label), answers)


def _difference(signed: datetime | None, tried: datetime | None) -> str:
    if signed is None or tried is None:
        return ""
    if signed == tried:
        return "Igual que lo firmado"
    return f"{words.duration(tried - signed if tried > signed else signed - tried)} {'después' if tried > signed else 'antes'}"


def _signed(form: WhatIfForm) -> str:
    if form.by_the_guide:
        return "Por la guía"
    if form.chosen_contract is not None:
        return f"Contrato {form.chosen_contract.number}"
    return str(form.chosen_company.name)


def _terms_of(form: WhatIfForm, now: datetime) -> ServiceTerms | None:
    """The terms of their own that the chosen contract has now; None when it is measured by the guide."""
    contract: Contract | None = form.chosen_contract
    if contract is None and form.chosen_company is not None:
        today = now.astimezone(ZoneInfo(form.zone)).date()
        rows = Contract.objects.visible_to(form.actor).in_force(today).filter(company=form.chosen_company)
        contract = rows.order_by("-starts_on").first()
    terms = terms_of.in_force(contract.pk, now) if contract is not None else None
    return terms if terms is not None and terms.contract_id else None
