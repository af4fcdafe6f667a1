"""Results of earlier years from a file: first what it would store, with every fault by row and column; then all of it or nothing (guide 3.14).

What was understood travels signed in the second form, so that what is stored is what was shown.
"""

from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.text import get_text_list
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from console import nps
from console.nps_forms import ConfirmForm, ImportForm
from console.views.pages import draw
from core import clock, tables
from core.errors import DomainError, InvalidInput, Refused
from surveys import nps_queries, nps_table
from surveys.nps_scoring import Counts, interval_words, signed
from surveys.nps_table import Line, Reading
from surveys.services import nps_history
from tickets.services import inputs

SALT, HOURS = "console.nps_import", 2
SHOWN_FAULTS, SHOWN_LINES = 200, 50
FORMS = {"respuestas": "answers", "conteos": "counts"}
UNPROCESSABLE, CONFLICT = 422, 409


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    actor = nps.runner(request)
    if request.method != "POST":
        return _ask(request, actor)
    return _store(request, actor) if "content" in request.POST else _read(request, actor)


@require_safe
def template(request: HttpRequest) -> HttpResponseBase:
    """The table to fill in: `forma` is respuestas or conteos, `formato` csv or xlsx."""
    actor = nps.runner(request)
    form = FORMS.get(request.GET.get("forma", ""), "answers")
    kind = "csv" if request.GET.get("formato") == "csv" else "xlsx"
    name = "plantilla-nps-conteos" if form == "counts" else "plantilla-nps-respuestas"
    rows: Any = nps_table.template(form)
    return tables.download(name, nps_table.heads(form), rows, form=kind, zone=ZoneInfo(actor.time_zone))


def _read(request: HttpRequest, actor: User) -> HttpResponse:
    """The dry run."""
    form = ImportForm(request.POST, request.FILES, auto_id="importar-%s")
    try:
        upload = request.FILES.get("file")
        if upload is None:
            raise InvalidInput({"file": "Elija el archivo."})
        inputs.files([upload], "file")
        this_year = clock.now().astimezone(ZoneInfo(settings.TIME_ZONE)).year
        found = nps_table.read(tables.read_numbered(upload), this_year=this_year)
    except DomainError as error:
        return _ask(request, actor, form, problems=form.refuse(error), status=UNPROCESSABLE)
    name = inputs.file_name(upload.name)
    if found.faults:
        return _ask(request, actor, form, found=found, name=name, status=UNPROCESSABLE)
    content = signing.dumps([actor.pk, name, [asdict(line) for line in found.lines]], salt=SALT, compress=True)
    confirm = ConfirmForm(initial={"content": content}, auto_id="confirmar-%s")
    return _ask(request, actor, confirm=confirm, found=found, name=name)


def _store(request: HttpRequest, actor: User) -> HttpResponse:
    try:
        by, name, rows = signing.loads(request.POST["content"], salt=SALT, max_age=HOURS * 3600)
        if by != actor.pk:
            raise signing.BadSignature
    except signing.BadSignature:
        text = "La vista previa ya no sirve: elija el archivo otra vez."
        return _ask(request, actor, problems=[text], status=CONFLICT)
    found = Reading([Line(**row) for row in rows], rows=len(rows))
    found.replaces = nps_table.replaced_by(found.years)
    try:
        if found.replaces and not request.POST.get("sure"):
            raise InvalidInput({"sure": "Marque la casilla para sustituirlos, o deje el archivo sin importar."})
        count = nps_history.store(found.lines, by=actor, source=name, replacing=list(found.replaces))
    except (InvalidInput, Refused) as error:
        confirm = ConfirmForm(request.POST, auto_id="confirmar-%s")
        problems = confirm.refuse(error)
        status = UNPROCESSABLE if isinstance(error, InvalidInput) else CONFLICT
        return _ask(request, actor, confirm=confirm, found=found, name=name, problems=problems, status=status)
    what = "Se importó 1 resultado" if count == 1 else f"Se importaron {count} resultados"
    years = get_text_list([str(year) for year in found.years], "y")
    messages.success(request, f"{what} de {years}.")
    return redirect("admin:nps_import")


def _ask(
    request: HttpRequest,
    actor: User,
    form: ImportForm | None = None,
    *,
    confirm: ConfirmForm | None = None,
    found: Reading | None = None,
    name: str = "",
    problems: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    return draw(
        request,
        "nps_import.html",
        title="NPS de años anteriores",
        crumbs=nps.crumbs("Años anteriores"),
        tabs=nps.tabs(actor, "nps_import"),
        form=form or ImportForm(auto_id="importar-%s"),
        confirm=confirm,
        found=found,
        name=name,
        faults=found.faults[:SHOWN_FAULTS] if found else [],
        more_faults=max(0, len(found.faults) - SHOWN_FAULTS) if found else 0,
        lines=[_line(line) for line in found.lines[:SHOWN_LINES]] if found else [],
        more_lines=max(0, len(found.lines) - SHOWN_LINES) if found else 0,
        problems=problems or [],
        imported=nps_queries.imported(),
        now=clock.now(),
        status=status,
    )


def _line(line: Line) -> dict[str, Any]:
    counts = Counts(line.promoters, line.passives, line.detractors, line.invited)
    return {
        "line": line,
        "answered": counts.answered,
        "score": signed(counts.score),
        "range": interval_words(counts.interval),
    }
