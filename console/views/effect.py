"""«Efecto»: what terms would do to sample tickets and to the open ones, and the way to apply them to these (guide 3.1, 3.4)."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from console.forms import PlainForm
from console.views.pages import draw, person
from core import clock, words
from core.errors import DomainError, Refused
from core.leases import WorkState
from customers.models import ServiceTerms
from sla import effect, presentation
from sla.effect import Effect, Sample
from sla.models import Recalculation
from sla.preview import DEFAULT_ZONE
from sla.services import recalculation
from tickets.vocabulary import ServiceLine

MOMENT, SHOWN = "momento", "muestra"
FRIDAY, SATURDAY = 4, 5
EVENING, MORNING = time(18, 30), time(11, 0)
BEYOND = "Con esa fecha el vencimiento sale del calendario (1900 a 2199)."
UNFINISHED = "Todavía no se puede calcular: {why}"


class ApplyForm(PlainForm):
    reason = forms.CharField(
        label="Motivo",
        widget=forms.Textarea,
        help_text="Queda en la historia de cada ticket, donde también lo lee el cliente.",
    )
    sure = forms.BooleanField(label="Sí, aplicar estas condiciones a los tickets abiertos")


class MomentForm(forms.Form):
    momento = forms.CharField(
        label="Levantado el", required=False, widget=forms.TextInput(attrs={"type": "datetime-local"})
    )


def page(request: HttpRequest, terms: ServiceTerms) -> HttpResponse:
    """GET shows; POST asks for the recalculation, with its reason, and leads to its progress."""
    form = ApplyForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _draw(request, terms, form)
    try:
        job = _apply(request, terms, form)
    except DomainError as error:
        loose = form.refuse(error)
        status = 403 if isinstance(error, Refused) and not recalculation.is_allowed(person(request)) else 422
        return _draw(request, terms, form, problem=" ".join(loose), status=status)
    waits = job.next_at > clock.now()
    done = f"Se aplicarán {_on(job.next_at)}." if waits else "Se están aplicando a los tickets abiertos."
    messages.success(request, done)
    return redirect("admin:sla_recalculation_change", job.pk)


def _apply(request: HttpRequest, terms: ServiceTerms, form: ApplyForm) -> Recalculation:
    if (
        "sure" not in request.POST
        and recalculation.is_allowed(person(request))
        and form.raw("reason")["reason"].strip()
    ):
        raise DomainError("Marque la casilla para confirmar.", field="sure")
    return recalculation.request(by=person(request), terms=terms, reason=form.raw("reason")["reason"])


def _draw(
    request: HttpRequest, terms: ServiceTerms, form: ApplyForm, *, problem: str = "", status: int = 200
) -> HttpResponse:
    now = clock.now()
    zone = terms.time_zone or (terms.contract.company.time_zone if terms.contract else DEFAULT_ZONE)
    old = effect.before(terms, at=now)
    present = f"{now.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}"
    asked = MomentForm(request.GET if request.GET.get(MOMENT) else None, initial={MOMENT: present})
    chosen = _moment(asked, ZoneInfo(zone)) or now
    pending = Recalculation.objects.filter(terms=terms, state=WorkState.PENDING).first()
    context = {
        "terms": terms,
        "old": old,
        "old_began": _on(old.valid_from),
        "is_first": old.pk == terms.pk,
        "begins": _on(terms.valid_from) if terms.valid_from > now else "",
        "began": _on(terms.valid_from),
        "zone": presentation.place_of(zone),
        "now": now,
        "asked": asked,
        "moment": chosen,
        **_samples(terms, old, asked, chosen, ZoneInfo(zone), request.GET.get(SHOWN, "")),
        **_open_tickets(terms, now),
        "pending": pending,
        "may_apply": recalculation.is_allowed(person(request)),
        "replaced": recalculation.is_replaced(terms, at=now),
        "form": form,
        "problem": problem,
    }
    crumbs = [
        {"label": "Condiciones de servicio", "href": reverse("admin:customers_serviceterms_changelist")},
        {"label": f"{terms}", "href": reverse("admin:customers_serviceterms_change", args=[terms.pk])},
        {"label": "Efecto"},
    ]
    return draw(request, "effect.html", title=f"Efecto de «{terms}»", crumbs=crumbs, status=status, **context)


def _moment(asked: MomentForm, zone: ZoneInfo) -> datetime | None:
    """The moment that was typed, on the clocks of the terms' zone; None if there is none, or it cannot be counted."""
    if not asked.is_bound:
        return None
    try:
        wall = datetime.fromisoformat(str(asked.data.get(MOMENT)))
    except ValueError:
        asked.add_error(MOMENT, "Escriba una fecha y una hora que existan.")
        return None
    if not 1901 <= wall.year < 2199:
        asked.add_error(MOMENT, BEYOND)
        return None
    return wall.replace(tzinfo=zone)


