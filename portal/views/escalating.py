"""Going up the matrix from the ticket's page (guide 3.5.2)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from core import clock
from core.errors import DomainError, InvalidInput, NotVisible, StaleVersion
from escalation import standing
from escalation.services import raising
from portal import escalation
from portal.access import customer, find_ticket, who
from portal.forms.ticket import KEPT, EscalateForm
from portal.once import key_of, once
from portal.views.ticket import show, stale
from tickets.models import Ticket

TOO_SOON = {"not_yet", "ended"}
"""Refusals that the ticket's moment brings, not the person."""


@require_http_methods(["GET", "HEAD", "POST"])
@customer
def escalate(request: HttpRequest, number: str) -> HttpResponse:
    """Tell the next level. What is missing comes back beside its field; what changed meanwhile, as a 409 with the text kept."""
    user = who(request)
    row = find_ticket(user, number)
    if request.method != "POST":
        return redirect("portal:ticket", number=row.number)
    form = EscalateForm.sent(request.POST)
    if not form.is_valid():
        return show(request, row, escalate_form=form, status=422)
    clean = form.cleaned_data

    def act() -> Ticket:
        raising.escalate(row, by=user, reason=clean["reason"], kind=form.matrix, version=clean["version"])
        return row

    try:
        once(key_of(request), user, act)
    except InvalidInput as error:
        form.take(error)
        return show(request, row, escalate_form=form, status=422)
    except StaleVersion as error:
        return _again(request, number, form, error.message)
    except NotVisible:
        raise
    except DomainError as refusal:
        return stale(request, row, refusal.message, form, status=409 if refusal.code in TOO_SOON else 403)
    messages.success(request, escalation.done(row, user, form.matrix, now=clock.now()))
    return redirect("portal:ticket", number=row.number)


def _again(request: HttpRequest, number: str, form: EscalateForm, message: str) -> HttpResponse:
    """409: the ticket as it is now, with the text in the same form if there is still somebody to tell, else where it can be sent."""
    fresh = find_ticket(who(request), number)
    ways = standing.of(fresh, who(request), at=clock.now()).ways
    if not any(way.kind == form.matrix and way.may for way in ways):
        return stale(request, fresh, message, form)
    kept = EscalateForm.fresh(form.matrix, fresh.version, str(form.data.get("reason", "")))
    return show(request, fresh, escalate_form=kept, warning=message, kept=KEPT, status=409)
