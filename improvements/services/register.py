"""Opening an action: by hand, or because something happened whose origin's rule says so (guide 2.2, 3.13, 3.14)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from accounts import trail
from accounts.models import User
from accounts.roles import Role
from core import alarms, clock, events
from core.errors import InvalidInput, Refused
from core.text import one_line
from customers.models import Company
from improvements import days, moments, people, policy, rules
from improvements.events import ActionOpened
from improvements.models import ActionSource, CorrectiveAction
from improvements.vocabulary import ActionKind, Origin
from tickets.models import Ticket
from tickets.services import inputs

ALARM = "improvements"
TWICE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What an action answers to. `source_id` is its row in its own app; None for what is only named (a review meeting)."""

    origin: str
    source_id: int | None
    label: str
    ticket: Ticket | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An action as a person writes it by hand."""

    origin: str
    title: str
    problem: str
    label: str = ""
    kind: str = ActionKind.CORRECTIVE
    company: Company | None = None
    ticket: Ticket | None = None
    owner: User | None = None
    due_on: date | None = None


def opens_itself(origin: str) -> bool:
    """Whether something of this origin opens an action without anybody asking. No query when warm."""
    return rules.of(origin).opens_itself


def open_for(
    origin: str,
    *,
    source_id: int | None,
    label: str,
    title: str,
    problem: str,
    by: User,
    company: Company | None = None,
    ticket: Ticket | None = None,
    owner: User | None = None,
    due_on: date | None = None,
    kind: str = ActionKind.CORRECTIVE,
    kept_from: Iterable[User] = (),
    at: datetime | None = None,
) -> CorrectiveAction:
    """The action that answers to a thing: the one that does already, the company's live one where the rule says `joins`, or a new one.

    Safe to repeat, also at the same time. It does not ask whether `by` may: whoever calls does (`propose` for people). What must be kept
    from somebody joins nothing. Without `owner` the rule's is taken; without `due_on`, a working day after the rule's days. Raises
    InvalidInput. Side effects: one entry, ActionOpened; an alarm where nobody was there to own it.
    """
    at = at or clock.now()
    if (known := _answering(origin, source_id)) is not None:
        return known
    hidden = list(kept_from)
    source = Source(
        origin=origin, source_id=source_id, label=inputs.line(label, "label", "la referencia")[:200], ticket=ticket
    )
    draft = Draft(
        origin=origin,
        title=title,
        problem=problem,
        kind=kind,
        company=company,
        ticket=ticket,
        owner=owner,
        due_on=due_on,
    )
    try:
        with transaction.atomic():
            if rules.of(origin).joins and company is not None and not hidden:
                Company.objects.select_for_update(of=("self",)).get(pk=company.pk)
                if (going := _going(origin, company)) is not None:
                    return _join(going, source, by=by, at=at)
            return _open(draft, source, hidden, by=by, at=at)
    except IntegrityError:
        if (known := _answering(origin, source_id)) is None:
            raise
        return known


def propose(draft: Draft, *, by: User, at: datetime | None = None) -> CorrectiveAction:
    """Open an action by hand, for what no row of the product stands for. Raises Refused and InvalidInput, all of its errors at once.

    The same one sent twice within TWICE is one, also at the same time.
    """
    at = at or clock.now()
    if not (verdict := policy.may_open(by)):
        raise Refused(verdict.reason)
    if draft.owner is not None and draft.owner != by and not (verdict := policy.may_name_owner(by)):
        raise InvalidInput({"owner": verdict.reason}, code="refused")
    ticket, company = draft.ticket, draft.company
    if ticket is not None:
        if company is not None and company.pk != ticket.company_id:
            raise InvalidInput({"company": f"El ticket {ticket.number} es de otra compañía."}, code="mismatch")
        company = ticket.company
    label = inputs.line(draft.label, "label", "la referencia", required=False)
    if not label:
        label = (
            ticket.number if ticket is not None else str(Origin(draft.origin).label) if draft.origin in Origin else "—"
        )
    with transaction.atomic():
        User.objects.select_for_update(of=("self",)).get(pk=by.pk)
        return _sent_before(draft, company, by=by, at=at) or open_for(
            draft.origin,
            source_id=None,
            label=label,
            title=draft.title,
            problem=draft.problem,
            by=by,
            company=company,
            ticket=ticket,
            owner=draft.owner,
            due_on=draft.due_on,
            kind=draft.kind,
            at=at,
        )


def _sent_before(draft: Draft, company: Company | None, *, by: User, at: datetime) -> CorrectiveAction | None:
    """What the same person opened a moment ago in the same words: a form that was sent twice."""
    rows = CorrectiveAction.objects.filter(
        opened_by=by, created_at__gt=at - TWICE, origin=draft.origin, company=company
    )
    same = (row for row in rows.order_by("pk") if row.title == one_line(draft.title.strip()))
    return next((row for row in same if row.problem == draft.problem.replace("\r\n", "\n").strip()), None)


def _answering(origin: str, source_id: int | None) -> CorrectiveAction | None:
    if source_id is None:
        return None
    return CorrectiveAction.objects.of_source(origin, source_id).first()


def _going(origin: str, company: Company) -> CorrectiveAction | None:
    """The company's live action of the origin, the oldest: also one to be verified, whose verifier must know that it happened again."""
    hidden = CorrectiveAction.kept_from.through.objects.filter(correctiveaction=OuterRef("pk"))
    rows = CorrectiveAction.objects.live().filter(~Exists(hidden), origin=origin, company=company)
    return rows.select_for_update(of=("self",)).order_by("pk").first()