def _samples(
    terms: ServiceTerms, old: ServiceTerms, asked: MomentForm, chosen: datetime, zone: ZoneInfo, shown: str
) -> dict[str, Any]:
    """The tables: of the chosen moment, of a Friday evening and of a Saturday; one is shown, each says how much changes in it."""
    local = chosen.astimezone(zone)
    moments = {
        "": ("Ahora" if not asked.is_bound or asked.errors else "El momento elegido", chosen),
        "viernes": ("Viernes, 18:30", _next(local, FRIDAY, EVENING)),
        "sabado": ("Sábado, 11:00", _next(local, SATURDAY, MORNING)),
    }
    shown = shown if shown in moments else ""
    kept = f"{MOMENT}={local:%Y-%m-%dT%H:%M}&" if asked.is_bound and not asked.errors else ""
    tables: dict[str, list[Sample]] = {}
    try:
        tables = {key: effect.samples(old, terms, zone=zone.key, at=at) for key, (_, at) in moments.items()}
        cells = list(effect.matrix(old, terms, at=chosen))
    except DomainError as error:
        return {"unfinished": UNFINISHED.format(why=error.message), "shown": shown}
    except (ValueError, OverflowError):
        return {"unfinished": BEYOND, "shown": shown}
    tabs = [
        {
            "label": label,
            "href": f"?{kept}{SHOWN}={key}#muestras" if key else f"?{kept}#muestras",
            "current": key == shown,
            "count": _changed(tables[key]),
        }
        for key, (label, _) in moments.items()
    ]
    at = moments[shown][1]
    return {
        "shown": shown,
        "tabs": tabs,
        "raised": words.on_moment(at, zone=zone, now=clock.now()),
        "groups": _groups(tables[shown], zone),
        "changed_rows": _changed(tables[shown]),
        "cells": cells,
    }


def _changed(rows: list[Sample]) -> int:
    return sum(row.changed for row in rows)


def _groups(rows: list[Sample], zone: ZoneInfo) -> list[dict[str, Any]]:
    """The four priorities by kind and line; lines with the same times share a table. Told on the clocks of `zone`."""
    tables: list[dict[str, Any]] = []
    for kind in effect.SAMPLED:
        for line in ServiceLine:
            found = [_row(row, zone) for row in rows if (row.kind, row.service_line) == (kind, line)]
            same = next((table for table in tables if (table["kind"], table["rows"]) == (kind, found)), None)
            if same is None:
                tables.append({"kind": kind, "rows": found, "name": f"{kind.label}, {line.label.lower()}"})
            else:
                same["name"] += f" y {line.label.lower()}"
    return tables


def _row(row: Sample, zone: ZoneInfo) -> dict[str, Any]:
    now = clock.now()
    cells = [
        {
            "label": label,
            "changed": pair.changed,
            "before": words.dated_moment(pair.before, zone=zone, now=now),
            "after": words.dated_moment(pair.after, zone=zone, now=now),
            "sooner": pair.after < pair.before,
        }
        for label, pair in (("Reacción", row.reaction), ("Atención", row.attention))
    ]
    return {"priority": row.priority, "cells": cells}


def _next(local: datetime, weekday: int, wall: time) -> datetime:
    """The first such moment of the week that is not before `local`."""
    day = local.date() + timedelta(days=(weekday - local.weekday()) % 7)
    found = datetime.combine(day, wall, local.tzinfo)
    return found if found >= local else datetime.combine(day + timedelta(days=7), wall, local.tzinfo)


def _open_tickets(terms: ServiceTerms, now: datetime) -> dict[str, Any]:
    found = effect.on_open_tickets(terms, at=now)
    return {"effect": found, "told": told(found)}


def told(found: Effect) -> str:
    """«Cambiarían 37 de 120 tickets abiertos», and no more than was looked at."""
    if not found.total:
        return "Ningún ticket abierto tomaría estas condiciones."
    total = f"más de {found.total:,}" if found.beyond else f"{found.total:,}"
    if found.is_whole:
        if not found.changed and found.total > 1:
            return f"Ninguno de los {total} tickets abiertos cambiaría."
        if found.total == 1:
            return "El único ticket abierto cambiaría." if found.changed else "El único ticket abierto no cambiaría."
        return f"Cambiarían {found.changed:,} de {total} tickets abiertos."
    return f"De los {found.looked_at:,} más antiguos de {total} tickets abiertos cambiarían {found.changed:,}; los demás no se revisaron aquí."


def _on(moment: datetime) -> str:
    """«el 10 de marzo de 2027, 0:00»: a date that may be far."""
    return "el " + date_format(timezone.localtime(moment), "j \\d\\e F \\d\\e Y, G:i").lower()
