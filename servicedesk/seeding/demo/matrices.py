"""The demo's matrices: the people who have an account, a technical list for every contracted service, and somebody who is away."""

from datetime import UTC, datetime, timedelta

from accounts.models import User
from customers.models import Contract, Service
from escalation.matrices import day_of
from escalation.models import Absence, Contact, Level, Matrix
from escalation.services import publishing
from escalation.vocabulary import MatrixKind
from servicedesk.seeding.demo.people import COMPANIES, DOMAIN, STAFF

# Service: the consultant's role and name, and those of the two levels above, who are of the complaints' matrix too (guide 3.13.1).
OPERATIONS = ("Director de Operaciones", "Bernardo Lozano Cid")
PRODUCTS = (
    ("Gerente de Operaciones de Productos MásNegocio", "Silvia Meraz Cano"),
    ("Director de Business Development / Productos MásNegocio", "Álvaro Prieto Solana"),
)
LISTS = {
    "Nómina y Recursos Humanos": (("Consultor de Nómina", "Óscar Villanueva Sáenz"), *PRODUCTS),
    "Portal del empleado": (("Consultor de Aplicaciones", "Óscar Villanueva Sáenz"), *PRODUCTS),
    "Oracle EBS": (
        ("Consultora de Aplicaciones", "Renata Sandoval Ibarra"),
        ("Subdirector Productos Oracle", "Ernesto Vidal Rojo"),
        OPERATIONS,
    ),
    "Punto de venta": (
        ("Consultora de Bases de Datos", "Elena Prado Arce"),
        ("Subdirector SAP / E-Commerce", "Irene Salas Bravo"),
        OPERATIONS,
    ),
    "Redes y VPN": (
        ("Consultor de Infraestructura", "Iván Cortázar Peña"),
        ("Subdirector de Infraestructura", "Elsa Navarro Pino"),
        OPERATIONS,
    ),
}
TIMES = ((30, 120), (60, 240), (120, 480))
"""Minutes to acknowledge and to answer, by level."""

AWAY, STANDS_IN = "Julio Bernal Ortiz", "Paola Quintana Ruiz"


def create(now: datetime) -> None:
    """Repeating it changes nothing that exists. It stands on the guide's matrices and the demo's people."""
    people = {person.full_name: person for person in User.objects.filter(email__endswith=f"@{DOMAIN}")}
    for _, _, name, _ in STAFF:
        Contact.objects.filter(name=name, user=None).update(user=people[name])
    admin = User.objects.get(email=f"admin@{DOMAIN}")
    numbers = [spec.number for spec in COMPANIES]
    for contract in Contract.objects.filter(number__in=numbers).prefetch_related("services").order_by("pk"):
        for service in contract.services.all():
            _list(contract, service, admin, people)
    _absence(now)


def _list(contract: Contract, service: Service, admin: User, people: dict[str, User]) -> None:
    """Published with the contract's beginning."""
    asked = Matrix(kind=MatrixKind.TECHNICAL, contract=contract, service=service)
    if service.name not in LISTS or publishing.versions_of(asked).exists():
        return
    since = datetime(contract.starts_on.year, contract.starts_on.month, contract.starts_on.day, 6, tzinfo=UTC)
    matrix = publishing.begin(asked, by=admin, at=since)
    levels = zip(LISTS[service.name], TIMES, strict=True)
    Level.objects.bulk_create(
        [
            Level(
                matrix=matrix,
                level=number,
                role=role,
                contact=_contact(name, people),
                acknowledge_minutes=acknowledge,
                answer_minutes=answer,
            )
            for number, ((role, name), (acknowledge, answer)) in enumerate(levels, start=1)
        ]
    )
    publishing.publish(matrix, by=admin, at=since)


def _contact(name: str, people: dict[str, User]) -> Contact:
    person = people.get(name)
    values = {"email": person.email, "user": person} if person else {}
    return Contact.objects.get_or_create(name=name, defaults=values)[0]


def _absence(now: datetime) -> None:
    """The manager is away in the present week, until its Friday, or until today on a weekend."""
    contact, substitute = (Contact.objects.filter(name=name).first() for name in (AWAY, STANDS_IN))
    if contact is None or substitute is None or contact.absences.exists():
        return
    today = day_of(now)
    monday = today - timedelta(days=today.weekday())
    ends = max(monday + timedelta(days=4), today)
    Absence.objects.create(
        contact=contact, substitute=substitute, starts_on=monday, ends_on=ends, reason="Capacitación"
    )
