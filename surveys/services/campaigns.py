"""An NPS campaign from its draft to its end (guide 3.14). Its audience is fixed when it starts; afterwards only its last day may move."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from accounts import trail
from accounts.models import User
from accounts.services import system_actor
from core import clock
from core.bulk import insert_each
from core.errors import InvalidInput, Refused
from customers.models import Company
from surveys import nps_audience, nps_policy, tokens
from surveys.models import Campaign, NpsInvitation, NpsRecord
from surveys.models.nps import MANY_WAVES
from surveys.nps_audience import Found
from surveys.vocabulary import Audience, CampaignState, InvitationState, LeftOut
from tickets.services import inputs

MOST_REMINDERS, MOST_DAYS = 5, 90
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a campaign is made of. `companies` are ids; none: all of them. Days are the desk's, both included."""

    year: int
    name: str
    opens_on: date
    closes_on: date
    audience: str = Audience.ALL
    companies: Sequence[int] = ()
    waves: int = 1
    wave_days: int = 7
    remind_days: int = 7
    reminders: int = 2
    pk: int | None = None


FIELDS = ("year", "name", "audience", "opens_on", "closes_on", "waves", "wave_days", "remind_days", "reminders")


def draft(given: Draft, *, by: User, at: datetime | None = None) -> Campaign:
    """A new campaign that asks nobody yet. Raises Refused and InvalidInput."""
    at = at or clock.now()
    _allow(nps_policy.may_run(by))
    check(given)
    with transaction.atomic():
        row = Campaign(**{name: getattr(given, name) for name in FIELDS})
        trail.begin(row, "draft", by=by, at=at, data=_told(given))
        row.companies.set(given.companies)
    return row


def edit(
    campaign: Campaign, given: Draft, *, by: User, version: int | None = None, at: datetime | None = None
) -> Campaign:
    """Change a draft. Raises Refused, InvalidInput and StaleVersion."""
    at = at or clock.now()
    with _locked(campaign, "edit", by, version) as row:
        check(given)
        before = {**{name: getattr(row, name) for name in FIELDS}, "companies": sorted(_companies(row))}
        after = {**_told(given)}
        changes = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
        for name in FIELDS:
            setattr(row, name, getattr(given, name))
        row.companies.set(given.companies)
        trail.commit(row, "edit", by=by, at=at, saved=FIELDS, data={"changes": changes})
        return row


def audience_preview(given: Draft | Campaign, *, at: datetime | None = None) -> Found:
    """Whom it would ask if it started now, by wave, and how many it leaves out and why. Stores nothing."""
    companies = _companies(given) if isinstance(given, Campaign) else given.companies
    return nps_audience.of(given, companies, at=at or clock.now())


def start(campaign: Campaign, *, by: User, version: int | None = None, at: datetime | None = None) -> Campaign:
    """Fix the audience: an invitation for each person, all at once; the sweep sends each wave when its day comes.

    Raises Refused: not a draft, its days are over, nobody to ask, the year's results were imported, or another campaign of the year
    took some of the same people meanwhile.
    """
    at = at or clock.now()
    with _locked(campaign, "start", by, version) as row:
        _refuse_late(row, at)
        found = audience_preview(row, at=at)
        if not found.members:
            raise Refused("No hay a quién preguntar: revise a quién va dirigida y sus compañías.", code="nobody")
        try:
            with transaction.atomic():
                _fix(row, found, at)
        except IntegrityError:
            why = "Otra campaña del año empezó en este momento con algunas de esas personas. Vuelva a iniciarla."
            raise Refused(why, code="asked") from None
        before = row.state
        row.start()
        row.started_at = at
        data = {
            "people": len(found.members),
            "companies": found.companies,
            "waves": found.per_wave(row.waves),
            "excluded": dict(found.excluded),
        }
        trail.commit(row, "start", by=by, at=at, saved=["started_at"], data=data, before=before)
        return row


def extend(
    campaign: Campaign, closes_on: date, *, by: User, version: int | None = None, at: datetime | None = None
) -> Campaign:
    """A later last day. Raises Refused, and InvalidInput for a day that is not later."""
    at = at or clock.now()
    with _locked(campaign, "extend", by, version) as row:
        if closes_on <= row.closes_on:
            raise InvalidInput({"closes_on": f"Elija un día posterior al {row.closes_on:%d/%m/%Y}, en que cierra hoy."})
        if closes_on.year > row.year + 1:
            raise InvalidInput({"closes_on": f"La campaña de {row.year} cierra a más tardar en {row.year + 1}."})
        before, row.closes_on = row.closes_on, closes_on
        trail.commit(row, "extend", by=by, at=at, saved=["closes_on"], data={"closes_on": [before, closes_on]})
        return row


def close(campaign: Campaign, *, by: User, version: int | None = None, at: datetime | None = None) -> Campaign:
    """End it now: nobody else is asked or may answer."""
    at = at or clock.now()
    with _locked(campaign, "close", by, version) as row:
        return _end(row, "close", by, at)


def close_ended(campaign: Campaign, *, at: datetime) -> bool:
    """End a campaign whose last day passed, as the system. False when it ended or was extended meanwhile."""
    with trail.locked(campaign) as row:
        if row.state != CampaignState.RUNNING or at < tokens.ends_at(row):
            return False
        _end(row, "close", system_actor(), at)
        return True


