"""Corrective actions in the console: their forms, how each looks in a list, and their history as the page tells it."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from accounts.roles import Role
from console import companies
from console.forms import ManyFiles, PlainForm
from core import words
from core.errors import InvalidInput
from improvements import days, people, policy, rules, story
from improvements.acts import DATE
from improvements.models import ActionEntry, ActionSource, CorrectiveAction, Evidence
from improvements.services.perform import day
from improvements.services.register import Draft
from improvements.vocabulary import PENDING, ActionKind, ActionState, Origin
from surveys import nps_policy
from tickets.models import Ticket
from tickets.narrative import Entry
from tickets.transitions import PERSON, Transition

TONES = {
    ActionState.OPEN: "info",
    ActionState.IN_PROGRESS: "info",
    ActionState.IMPLEMENTED: "act",
    ActionState.CLOSED: "ok",
    ActionState.CANCELLED: "",
}
SHORT = {ActionState.IMPLEMENTED: "Por verificar"}
"""In a list, where its whole name does not fit."""
SOURCE_PAGES = {
    Origin.COMPLAINT: "surveys_voice_change",
    Origin.SUGGESTION: "surveys_voice_change",
    Origin.SURVEY: "surveys_survey_change",
    Origin.DETRACTOR: "nps_answer",
}
SAID = ("commented", "implemented", "verified", "failed", "planned", "summarised")
"""Entries whose text stands as a message."""
TAGS = {
    "commented": "Comentario",
    "implemented": "Evidencia",
    "verified": "Tuvo efecto",
    "failed": "No tuvo efecto",
    "planned": "Causa y plan",
    "summarised": "Resumen para el cliente",
}
BY_HAND = (Origin.RCA, Origin.REVIEW, Origin.AUDIT, Origin.COMPLAINT, Origin.SUGGESTION, Origin.SURVEY, Origin.OTHER)


class ActionActForm(PlainForm):
    """The inputs of one act on an action, with the version that the person saw."""

    version = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, act: Transition, action: CorrectiveAction, **kwargs: Any) -> None:
        kept = {name: getattr(action, name) for name in ("cause", "plan", "evidence", "summary")}
        initial = {**kept, "due_on": action.due_on.isoformat(), "version": action.version}
        if act.name == "fail":
            initial["due_on"] = ""
        super().__init__(*args, **{"auto_id": "acto-%s", "initial": initial, **kwargs})
        for spec in act.fields:
            field: forms.Field
            if spec.type == PERSON:
                choices = [(str(p.pk), _named(p)) for p in people.candidates(action) if p.pk != action.owner_id]
                field = forms.ChoiceField(required=spec.required, choices=[("", "Elija a quién"), *choices])
            elif spec.type == DATE:
                field = forms.CharField(required=spec.required, widget=forms.DateInput(attrs={"type": "date"}))
            else:
                field = forms.CharField(required=spec.required, widget=forms.Textarea(attrs={"rows": 4}))
            field.label, field.help_text = spec.label, spec.help
            self.fields[spec.name] = field
        if act.takes_files:
            self.fields["files"] = forms.FileField(label="Archivos", required=False, widget=ManyFiles)
        self.names = [spec.name for spec in act.fields]

    @property
    def inputs(self) -> list[forms.BoundField]:
        return [self[name] for name in self.names]


class NewActionForm(PlainForm):
    origin = forms.ChoiceField(label="Origen", choices=[(o.value, o.label) for o in BY_HAND])
    kind = forms.ChoiceField(label="Tipo", choices=ActionKind.choices)
    label = forms.CharField(
        label="Referencia",
        required=False,
        help_text="A qué responde: «RCA del 12 de marzo», «junta de revisión de abril». Vacía: el ticket o el origen.",
    )
    title = forms.CharField(label="Acción", help_text="Qué se va a lograr, en una línea.")
    problem = forms.CharField(label="Qué pasó", widget=forms.Textarea(attrs={"rows": 5}))
    ticket = forms.CharField(
        label="Ticket",
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "T0000123"}),
        help_text="Si pasó en uno.",
    )
    company = forms.CharField(
        label="Compañía",
        required=False,
        widget=forms.TextInput(attrs={"list": "companias"}),
        help_text="Vacía si es de toda la Mesa; con un ticket, la suya.",
    )
    owner = forms.ChoiceField(
        label="Responsable", required=False, help_text="Quien la lleva hasta dejarla implementada."
    )
    due_on = forms.CharField(
        label="Fecha compromiso",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Vacía: los días que da la regla de su origen.",
    )

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "accion-%s", **kwargs})
        self.actor = actor
        if policy.may_name_owner(actor):
            choices = [(str(p.pk), _named(p)) for p in people.candidates()]
            self.fields["owner"].choices = [("", "El que indica la regla de su origen"), *choices]  # type: ignore[attr-defined]
        else:
            del self.fields["owner"]

    def draft(self) -> Draft:
        """What was typed, as the service takes it. Raises InvalidInput for what names nothing, all at once."""
        raw, errors = self.raw(*self.fields), {}
        company, fault = companies.company_named(raw["company"], self.actor)
        if fault:
            errors["company"] = fault
        ticket = None
        if raw["ticket"].strip():
            ticket = Ticket.objects.visible_to(self.actor).by_number(raw["ticket"]).select_related("company").first()
            if ticket is None:
                errors["ticket"] = "No existe ese ticket."
        due_on: date | None = None
        if raw["due_on"].strip():
            try:
                due_on = day(raw["due_on"], "due_on")
            except InvalidInput as error:
                errors |= error.errors
        owner = None
        if raw.get("owner", "").strip():
            owner = next((p for p in people.candidates() if str(p.pk) == raw["owner"]), None)
            if owner is None:
                errors["owner"] = "Esa persona no existe."
        if errors:
            raise InvalidInput(errors)
        return Draft(
            origin=raw["origin"],
            kind=raw["kind"],
            label=raw["label"],
            title=raw["title"],
            problem=raw["problem"],
            company=company,
            ticket=ticket,
            owner=owner,
            due_on=due_on,
        )


def _named(person: User) -> str:
    return f"{person.full_name}, {Role(person.role).label}"


def tone(action: CorrectiveAction) -> str:
    return TONES[ActionState(action.state)]


def short_state(action: CorrectiveAction) -> str:
    return SHORT.get(ActionState(action.state), action.get_state_display())


def is_overdue(action: CorrectiveAction, now: datetime) -> bool:
    return action.state in PENDING and action.due_on < days.of(now)


def due(action: CorrectiveAction, now: datetime) -> dict[str, Any] | None:
    """What is owed next and when, as the component `due` takes it; None when nothing is."""
    today = days.of(now)
    if action.state in PENDING:
        on, verbs, warned = action.due_on, ("vence", "venció"), rules.of(action.origin).remind_days
        status = "breached" if on < today else "warning" if (on - today).days <= warned else "running"
    elif action.state == ActionState.IMPLEMENTED and action.verify_on is not None:
        on, verbs = action.verify_on, ("verificar", "debía verificarse")
        status = "warning" if on <= today else "running"
    else:
        return None
    left = (on - today).days
    told = f"{verbs[left < 0]} {_distance(left)}"
    return {"status": status, "words": told, "when": words.short_date(on, year=on.year != today.year)}


def _distance(left: int) -> str:
    """«hoy», «mañana», «en 5 días», «ayer», «hace 3 días»."""
    named = {-1: "ayer", 0: "hoy", 1: "mañana"}.get(left)
    return named or (f"hace {-left} días" if left < 0 else f"en {left} días")


def entries(rows: list[ActionEntry], files: list[Evidence], viewer: User, *, now: datetime) -> list[Entry]:
    """The history as the component `timeline` takes it. `rows` have their actor loaded."""
    zone, found = ZoneInfo(viewer.time_zone), []
    for row in rows:
        told = story.tell(row)
        who = "La Mesa de Servicio" if row.actor.role == Role.SYSTEM else row.actor.full_name
        by = "system" if row.actor.role == Role.SYSTEM else "me" if row.actor_id == viewer.pk else "desk"
        when = words.moment(row.at, zone=zone, now=now)
        names = row.data.get("files") or ()
        own = [file_line(file) for file in files if names and file.created_at == row.at]
        common: dict[str, Any] = {"by": by, "who": who, "at": row.at, "when": when, "id": f"suceso-{row.sequence}"}
        found.append(
            Entry(kind="event", body=f"{told.sentence}.", icon=told.icon, note=_note(row, told.text), **common)
        )
        if row.kind in SAID and told.text:
            found[-1] = Entry(kind="message", body=told.text, tag=TAGS[row.kind], files=own, **common)
    return found


def _note(row: ActionEntry, text: str) -> str:
    return "" if row.kind in SAID else text


def file_line(file: Evidence) -> Any:
    return {
        "name": file.name,
        "size": words.file_size(file.size),
        "href": reverse("admin:improvements_evidence", args=[file.pk]),
    }


def sources(rows: list[ActionSource], viewer: User, action: CorrectiveAction) -> list[dict[str, Any]]:
    """What the action answers to, each with the page where it is seen; since when it was done, what happened again is said."""
    found = []
    for row in rows:
        again = action.implemented_at is not None and row.at > action.implemented_at
        found.append(
            {
                "label": row.label,
                "origin": row.get_origin_display(),
                "href": _page_of(row, viewer),
                "at": row.at,
                "again": again,
            }
        )
    return found


def _page_of(row: ActionSource, viewer: User) -> str:
    """A consultant sees only some tickets, and no register of complaints beyond their own: the link is left to who surely may follow it."""
    if viewer.role == Role.CONSULTANT:
        return ""
    if row.origin == Origin.DETRACTOR and not nps_policy.may_read(viewer):
        return ""
    name = SOURCE_PAGES.get(Origin(row.origin))
    if name and row.source_id is not None:
        try:
            return reverse(f"admin:{name}", args=[row.source_id])
        except NoReverseMatch:
            return ""
    return reverse("admin:tickets_ticket_change", args=[row.ticket.number]) if row.ticket else ""
