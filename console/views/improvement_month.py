"""«Mejora del mes»: what was opened, done, verified and left undone in a month, on a page and as a file. It changes nothing.

What each sees is what they may see of the register: nobody reads here of an action that is kept from them.
"""

from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.roles import Role
from console import companies, monthly
from console.forms import PlainForm
from console.views.pages import draw, person
from core import clock, tables
from improvements import queries
from improvements.monthly import FIRST_YEAR

FORMS = ("csv", "xlsx")


def may_see(actor: User) -> bool:
    """The desk, but consultants: the month of what only they own would say nothing of the desk's."""
    return actor.is_desk and actor.role != Role.CONSULTANT


class MonthForm(PlainForm):
    mes = forms.CharField(label="Mes", widget=forms.TextInput(attrs={"type": "month"}))
    compania = forms.CharField(
        label="Compañía", required=False, widget=forms.TextInput(attrs={"list": "companias", "placeholder": "Todas"})
    )


class Asked:
    """The month and the company that the address names; of what names neither, this month and all."""

    def __init__(self, request: HttpRequest) -> None:
        self.actor, self.now = person(request), clock.now()
        local = self.now.astimezone(ZoneInfo(settings.TIME_ZONE))
        self.year, self.month = month_of(request.GET.get("mes", "")) or (local.year, local.month)
        self.before, self.after = monthly.near(self.year, self.month, local)
        text = request.GET.get("compania", "")
        self.company, self.fault = companies.company_named(text, self.actor)
        self.form = MonthForm({"mes": self.name, "compania": text}, auto_id="mes-%s")
        if self.fault:
            self.form.errors["compania"] = self.form.error_class([self.fault])

    @property
    def name(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    def found(self) -> queries.Month:
        return queries.month(self.year, self.month, self.company, viewer=self.actor, at=self.now)

    def query(self, month: str) -> str:
        company = {"compania": self.company.name} if self.company else {}
        return f"?{urlencode({'mes': month, **company})}"


def month_of(text: str) -> tuple[int, int] | None:
    """«2026-03» as year and month; None when it is not one."""
    year, _, month = text.partition("-")
    if not (len(year) == 4 and len(month) == 2 and (year + month).isascii() and (year + month).isdigit()):
        return None
    return (int(year), int(month)) if FIRST_YEAR <= int(year) < 2200 and 1 <= int(month) <= 12 else None


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    asked = _asked(request)
    export = reverse("admin:improvements_month_export") + asked.query(asked.name)
    context: dict[str, Any] = {}
    # Without the company that was meant, any number would be of others.
    if not asked.fault:
        found = asked.found()
        context = {
            "found": found,
            "stats": monthly.stats(found),
            "charts": monthly.charts(found),
            "rows": found.lines,
            "exports": [
                {"label": "Excel", "href": f"{export}&formato=xlsx"},
                {"label": "CSV", "href": f"{export}&formato=csv"},
            ],
        }
    return draw(
        request,
        "improvement_month.html",
        title=f"Mejora de {monthly.month_words(asked.year, asked.month)}",
        crumbs=[{"label": "Mejora continua"}, {"label": "Mejora del mes"}],
        form=asked.form,
        names=companies.company_names(asked.actor),
        before_url=asked.query(asked.before),
        after_url=asked.query(asked.after) if asked.after else "",
        now=asked.now,
        **context,
    )


@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """The actions of the month, one each, as CSV or Excel."""
    asked = _asked(request)
    form = request.GET.get("formato", "")
    return tables.download(
        f"mejora-{asked.name}",
        monthly.HEAD,
        monthly.lines(asked.found()) if not asked.fault else [],
        form=form if form in FORMS else FORMS[0],
        zone=ZoneInfo(asked.actor.time_zone),
    )


def _asked(request: HttpRequest) -> Asked:
    if not may_see(person(request)):
        raise PermissionDenied
    return Asked(request)