def _open(draft: Draft, source: Source, hidden: list[User], *, by: User, at: datetime) -> CorrectiveAction:
    action, was_expected = _checked(draft, hidden, by=by, at=at)
    action.next_at = moments.next_moment(action, at=at)
    entry = trail.begin(
        action,
        "opened",
        by=by,
        at=at,
        data={"label": source.label, "owner": action.owner.full_name, "due_on": action.due_on},
    )
    action.kept_from.set(hidden)
    _add(action, source, at)
    if not was_expected:
        text = f"{action.number}: no había a quién asignarla según su regla. Asígnele un responsable."
        alarms.sound(ALARM, alarm_key(action, "owner"), text, subject=action.number, at=at)
    events.publish(ActionOpened(action_id=action.pk, entry_id=entry.pk))
    return action


def _checked(draft: Draft, hidden: list[User], *, by: User, at: datetime) -> tuple[CorrectiveAction, bool]:
    """The new row with what was typed made clean; False beside it when its owner is not whom the rule meant."""
    errors: dict[str, str] = {}
    values = {
        name: _text(errors, draft_value, name, words, limit)
        for name, draft_value, words, limit in (
            ("title", draft.title, "qué acción es", 200),
            ("problem", draft.problem, "qué pasó", inputs.MAX_TEXT),
        )
    }
    if draft.origin not in Origin:
        errors["origin"] = "Elija de dónde viene la acción."
    if draft.kind not in ActionKind:
        errors["kind"] = "Elija si es correctiva o de mejora."
    kept = {person.pk for person in hidden}
    owner, was_expected = (draft.owner, True) if draft.owner else people.owner_for(draft.origin, kept)
    if owner is None:
        owner, was_expected = by, False
    if draft.owner is not None and not (people.can_own(draft.owner) and draft.owner.pk not in kept):
        errors["owner"] = "Elija una persona activa de la Mesa de Servicio que pueda ver la acción."
    due_on = draft.due_on or days.after(rules.of(draft.origin).days, at=at)
    if wrong := date_error(due_on, at=at):
        errors["due_on"] = wrong
    if errors:
        raise InvalidInput(errors)
    row = CorrectiveAction(
        kind=draft.kind, origin=draft.origin, company=draft.company, owner=owner, due_on=due_on, opened_by=by, **values
    )
    return row, was_expected


def date_error(day: date, *, at: datetime) -> str:
    """Why an action cannot be promised for `day`; empty when it can."""
    today = days.of(at)
    if day < today:
        return "La fecha compromiso ya pasó. Elija hoy o un día posterior."
    if day > today + timedelta(days=rules.LONGEST_DAYS):
        return "La fecha compromiso está a más de dos años. Revísela."
    return ""


def _text(errors: dict[str, str], value: str, name: str, words: str, longest: int) -> str:
    read = inputs.line if name == "title" else inputs.text
    try:
        return read(value, name, words, longest=longest)
    except InvalidInput as error:
        errors |= error.errors
        return ""


def _join(action: CorrectiveAction, source: Source, *, by: User, at: datetime) -> CorrectiveAction:
    """It happened again: what is being done is to answer to that too."""
    _add(action, source, at)
    trail.commit(action, "joined", by=by, at=at, data={"label": source.label})
    return action


def _add(action: CorrectiveAction, source: Source, at: datetime) -> None:
    ActionSource.objects.create(
        action=action, origin=source.origin, source_id=source.source_id, label=source.label, ticket=source.ticket, at=at
    )


def alarm_key(action: CorrectiveAction, what: str) -> str:
    return f"{ALARM}:{action.pk}:{what}"


def settle_alarms(action: CorrectiveAction, *, at: datetime, by: User) -> None:
    """Somebody has it in hand, or it has ended."""
    alarms.settle_under(f"{ALARM}:{action.pk}:", at=at, by="" if by.role == Role.SYSTEM else by.full_name)
