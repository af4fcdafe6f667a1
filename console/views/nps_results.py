"""NPS: the results by year, company and service, with their intervals, and the same as a file (guide 3.14). It changes nothing.

Queries, whatever their number: the person and session, the sidebar, six for what there is to choose from, and two for each way of cutting.
"""

from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import User
from console import nps
from console.nps_forms import ResultsForm
from console.views.pages import draw
from core import clock, tables
from surveys import nps_policy, nps_results
from surveys.nps_results import By, Narrow, Result

FORMS = ("csv", "xlsx")
HEAD = ("NPS", "NPS exacto", "Intervalo desde", "Intervalo hasta", "Respuestas", "Promotores", "Pasivos", "Detractores",
        "Invitados", "Contestó (%)")  # fmt: skip


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    actor = nps.reader(request)
    years = nps_results.years(actor)
    form = _form(request, actor, years)
    narrow = _narrow(form)
    total = nps_results.total(narrow, actor)
    return draw(
        request,
        "nps_results.html",
        title="NPS",
        crumbs=nps.crumbs("Resultados"),
        tabs=nps.tabs(actor, "nps_results"),
        form=form,
        has_any=bool(years),
        stats=nps.stats(total),
        total=total,
        charts=_charts(form, narrow, actor) if total.invited != 0 else [],
        grades=nps.grades(times) if sum((times := nps_results.distribution(narrow, actor)).values()) else None,
        clear_url=f"?{urlencode({'ano': form.chosen('ano')})}" if form.chosen("ano") else "?",
        exports=_exports(form),
        can_run=bool(nps_policy.may_run(actor)),
        now=clock.now(),
    )


@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """The narrowed results cut by `por` (compania, servicio or ano), as CSV or Excel."""
    actor = nps.reader(request)
    form = _form(request, actor, nps_results.years(actor))
    by = {"servicio": By.SERVICE, "ano": By.YEAR}.get(request.GET.get("por", ""), By.COMPANY)
    rows = nps_results.results(by, _narrow(form), actor)
    kind = request.GET.get("formato", "")
    head = (str(By(by).label), *HEAD)
    name = {By.COMPANY: "nps-por-compania", By.SERVICE: "nps-por-servicio", By.YEAR: "nps-por-ano"}[by]
    cells = (_cells(row) for row in rows)
    zone = ZoneInfo(actor.time_zone)
    return tables.download(name, head, cells, form=kind if kind in FORMS else FORMS[0], zone=zone)


def _form(request: HttpRequest, actor: User, years: list[int]) -> ResultsForm:
    return ResultsForm(request.GET, years=years, names=nps_results.names(actor))


def _narrow(form: ResultsForm) -> Narrow:
    return Narrow(year=form.number("ano"), company=form.number("compania"), service=form.number("servicio"))


def _charts(form: ResultsForm, narrow: Narrow, actor: User) -> list[tuple[str, dict[str, Any], str]]:
    """Over the years always; by company and by service where those were not chosen. Heading, chart, and what to know of it."""
    whole = Narrow(company=narrow.company, service=narrow.service)
    cuts = [(By.YEAR, "Por año", "NPS por año, con su intervalo de 95 %", whole, "ano")]
    if narrow.company is None:
        cuts.append((By.COMPANY, "Por compañía", "NPS por compañía, con su intervalo de 95 %", narrow, "compania"))
    if narrow.service is None:
        cuts.append((By.SERVICE, "Por servicio", "NPS por servicio, con su intervalo de 95 %", narrow, "servicio"))
    found = []
    for by, heading, label, cut, name in cuts:
        rows = nps_results.results(by, cut, actor)
        shown = _most(rows)
        links = {row.key: _address(form, **{name: str(row.key)}) for row in rows}
        note = ""
        if len(shown) < len(rows):
            note = (
                f"Se muestran {len(shown)} de {len(rows)}, con más respuestas. Exporte el archivo para tenerlas todas."
            )
        if rows:
            found.append((heading, nps.chart(label, str(By(by).label), shown, links), note))
    return found


def _most(rows: list[Result]) -> list[Result]:
    """What a drawing holds: those with most answers, in their order."""
    kept = sorted(rows, key=lambda row: -row.counts.answered)[: nps.CHARTED]
    return [row for row in rows if row in kept]


def _address(form: ResultsForm, **changes: str) -> str:
    kept = {name: form.chosen(name) for name in form.fields} | changes
    return f"?{urlencode({name: value for name, value in kept.items() if value})}"


def _exports(form: ResultsForm) -> list[dict[str, str]]:
    base = reverse("admin:nps_results_export") + (_address(form) if _address(form) != "?" else "?")
    ways = (("compania", "por compañía"), ("servicio", "por servicio"), ("ano", "por año"))
    return [
        {"label": f"{kind}, {words}", "href": f"{base}&por={name}&formato={value}"}
        for value, kind in (("xlsx", "Excel"), ("csv", "CSV"))
        for name, words in ways
    ]


def _cells(row: Result) -> tuple[Any, ...]:
    counts = row.counts
    low, high = counts.interval or (None, None)
    return (
        row.label,
        counts.score,
        None if counts.exact is None else round(float(counts.exact), 4),
        None if low is None else round(low, 1),
        None if high is None else round(high, 1),
        counts.answered,
        counts.promoters,
        counts.passives,
        counts.detractors,
        counts.invited,
        None if counts.rate is None else float(counts.rate),
    )