def cancel(
    campaign: Campaign, *, by: User, reason: str, version: int | None = None, at: datetime | None = None
) -> Campaign:
    """Stop it: nobody else is asked; what was answered stays and counts. Raises Refused, and InvalidInput without a reason."""
    at = at or clock.now()
    with _locked(campaign, "cancel", by, version) as row:
        said = inputs.text(reason, "reason", "el motivo")
        return _end(row, "cancel", by, at, reason=said)


def check(given: Draft) -> None:
    """Raises InvalidInput with everything that is wrong with it."""
    errors = dict(_faults(given))
    if errors:
        raise InvalidInput(errors)


def _faults(given: Draft) -> Iterator[tuple[str, str]]:
    if not given.name.strip():
        yield "name", "Póngale un nombre, como «NPS 2026»."
    elif len(given.name) > LONGEST_NAME:
        yield "name", f"Escriba un nombre de hasta {LONGEST_NAME} letras."
    if given.audience not in Audience.values:
        yield "audience", "Elija a quién se le pregunta."
    ranges: Mapping[str, tuple[int, int]] = {
        "year": (2000, 2100),
        "waves": (1, MANY_WAVES),
        "wave_days": (1, MOST_DAYS),
        "remind_days": (1, MOST_DAYS),
        "reminders": (0, MOST_REMINDERS),
    }
    wrong = {name: f"Escriba un número de {low} a {high}." for name, (low, high) in ranges.items()
             if not low <= getattr(given, name) <= high}  # fmt: skip
    yield from wrong.items()
    if given.closes_on < given.opens_on:
        yield "closes_on", "El día en que cierra no puede ser anterior al día en que abre."
    elif "year" not in wrong and given.closes_on.year > given.year + 1:
        yield "closes_on", f"La campaña de {given.year} cierra a más tardar en {given.year + 1}."
    elif "year" not in wrong and given.opens_on.year != given.year:
        yield "opens_on", f"La campaña de {given.year} debe abrir en {given.year}."
    elif not wrong:
        last = nps_audience.wave_on(given, given.waves)
        if last.year != given.year:
            yield "waves", f"Todas las oleadas deben salir en {given.year}, y la última saldría el {last:%d/%m/%Y}."
        elif last > given.closes_on:
            yield (
                "waves",
                f"La última oleada saldría el {last:%d/%m/%Y}, después del cierre. Use menos oleadas o cierre más tarde.",
            )
    known = Company.objects.filter(pk__in=given.companies).count() if given.companies else 0
    if known != len(set(given.companies)):
        yield "companies", "Alguna de las compañías ya no existe. Elíjalas de nuevo."


@contextmanager
def _locked(campaign: Campaign, name: str, by: User, version: int | None) -> Iterator[Campaign]:
    with trail.locked(campaign, version=version) as row:
        _allow(nps_policy.can(name, by, row))
        yield row


def _allow(verdict: Any) -> None:
    if not verdict:
        raise Refused(verdict.reason)


def _refuse_late(row: Campaign, at: datetime) -> None:
    if at >= tokens.midnight(row.opens_on + timedelta(days=1)):
        raise Refused("El día en que abre ya pasó: edite la campaña y ponga otro.", code="late")
    if NpsRecord.objects.filter(year=row.year).exists():
        raise Refused(
            f"Ya se importaron los resultados de {row.year}: sumarían dos veces. Use otro año.", code="imported"
        )


def _fix(row: Campaign, found: Found, at: datetime) -> None:
    """Its invitations. Whom another campaign of the year ended up not asking becomes this one's."""
    unasked = NpsInvitation.objects.filter(year=row.year, state=InvitationState.LEFT_OUT, invited_at=None)
    unasked.exclude(campaign=row).filter(person__in=[member.person_id for member in found.members]).delete()
    services = nps_audience.services_of(found.members, at=at, on=row.opens_on)
    insert_each(
        [
            NpsInvitation(
                campaign=row,
                year=row.year,
                person_id=member.person_id,
                company_id=member.company_id,
                service_id=services.get(member.person_id),
                wave=member.wave,
                state=InvitationState.PLANNED,
                next_at=max(at, nps_audience.wave_at(row, member.wave)),
            )
            for member in found.members
        ]
    )


def _end(row: Campaign, kind: str, by: User, at: datetime, **data: Any) -> Campaign:
    """Whoever was not asked is left out; whoever did not answer, did not answer. An answer in this very moment waits, or stands."""
    mine = NpsInvitation.objects.filter(campaign=row)
    unasked = mine.filter(state=InvitationState.PLANNED).update(
        state=InvitationState.LEFT_OUT, left_out=LeftOut.CLOSED, next_at=None
    )
    silent = mine.filter(state=InvitationState.INVITED).update(state=InvitationState.EXPIRED, next_at=None)
    answered = mine.filter(state=InvitationState.ANSWERED).count()
    before = row.state
    if kind == "close":
        row.close()
    else:
        row.cancel()
    row.ended_at = at
    counted = {"unasked": unasked, "silent": silent, "answered": answered, **data}
    trail.commit(row, kind, by=by, at=at, saved=["ended_at"], data=counted, before=before)
    return row


def _companies(campaign: Campaign) -> list[int]:
    return list(campaign.companies.values_list("pk", flat=True)) if campaign.pk else []


def _told(given: Draft) -> dict[str, Any]:
    values = asdict(given)
    return {**{name: values[name] for name in FIELDS}, "companies": sorted(given.companies)}
