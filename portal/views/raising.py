"""Raising a ticket: what happens, whom it affects, and what was promised before it is sent (guide 3.4, 4.2)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from core import clock
from core.errors import InvalidInput, Refused
from customers import terms as terms_of
from customers.terms import Standing
from portal import page
from portal.access import customer, who
from portal.forms.raising import IMPACT_OPTIONS, KIND_OPTIONS, LINE_OPTIONS, URGENCY_OPTIONS, RaiseForm
from portal.once import key_of, once
from portal.promise import promise
from portal.similar import similar
from tickets.models import CatalogItem, Ticket
from tickets.services import intake
from tickets.vocabulary import Channel

OPTIONS = {
    "impact_options": IMPACT_OPTIONS,
    "urgency_options": URGENCY_OPTIONS,
    "kind_options": KIND_OPTIONS,
    "line_options": LINE_OPTIONS,
}


@require_http_methods(["GET", "HEAD", "POST"])
@customer
def raise_ticket(request: HttpRequest, item_id: int | None = None) -> HttpResponse:
    user, item = who(request), _item(item_id)
    try:
        standing = terms_of.standing_of(user.pk, clock.now())
    except Refused as refusal:
        return page.show(request, "portal/cannot_raise.html", "catalogo", reason=refusal.message, status=403)
    if request.method != "POST":
        return _show(request, RaiseForm(user=user, standing=standing, item=item), standing)
    form = RaiseForm(request.POST, request.FILES, user=user, standing=standing, item=item)
    if "calculate" in request.POST:
        # The way to see the dates without scripts: the form comes back as it was, with no complaint about what is missing yet.
        again = RaiseForm(user=user, standing=standing, item=item, initial=_typed(form))
        return _show(request, again, standing, suggestions=similar(user, request.POST.get("title", "")))
    if form.is_valid():
        try:
            return _send(request, form, user)
        except InvalidInput as error:
            form.take(error)
    else:
        form.remind_of_files()
    return _show(request, form, standing, status=422)


def _send(request: HttpRequest, form: RaiseForm, user: User) -> HttpResponse:
    def act() -> Ticket:
        return intake.receive(form.report(), by=user, requester=form.speaks_for, channel=Channel.WEB)

    ticket, fresh = once(key_of(request), user, act)
    if fresh:
        messages.success(request, _done(ticket, user))
    return redirect("portal:ticket", number=ticket.number)


def _done(ticket: Ticket, user: User) -> str:
    if ticket.requester_id == user.pk:
        return f"Levantamos su ticket {ticket.number}. Le enviamos una copia por correo."
    name = ticket.requester.full_name
    return f"Levantamos el ticket {ticket.number} a nombre de {name}. Le enviamos una copia por correo a esa persona."


def _show(
    request: HttpRequest, form: RaiseForm, standing: Standing, *, suggestions: Any = (), status: int = 200
) -> HttpResponse:
    return page.show(
        request,
        "portal/raise.html",
        "catalogo",
        form=form,
        item=form.item,
        questions=[form[name] for name in form.questions],
        crumbs=[
            {"label": "Catálogo", "href": reverse("portal:catalog")},
            {"label": form.item.name if form.item else "Levantar un ticket"},
        ],
        company=standing.valid_user.company,
        promise=promise(standing, _values(form), item=form.item),
        suggestions=suggestions,
        **OPTIONS,
        status=status,
    )


@require_POST
@customer
def preview(request: HttpRequest) -> HttpResponse:
    """The fragment with the priority and both dates for what is chosen so far."""
    raw = request.POST.get("item", "")
    item = _item(int(raw)) if raw.isascii() and raw.isdigit() and len(raw) < 20 else None
    try:
        standing = terms_of.standing_of(who(request).pk, clock.now())
    except Refused:
        return HttpResponse(status=204)
    values = {name: request.POST.get(name, "") for name in ("kind", "service_line", "impact", "urgency")}
    context = {"promise": promise(standing, values, item=item), "now": clock.now()}
    return render(request, "portal/_promise_fragment.html", context)


@require_safe
@customer
def suggestions(request: HttpRequest) -> HttpResponse:
    """The fragment with the open tickets that resemble the title being typed."""
    found = similar(who(request), request.GET.get("title", ""))
    return render(request, "portal/_suggestions.html", {"suggestions": found, "user": request.user})


def _item(item_id: int | None) -> CatalogItem | None:
    if item_id is None:
        return None
    found = CatalogItem.objects.filter(pk=item_id, is_active=True).first() if item_id < 2**63 else None
    if found is None:
        raise Http404
    return found


def _values(form: RaiseForm) -> dict[str, str]:
    """What is chosen so far of what decides the priority."""
    return {
        name: str(form[name].value() or "")
        for name in ("kind", "service_line", "impact", "urgency")
        if name in form.fields
    }


def _typed(form: RaiseForm) -> dict[str, Any]:
    return {name: form[name].value() for name in form.fields if name != "files"}
