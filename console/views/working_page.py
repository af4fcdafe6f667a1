"""Draws the ticket's working page. Queries, whatever the ticket holds: see `tests/test_ticket_page.py`, which counts them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.models import User
from console import clocks, context, escalating, forms, trail
from console.views.pages import draw, person
from core import clock, words
from escalation import standing
from escalation.standing import Standing
from improvements import policy as improvements_policy
from improvements import queries as improvements
from surveys import satisfaction_queries, voice_queries
from tickets import policy, transitions
from tickets.models import Ticket, TicketEvent
from tickets.narrative import Entry, narrate
from tickets.transitions import Transition
from tickets.vocabulary import IMPACT_MEANING, UNSOLVED, URGENCY_MEANING, Impact, Kind, Urgency


@dataclass(frozen=True, slots=True)
class Act:
    """What the person is doing on the page: its name, its form, and its transition when it is one."""

    name: str
    form: forms.PlainForm
    spec: Transition | None = None


def draw_ticket(
    request: HttpRequest,
    ticket: Ticket,
    *,
    opened: Act | None = None,
    problem: str = "",
    since: int | None = None,
    status: int = 200,
) -> TemplateResponse:
    """The page. `problem` is why the last act was not done; `since` is the version that the person had seen, to show what came after."""
    actor, now = person(request), clock.now()
    entries = narrate(ticket, actor, file_url=_file, ticket_url=_ticket, now=now)
    own, similar = context.alike(ticket, actor)
    way = trail.trail_of(request, ticket, actor, now)
    query = way.query if way else ""
    prefetch_related_objects([ticket], "clocks")
    where = standing.of(ticket, actor, at=now)
    return draw(
        request,
        "ticket.html",
        title=f"{ticket.number} {ticket.title}",
        crumbs=[
            {"label": "Tickets", "href": reverse("admin:tickets_ticket_changelist")},
            *([{"label": way.label, "href": way.href}] if way else []),
            {"label": ticket.number},
        ],
        trail=way,
        page_url=_ticket(ticket.number) + query,
        status=status,
        ticket=ticket,
        version=ticket.version,
        now=now,
        facts=_facts(ticket),
        entries=entries,
        news=_news(ticket, actor, entries, since),
        stale=since is not None,
        problem=problem,
        preview=_consequence(ticket, actor, opened, now),
        opened=opened if opened and opened.name not in ("message", "take") else None,
        **_acts(ticket, actor, opened, query, where),
        **_message(ticket, actor, opened, query, now),
        clocks=clocks.of(ticket, actor, now=now),
        promise=clocks.promise(ticket, actor, now=now),
        standing=context.standing_of(ticket.requester_id, ticket.company_id, actor, now),
        classification=_classification(ticket),
        escalation=where,
        escalation_next=escalating.next_told(where, ticket, at=now),
        escalated=escalating.drawn(where, ticket, actor, at=now),
        complaints=voice_queries.of_ticket(ticket, actor),
        actions=improvements.of_ticket(ticket, actor),
        new_action_url=_new_action(ticket, actor),
        complain_url=_complain(ticket),
        survey=satisfaction_queries.of_ticket(ticket, actor) if ticket.is_terminal else None,
        linked=context.linked(ticket, actor),
        own=own,
        similar=similar,
    )


def _file(attachment: Any) -> str:
    return reverse("admin:tickets_attachment", args=[attachment.pk])


def _ticket(number: str) -> str:
    return reverse("admin:tickets_ticket_change", args=[number])


def _complain(ticket: Ticket) -> str:
    """Where a complaint about the ticket is written down, for whoever reported it."""
    query = urlencode({"solicitante": ticket.requester_id, "ticket": ticket.number})
    return f"{reverse('admin:surveys_voice_add')}?{query}"


def _new_action(ticket: Ticket, actor: User) -> str:
    """Where a corrective action is opened for what happened in the ticket (guide 2.2); empty for who may not open one."""
    if not improvements_policy.may_open(actor):
        return ""
    return f"{reverse('admin:improvements_correctiveaction_add')}?{urlencode({'ticket': ticket.number})}"


def act_address(ticket: Ticket, name: str, query: str = "") -> str:
    return reverse("admin:tickets_act", args=[ticket.number, name]) + query


def buttons(ticket: Ticket, actor: User) -> list[Transition]:
    """The transitions that the policy allows this person now, no more and no less."""
    return transitions.available(ticket, actor)


def _acts(ticket: Ticket, actor: User, opened: Act | None, query: str, where: Standing) -> dict[str, Any]:
    def drawn_of(specs: list[Transition]) -> list[dict[str, Any]]:
        return [
            {
                "name": spec.name,
                "label": spec.label,
                "icon": spec.icon,
                "href": f"{act_address(ticket, spec.name, query)}#acto",
                "danger": spec.danger,
                "current": opened is not None and opened.name == spec.name,
            }
            for spec in specs
        ]

    drawn = drawn_of(buttons(ticket, actor))
    can_take = ticket.assignee_id != actor.pk and bool(policy.can("take", actor, ticket))
    return {
        "acts": [item for item in drawn if not item["danger"]],
        "dangerous": [item for item in drawn if item["danger"]],
        "escalation_acts": drawn_of(escalating.offered(where)),
        "take_url": act_address(ticket, "take", query) if can_take else "",
        "reclassify_url": act_address(ticket, "reclassify", query) if policy.can("reclassify", actor, ticket) else "",
        "act_url": act_address(ticket, opened.name, query) if opened else "",
    }


def _message(ticket: Ticket, actor: User, opened: Act | None, query: str, now: datetime) -> dict[str, Any]:
    can_note, can_reply = bool(policy.can("note", actor, ticket)), bool(policy.can("comment", actor, ticket))
    if opened is not None and opened.name == "message":
        form = opened.form
    else:
        initial = {"version": ticket.version, "mode": "public" if can_reply else "note"}
        form = forms.MessageForm(initial=initial, auto_id="mensaje-%s")
    for promising in (form, opened.form if opened else form):
        if "committed_for" in promising.fields:
            promising.fields["committed_for"].help_text = _promise_help(ticket, actor, now)
    changes = [form[name].value() for name in ("committed_for", "commitment_reason")]
    mode = form["mode"].value() if can_reply else "note"
    return {
        "message_form": form,
        "message_mode": "note" if mode == "note" else "public",
        "message_submit": "Guardar la nota interna" if mode == "note" else "Enviar la respuesta",
        # One primary button per page: while an act is open, the primary is its own.
        "message_kind": "" if opened and opened.name not in ("message", "take") else "primary",
        "message_url": act_address(ticket, "message", query),
        "can_note": can_note,
        "can_reply": can_reply,
        "can_promise": can_reply and (ticket.state in UNSOLVED or any(changes)),
        # What changes a date stays folded until somebody wants it, or has already written in it.
        "changes_promise": ticket.committed_for is not None or any(changes[1:]),
        "changing_promise": any(changes),
        "draft": f"{ticket.number}-{actor.pk}",
    }


def _consequence(ticket: Ticket, actor: User, opened: Act | None, now: datetime) -> clocks.Preview | None:
    """What the classification in the form would do to the priority and to the clocks."""
    if opened is None or opened.name != "reclassify":
        return None
    values = {name: opened.form[name].value() for name in clocks.KNOWN}
    return clocks.reclassified(ticket, values, actor, now=now)


def _promise_help(ticket: Ticket, actor: User, now: datetime) -> str:
    """What writing a date does: it meets the attention, or replaces the date that was already given."""
    if ticket.committed_for is None:
        return "" if ticket.attended_at else "Con ella se cumple la atención."
    promised = words.long_moment(ticket.committed_for, zone=ZoneInfo(actor.time_zone), now=now)
    return f"Ya se prometió {promised}. Escriba otra sólo si cambia."


def _facts(ticket: Ticket) -> str:
    """«Incidente, soporte tecnológico, Oracle EBS (producción)»."""
    where = str(ticket.environment or ticket.service or "")
    parts = [Kind(ticket.kind).label, ticket.get_service_line_display().lower(), where]
    return ", ".join(part for part in parts if part)


def _classification(ticket: Ticket) -> list[dict[str, str]]:
    impact, urgency = Impact(ticket.impact), Urgency(ticket.urgency)
    group = str(ticket.group) if ticket.group else "Mesa de Servicio, nivel 1"
    rows = [
        {"term": "Impacto", "text": str(impact.label), "note": IMPACT_MEANING[impact]},
        {"term": "Urgencia", "text": str(urgency.label), "note": URGENCY_MEANING[urgency]},
        {"term": "Tipo", "text": str(Kind(ticket.kind).label)},
        {"term": "Línea", "text": ticket.get_service_line_display()},
        {"term": "Grupo", "text": group},
        {"term": "Persona", "text": ticket.assignee.full_name if ticket.assignee else "Sin persona"},
        {"term": "Medio", "text": ticket.get_channel_display()},
    ]
    if ticket.vendor:
        rows.append({"term": "Proveedor", "text": ticket.vendor, "note": ticket.vendor_reference})
    if ticket.external_reference:
        rows.append({"term": "Referencia", "text": ticket.external_reference})
    return rows


def _news(ticket: Ticket, actor: User, entries: list[Entry], since: int | None) -> list[Entry]:
    """What the story tells after the version that the person had seen."""
    if since is None:
        return []
    last: datetime | None = (
        TicketEvent.objects.visible_to(actor)
        .filter(ticket=ticket, sequence__lte=since)
        .order_by("-sequence")
        .values_list("at", flat=True)
        .first()
    )
    return [entry for entry in entries if last is None or entry.at > last]
