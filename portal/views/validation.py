"""The page that the solution's mail leads to: accept or refuse without signing in (guide 3.6). Only its buttons act."""

from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from channels import links
from core import clock
from core.errors import DomainError, IllegalTransition, InvalidInput, NotVisible, Refused
from portal import limits, page
from portal.forms.ticket import RefuseForm
from tickets.services.perform import perform

GONE, TOO_MANY = 410, 429


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def validate(request: HttpRequest, token: str) -> HttpResponse:
    try:
        found = links.read_validation(token)
    except NotVisible:
        raise Http404 from None
    except Refused as refusal:
        status = 200 if refusal.code == "closed" else GONE
        return _say(request, "Ya no hace falta su respuesta", refusal.message, status=status)
    with timezone.override(ZoneInfo(found.user.time_zone)):
        return _answer(request, found) if request.method == "POST" else _ask(request, found)


def _ask(
    request: HttpRequest, found: links.Validation, form: RefuseForm | None = None, status: int = 200
) -> HttpResponse:
    context = {
        **page.foot(),
        "now": clock.now(),
        "ticket": found.ticket,
        "person": found.user,
        "form": form or RefuseForm(),
        "refusing": form is not None or request.GET.get("r") == "no",
    }
    return render(request, "portal/validate.html", context, status=status)


def _answer(request: HttpRequest, found: links.Validation) -> HttpResponse:
    ticket, accepts = found.ticket, request.POST.get("answer") == "accept"
    form = RefuseForm(request.POST)
    if not limits.allows(request, found.token):
        if accepts:
            return _say(request, "No se guardó su respuesta", limits.TOO_OFTEN, status=TOO_MANY)
        form.add_error(None, limits.TOO_OFTEN)
        return _ask(request, found, form, status=TOO_MANY)
    if not accepts and not form.is_valid():
        return _ask(request, found, form, status=422)
    data = {} if accepts else {"reason": form.cleaned_data["reason"]}
    try:
        perform(ticket, "accept" if accepts else "refuse", by=found.user, data=data, version=ticket.version)
    except InvalidInput as error:
        form.take(error)
        return _ask(request, found, form, status=422)
    except NotVisible:
        raise Http404 from None
    except DomainError as error:
        status = 409 if isinstance(error, IllegalTransition) else 403
        return _say(request, "No se guardó su respuesta", error.message, status=status)
    if accepts:
        return _say(request, "Gracias, el ticket quedó cerrado", f"{ticket.number}: aprobado por el cliente.")
    return _say(
        request,
        "Lo devolvimos a revisión",
        f"{ticket.number} vuelve a atenderse, un nivel arriba. Le avisaremos por correo.",
    )


def _say(request: HttpRequest, title: str, text: str, status: int = 200) -> HttpResponse:
    return render(request, "portal/validated.html", {**page.foot(), "heading": title, "text": text}, status=status)
