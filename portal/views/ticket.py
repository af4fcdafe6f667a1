"""One ticket: its story, its clocks, and what the customer may do with it now (guide 3.4, 3.5, 3.6)."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from core import clock
from core.errors import DomainError, IllegalTransition, InvalidInput, NotVisible, StaleVersion
from portal import clocks, escalation, page
from portal.access import customer, find_ticket, who
from portal.forms.base import PortalForm
from portal.forms.raising import answer
from portal.forms.ticket import KEPT, CancelForm, CommentForm, EscalateForm, RefuseForm, VersionForm
from portal.once import key_of, once
from surveys import voice_queries
from tickets import policy
from tickets.models import Attachment, Ticket
from tickets.narrative import Entry, narrate
from tickets.services import conversation
from tickets.services.perform import perform
from tickets.vocabulary import CancelCause, State

Form = type[PortalForm]


@require_safe
@customer
def ticket(request: HttpRequest, number: str) -> HttpResponse:
    return show(request, find_ticket(who(request), number))


@require_http_methods(["GET", "HEAD", "POST"])
@customer
def comment(request: HttpRequest, number: str) -> HttpResponse:
    user = who(request)
    row = find_ticket(user, number)
    if request.method != "POST":
        return redirect("portal:ticket", number=row.number)
    form = CommentForm(request.POST, request.FILES)
    if not form.is_valid():
        form.remind_of_files()
        return show(request, row, comment_form=form, status=422)
    clean = form.cleaned_data
    if clean["state"] and clean["state"] != row.state:
        return stale(request, row, f"Mientras escribía, el ticket pasó a «{row.get_state_display()}».", form)

    def act() -> Ticket:
        return conversation.reply(row, by=user, message=clean["message"], files=clean["files"])

    try:
        landed, _ = once(key_of(request), user, act)
    except InvalidInput as error:
        form.take(error)
        return show(request, row, comment_form=form, status=422)
    except (StaleVersion, IllegalTransition) as error:
        return stale(request, row, error.message, form)
    except NotVisible:
        raise
    except DomainError as refusal:
        form.add_error("message", refusal.message)
        form.remind_of_files()
        return show(request, row, comment_form=form, status=403)
    if landed.pk != row.pk:
        messages.success(request, f"Abrimos {landed.number} como seguimiento de {row.number}.")
    else:
        messages.success(request, "Enviamos su comentario.")
    return redirect("portal:ticket", number=landed.number)


@require_http_methods(["GET", "HEAD", "POST"])
@customer
def accept(request: HttpRequest, number: str) -> HttpResponse:
    return _step(request, number, "accept", VersionForm, lambda clean: {}, "Gracias. El ticket quedó cerrado.")


@require_http_methods(["GET", "HEAD", "POST"])
@customer
def refuse(request: HttpRequest, number: str) -> HttpResponse:
    done = "Lo devolvimos a revisión; le avisaremos."
    return _step(request, number, "refuse", RefuseForm, lambda clean: {"reason": clean["reason"]}, done)


@require_http_methods(["GET", "HEAD", "POST"])
@customer
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    def data(clean: Mapping[str, Any]) -> dict[str, Any]:
        return {"cause": CancelCause.CUSTOMER_REQUEST.value, "reason": clean["reason"]}

    return _step(request, number, "cancel", CancelForm, data, "Cancelamos el ticket.")


def _step(
    request: HttpRequest,
    number: str,
    name: str,
    form_class: Form,
    data: Callable[[Mapping[str, Any]], dict[str, Any]],
    done: str,
) -> HttpResponse:
    """A transition by its form. What is missing comes back beside its field; what changed meanwhile, as a 409 with the text kept."""
    user = who(request)
    row = find_ticket(user, number)
    if request.method != "POST":
        return redirect("portal:ticket", number=row.number)
    form = form_class(request.POST, request.FILES, auto_id=f"{name}_%s")
    if not form.is_valid():
        return _again(request, row, name, form)
    clean = form.cleaned_data
    try:
        perform(row, name, by=user, data=data(clean), files=clean.get("files") or (), version=clean.get("version"))
    except InvalidInput as error:
        form.take(error)
        return _again(request, row, name, form)
    except (StaleVersion, IllegalTransition) as error:
        return stale(request, row, error.message, form)
    except NotVisible:
        raise
    except DomainError as refusal:
        return show(request, row, warning=refusal.message, status=403)
    messages.success(request, done)
    return redirect("portal:ticket", number=row.number)


def _again(request: HttpRequest, row: Ticket, name: str, form: PortalForm) -> HttpResponse:
    form.remind_of_files()
    if name == "cancel":
        return page.show(request, "portal/cancel.html", "asuntos", ticket=row, form=form, status=422)
    return show(request, row, refuse_form=form if name == "refuse" else None, status=422)


def stale(request: HttpRequest, row: Ticket, message: str, form: PortalForm, *, status: int = 409) -> HttpResponse:
    """The ticket as it is now, with what was typed put where it can still be sent."""
    fresh = find_ticket(who(request), row.number)
    typed = str(form.data.get("message") or form.data.get("reason") or "")
    again = CommentForm(initial={"message": typed, **_hidden(fresh)})
    return show(request, fresh, comment_form=again, warning=message, kept=KEPT if typed else "", status=status)


def show(
    request: HttpRequest,
    row: Ticket,
    *,
    comment_form: PortalForm | None = None,
    refuse_form: PortalForm | None = None,
    escalate_form: EscalateForm | None = None,
    warning: str = "",
    kept: str = "",
    status: int = 200,
) -> HttpResponse:
    user, now = who(request), clock.now()
    prefetch_related_objects([row], "clocks")
    entries = narrate(row, user, file_url=file_url, ticket_url=ticket_url, now=now)
    version = {"version": row.version}
    return page.show(
        request,
        "portal/ticket.html",
        "asuntos",
        ticket=row,
        crumbs=[{"label": "Mis asuntos", "href": reverse("portal:tickets")}, {"label": row.number}],
        entries=entries,
        may=_may(row, user),
        solution=_last(entries, "solution"),
        question=_last(entries, "message", by="desk") if row.state == State.PENDING_USER else None,
        clocks=clocks.of_ticket(row, user, now=now),
        promise=clocks.promise(row, user, now=now),
        details=details(row),
        voices=voice_queries.of_ticket(row, user),
        follow_ups=row.follow_ups.visible_to(user) if row.is_terminal else [],
        escalation=escalation.cards(row, user, now=now, typed=escalate_form),
        comment_form=comment_form or CommentForm(initial=_hidden(row)),
        refuse_form=refuse_form or RefuseForm(initial=version, auto_id="refuse_%s"),
        accept_form=VersionForm(initial=version, auto_id="accept_%s"),
        cancel_form=CancelForm(initial=version, auto_id="cancel_%s"),
        composer=_composer(row),
        draft=f"{user.pk}-{row.number}",
        warning=warning,
        kept=kept,
        status=status,
    )


def _composer(row: Ticket) -> dict[str, str]:
    """What writing here does, said before the click."""
    if row.is_terminal:
        label = "Abrir un ticket de seguimiento"
        effect = "Se abre un ticket nuevo con lo que escriba, ligado a éste."
        return {"label": label, "submit": label, "placeholder": "¿Qué pasa ahora?", "effect": effect}
    answers = row.state == State.PENDING_USER
    return {
        "label": "Responder a la Mesa de Servicio" if answers else "Agregar un comentario",
        "submit": "Enviar respuesta" if answers else "Enviar comentario",
        "placeholder": "Escriba un comentario. También puede pegar una captura.",
    }


def _hidden(row: Ticket) -> dict[str, Any]:
    return {"key": uuid.uuid4(), "state": row.state}


def _may(row: Ticket, user: User) -> dict[str, bool]:
    return {name: bool(policy.can(name, user, row)) for name in ("accept", "refuse", "cancel", "comment")}


def _last(entries: list[Entry], kind: str, by: str = "") -> Entry | None:
    return next((entry for entry in reversed(entries) if entry.kind == kind and by in ("", entry.by)), None)


def details(row: Ticket) -> list[dict[str, str]]:
    """The facts of the aside, in the words in which the customer gave them."""
    labels = {question["name"]: question["label"] for question in (row.catalog_item.fields if row.catalog_item else [])}
    facts = [
        (
            "Atiende",
            row.assignee.full_name if row.assignee else "",
            row.group.name if row.group else "Mesa de Servicio",
        ),
        ("Solicitante", row.requester.full_name, ""),
        ("Servicio", str(row.environment or row.service or ""), ""),
        ("Del catálogo", row.catalog_item.name if row.catalog_item else "", ""),
        ("Afecta", answer("impact", row.impact), ""),
        ("¿Puede trabajar?", answer("urgency", row.urgency), ""),
        *((labels.get(name, name), value, "") for name, value in row.fields.items()),
        ("Cierre", row.get_closing_code_display() if row.is_terminal else "", ""),
    ]
    return [
        {"term": term, "text": text or note, "note": note if text else ""} for term, text, note in facts if text or note
    ]


def file_url(row: Attachment) -> str:
    return reverse("portal:file", args=[row.pk])


def ticket_url(number: str) -> str:
    return reverse("portal:ticket", args=[number])
