"""Fixtures shared by every app's tests: the clock and the cast.

The cast: a desk (agent, supervisor, a consultant in `group`, BPO…) and two companies. `requester`, `colleague` and `representative`
belong to `company`; `outsider` to another one, with a contract of its own. Nobody's password is usable: sign in with `force_login`.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType

from accounts.models import SupportGroup, User, WorkShift
from accounts.roles import Role
from core import caching, clock
from customers.models import Company, Contract, Environment, Service, ServiceTerms, ValidUser
from servicedesk.seeding import standard
from tickets.models import Ticket
from tickets.services import intake

TUESDAY = datetime(2026, 3, 10, 16, 0, tzinfo=UTC)
"""Tuesday 10 March 2026, 10:00 in Mexico City: a working day inside the desk's hours."""


@pytest.fixture(autouse=True)
def forget_configuration() -> Iterator[None]:
    """And Django's own memory of its content types: a test that empties the tables takes them along, a rolled back one its new ones."""
    caching.forget_all()
    yield
    caching.forget_all()
    ContentType.objects.clear_cache()


@pytest.fixture(autouse=True)
def files_in_memory(settings: Any) -> None:
    """Uploads of a test are gone with it."""
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}


@pytest.fixture
def clock_at() -> Callable[[datetime], AbstractContextManager[datetime]]:
    """`with clock_at(moment):` holds the product's clock."""
    return clock.at


@pytest.fixture
def now() -> Iterator[datetime]:
    """Holds the clock on a working Tuesday at 10:00 local, and gives that moment."""
    with clock.at(TUESDAY):
        yield TUESDAY


@pytest.fixture
def guide(db: None) -> ServiceTerms:
    """The guide's standard terms, matrix and targets."""
    return standard.terms()


def _person(role: Role, name: str, email: str) -> User:
    return User.objects.create_user(f"{email}@example.test", full_name=name, role=role)


def at_work(*people: User) -> None:
    """Shifts around the clock, so that whoever runs a test by the true clock runs it within these people's hours."""
    days = [(person, day) for person in people for day in range(7)]
    WorkShift.objects.bulk_create(
        WorkShift(user=person, weekday=day, starts=0, ends=1440, works_on_holidays=True) for person, day in days
    )
    caching.forget_all()


@pytest.fixture
def agent(db: None) -> User:
    return _person(Role.AGENT, "Daniela Ríos Paz", "agent")


@pytest.fixture
def group(db: None) -> SupportGroup:
    return SupportGroup.objects.create(name="Nómina", level=SupportGroup.Level.SECOND)


@pytest.fixture
def desk_group(db: None, agent: User) -> SupportGroup:
    row = SupportGroup.objects.create(name="Mesa de Servicio", level=SupportGroup.Level.FIRST)
    row.members.add(agent)
    return row


@pytest.fixture
def consultant(db: None, group: SupportGroup) -> User:
    person = _person(Role.CONSULTANT, "Óscar Villanueva Sáenz", "consultant")
    group.members.add(person)
    return person


@pytest.fixture
def other_consultant(db: None) -> User:
    """A consultant of another group: an outsider among the desk."""
    person = _person(Role.CONSULTANT, "Iván Cortázar Peña", "other-consultant")
    SupportGroup.objects.create(name="Infraestructura").members.add(person)
    return person


@pytest.fixture
def supervisor(db: None) -> User:
    return _person(Role.SUPERVISOR, "Teresa Olvera Luna", "supervisor")


@pytest.fixture
def manager(db: None) -> User:
    return _person(Role.MANAGER, "Julio Bernal Ortiz", "manager")


@pytest.fixture
def director(db: None) -> User:
    return _person(Role.DIRECTOR, "Marta Quiroga Vela", "director")


@pytest.fixture
def bpo(db: None) -> User:
    return _person(Role.BPO, "Nora Campos Gil", "bpo")


@pytest.fixture
def service_delivery(db: None) -> User:
    return _person(Role.SERVICE_DELIVERY, "Paola Quintana Ruiz", "delivery")


@pytest.fixture
def admin(db: None) -> User:
    return _person(Role.ADMIN, "Adela Montes Rey", "admin")


@pytest.fixture
def service(db: None) -> Service:
    return Service.objects.create(name="Nómina y Recursos Humanos")


@pytest.fixture
def company(db: None) -> Company:
    return Company.objects.create(name="Grupo Alborada")


@pytest.fixture
def contract(company: Company, service: Service, guide: ServiceTerms) -> Contract:
    row = Contract.objects.create(company=company, number="MN-001", starts_on=date(2019, 1, 1))
    row.services.add(service)
    return row


@pytest.fixture
def environment(company: Company, service: Service) -> Environment:
    return Environment.objects.create(company=company, service=service, name="producción")


def _valid_user(company: Company, role: Role, name: str, email: str) -> User:
    person = _person(role, name, email)
    ValidUser.objects.create(user=person, company=company)
    return person


@pytest.fixture
def requester(company: Company, contract: Contract) -> User:
    return _valid_user(company, Role.REQUESTER, "Lucía Herrera Montaño", "requester")


@pytest.fixture
def colleague(company: Company, contract: Contract) -> User:
    """A requester of the same company: sees their own tickets, not the requester's."""
    return _valid_user(company, Role.REQUESTER, "Hugo Barrientos Cruz", "colleague")


@pytest.fixture
def representative(company: Company, contract: Contract) -> User:
    return _valid_user(company, Role.REPRESENTATIVE, "Ximena Ordaz Leal", "representative")


@pytest.fixture
def outsider(db: None, guide: ServiceTerms, service: Service) -> User:
    """A representative of another company: sees nothing of the first one."""
    other = Company.objects.create(name="Textiles Ixtlán")
    Contract.objects.create(company=other, number="MN-002", starts_on=date(2019, 1, 1)).services.add(service)
    return _valid_user(other, Role.REPRESENTATIVE, "Rubén Aguirre Solís", "outsider")


@pytest.fixture
def report() -> Callable[..., intake.Report]:
    """`report(title=…)`: a plain functional incident of high priority (moderate × high)."""

    def build(**changes: Any) -> intake.Report:
        values: dict[str, Any] = {
            "title": "La nómina quincenal no se timbra",
            "description": "Al timbrar la quincena 5 el proceso termina con el mensaje CFDI33118.",
            "kind": "incident",
            "service_line": "functional",
            "impact": "moderate",
            "urgency": "high",
        }
        return intake.Report(**{**values, **changes})

    return build


@pytest.fixture
def ticket(requester: User, report: Callable[..., intake.Report], now: datetime) -> Ticket:
    """A new ticket of the requester, received by web on the Tuesday of the cast."""
    return intake.receive(report(), by=requester, channel="web")
