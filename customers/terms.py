"""Which terms bind, and what they say: the contract's value, else the guide's (guide 3.1, 3.4.1, 3.4.2, 3.6)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.caching import remembered
from core.errors import DomainError, Refused
from customers.models import Contract, ServiceTerms, ValidUser

GUIDE_VALIDATION_HOURS = 72  # guide 3.6: 3 días naturales
GUIDE_PAUSES_FOR_USER = True
GUIDE_PAUSES_FOR_VENDOR = False


@dataclass(frozen=True, slots=True)
class Standing:
    """A valid user's right to raise tickets, resolved once: for which company, by which contract, under which terms."""

    valid_user: ValidUser
    contract: Contract
    terms: ServiceTerms


class NoStandardTerms(DomainError):
    """The guide's standard terms are not in the database: `manage.py seed_guide` was never run."""


def standing_of(user_id: int, at: datetime) -> Standing:
    """The standing of the user `user_id` at `at`. Raises Refused, with the reason in Spanish, when they may not raise a ticket.

    Guide 2.2, 3.3: only a valid user of a company with a contract in force. Costs two queries.
    """
    valid_user = ValidUser.objects.select_related("company", "user").filter(user_id=user_id).first()
    if valid_user is None or not valid_user.user.is_active or not valid_user.company.is_active:
        raise Refused(
            "No está registrado como usuario válido de una compañía. Pida el alta a quien representa a su compañía.",
            code="not_valid_user",
        )
    if valid_user.status == ValidUser.Status.SUSPENDED:
        raise Refused(
            "Su usuario está suspendido: puede consultar sus tickets, pero no levantar nuevos.", code="suspended"
        )
    today = at.astimezone(ZoneInfo(valid_user.company.time_zone)).date()
    contract = Contract.objects.in_force(today).filter(company=valid_user.company_id).order_by("-starts_on").first()
    if contract is None:
        raise Refused(
            "Su compañía no tiene un contrato vigente. Comuníquese con su ejecutivo de cuenta.", code="no_contract"
        )
    return Standing(valid_user, contract, in_force(contract.pk, at))


def in_force(contract_id: int | None, at: datetime) -> ServiceTerms:
    """The terms that bind a ticket created at `at` under the contract; the guide's standard ones when it has none of its own."""
    for terms in _history(contract_id):
        if terms.valid_from <= at:
            return terms
    if contract_id is not None:
        return in_force(None, at)
    # A ticket dated before the standard terms were loaded is read under the oldest ones there are.
    standard = _history(None)
    if not standard:
        raise NoStandardTerms("Faltan las condiciones estándar de la guía. Ejecute «manage.py seed_guide».")
    return standard[-1]


@remembered
def _history(contract_id: int | None) -> list[ServiceTerms]:
    return list(ServiceTerms.objects.filter(contract=contract_id).order_by("-valid_from"))


@remembered
def get(terms_id: int) -> ServiceTerms:
    return ServiceTerms.objects.select_related("calendar", "contract").get(pk=terms_id)


def standard(at: datetime) -> ServiceTerms:
    """The guide's own terms at `at`."""
    return in_force(None, at)


def has_counted(calendar_id: int, at: datetime) -> bool:
    """Whether terms that are or were in force at `at` use the calendar: its hours have counted for somebody."""
    return ServiceTerms.objects.filter(calendar=calendar_id, valid_from__lte=at).exists()


def is_taken(contract: Contract | None, moment: datetime, *, besides: int = 0) -> bool:
    """Whether other terms of the contract (None: the guide's) than those of the id `besides` begin at that moment."""
    return ServiceTerms.objects.filter(contract=contract, valid_from=moment).exclude(pk=besides).exists()


def validation_period(terms: ServiceTerms, at: datetime) -> timedelta:
    """How long the customer has to validate a solution, in calendar time (guide 3.6). `at`, the ticket's creation, chooses the guide's value
    for terms that say nothing; so below."""
    hours = terms.validation_hours
    if hours is None:
        hours = standard(at).validation_hours
    return timedelta(hours=GUIDE_VALIDATION_HOURS if hours is None else hours)


def pauses_for_user(terms: ServiceTerms, at: datetime) -> bool:
    said = terms.pauses_for_user
    if said is None:
        said = standard(at).pauses_for_user
    return GUIDE_PAUSES_FOR_USER if said is None else said


def pauses_for_vendor(terms: ServiceTerms, at: datetime) -> bool:
    said = terms.pauses_for_vendor
    if said is None:
        said = standard(at).pauses_for_vendor
    return GUIDE_PAUSES_FOR_VENDOR if said is None else said
