"""The demo's companies, contracts and people. Every name is invented."""

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from django.contrib.auth.hashers import make_password

from accounts.models import SupportGroup, User
from accounts.roles import Role
from customers.models import Company, Contract, Environment, ExtensionWindow, Service, ServiceTerms, ValidUser
from servicedesk.seeding.catalog import APPLICATIONS, DATABASES, DESK, INFRASTRUCTURE
from sla.models import Target

DOMAIN = "demo.example"

# sign-in, role, name, groups
STAFF = (
    ("agente", Role.AGENT, "Daniela Ríos Paz", (DESK,)),
    ("agente.noche", Role.AGENT, "Mateo Lira Cano", (DESK,)),
    ("consultor", Role.CONSULTANT, "Óscar Villanueva Sáenz", (APPLICATIONS,)),
    ("renata.sandoval", Role.CONSULTANT, "Renata Sandoval Ibarra", (APPLICATIONS, DATABASES)),
    ("ivan.cortazar", Role.CONSULTANT, "Iván Cortázar Peña", (INFRASTRUCTURE,)),
    ("elena.prado", Role.CONSULTANT, "Elena Prado Arce", (DATABASES,)),
    ("supervisor", Role.SUPERVISOR, "Teresa Olvera Luna", (DESK,)),
    ("gerente", Role.MANAGER, "Julio Bernal Ortiz", ()),
    ("director", Role.DIRECTOR, "Marta Quiroga Vela", ()),
    ("bpo", Role.BPO, "Nora Campos Gil", ()),
    ("servicio", Role.SERVICE_DELIVERY, "Paola Quintana Ruiz", ()),
    ("admin", Role.ADMIN, "Adela Montes Rey", ()),
)


@dataclass(frozen=True)
class DemoCompany:
    name: str
    number: str
    people: tuple[tuple[str, Role, str], ...]
    services: tuple[str, ...]
    zone: str = "America/Mexico_City"
    terms: str = ""
    drp: bool = False
    whatsapp: bool = False
    extension: tuple[tuple[int, int, int], ...] = ()
    second_level: bool = False
    holidays: bool = False
    validation_hours: int | None = None
    targets: dict[str, dict[str, int | str]] = field(default_factory=dict)


NIGHTS = tuple((day, 19 * 60, 9 * 60) for day in range(5))
WEEKEND = tuple((day, 9 * 60, 15 * 60) for day in (5, 6))

COMPANIES = (
    DemoCompany(
        "Grupo Alborada",
        "MN-2024-031",
        (
            ("cliente", Role.REQUESTER, "Lucía Herrera Montaño"),
            ("representante", Role.REPRESENTATIVE, "Ximena Ordaz Leal"),
            ("martin.olmedo", Role.REQUESTER, "Martín Olmedo Reyes"),
            ("hugo.barrientos", Role.REQUESTER, "Hugo Barrientos Cruz"),
        ),
        ("Nómina y Recursos Humanos", "Oracle EBS", "Portal del empleado"),
        whatsapp=True,
    ),
    DemoCompany(
        "Textiles Ixtlán",
        "MN-2023-118",
        (
            ("ajeno", Role.REPRESENTATIVE, "Rubén Aguirre Solís"),
            ("brenda.ulloa", Role.REQUESTER, "Brenda Ulloa Nieto"),
            ("gael.montiel", Role.REQUESTER, "Gael Montiel Soto"),
        ),
        ("Oracle EBS", "Redes y VPN"),
        terms="Extensión nocturna y de fin de semana, con segundo nivel",
        extension=NIGHTS + WEEKEND,
        second_level=True,
    ),
    DemoCompany(
        "Farmacéutica Lindavista",
        "MN-2025-007",
        (
            ("norma.escobedo", Role.REPRESENTATIVE, "Norma Escobedo Vidal"),
            ("iker.zamudio", Role.REQUESTER, "Iker Zamudio León"),
        ),
        ("Punto de venta", "Oracle EBS", "Redes y VPN"),
        zone="America/Tijuana",
        terms="Tiempos reforzados y DRP",
        drp=True,
        whatsapp=True,
        targets={
            "critical": {"reaction_minutes": 15, "attention_minutes": 120},
            "high": {"reaction_minutes": 30, "attention_minutes": 240},
        },
    ),
    DemoCompany(
        "Cerámica del Bajío",
        "MN-2022-064",
        (
            ("ofelia.trevino", Role.REPRESENTATIVE, "Ofelia Treviño Garza"),
            ("saul.nava", Role.REQUESTER, "Saúl Nava Rico"),
        ),
        ("Nómina y Recursos Humanos", "Punto de venta"),
        terms="Sábados sin segundo nivel y validación en cinco días",
        extension=((5, 9 * 60, 14 * 60),),
        holidays=True,
        validation_hours=120,
    ),
)


def demo_password(folder: Path) -> str:
    """The one password of every demo sign-in: made at the first start, kept readable by its owner only."""
    path = folder / "demo-password"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(9) + "\n")
    return path.read_text().strip()


def create(password: str, now: datetime) -> None:
    """The desk's people, the companies, their contracts and valid users. Repeating it changes nothing that exists."""
    hashed = make_password(password)
    groups = {group.name: group for group in SupportGroup.objects.all()}
    for name, role, full_name, member_of in STAFF:
        person = _person(name, role, full_name, hashed)
        person.support_groups.add(*(groups[group] for group in member_of))
    manager = User.objects.get(email=f"servicio@{DOMAIN}")
    for spec in COMPANIES:
        _company(spec, hashed, manager, now)


def _person(name: str, role: Role, full_name: str, hashed: str) -> User:
    values = {"role": role, "full_name": full_name, "password": hashed}
    return User.objects.get_or_create(email=f"{name}@{DOMAIN}", defaults=values)[0]


def _company(spec: DemoCompany, hashed: str, manager: User, now: datetime) -> None:
    company, created = Company.objects.get_or_create(name=spec.name, defaults={"time_zone": spec.zone})
    if not created:
        return
    starts = date(now.year - 2, 1, 1)
    contract = Contract.objects.create(
        company=company,
        number=spec.number,
        starts_on=starts,
        ends_on=date(now.year + 1, 12, 31),
        has_drp=spec.drp,
        whatsapp_authorised=spec.whatsapp,
        account_manager=manager,
    )
    for name in spec.services:
        service = Service.objects.get_or_create(name=name)[0]
        contract.services.add(service)
        Environment.objects.create(company=company, service=service, name="producción")
    Environment.objects.create(company=company, service=service, name="pruebas", kind=Environment.Kind.ALTERNATE)
    if spec.terms:
        _terms(spec, contract, datetime(starts.year, 1, 1, 6, tzinfo=now.tzinfo))
    for name, role, full_name in spec.people:
        person = _person(name, role, full_name, hashed)
        ValidUser.objects.create(
            user=person,
            company=company,
            authorised_by="Contrato",
            whatsapp_phone="+52 55 5000 0300" if spec.whatsapp else "",
            confirmed_at=now - timedelta(days=60),
        )


def _terms(spec: DemoCompany, contract: Contract, since: datetime) -> None:
    terms = ServiceTerms.objects.create(
        contract=contract,
        name=spec.terms,
        valid_from=since,
        validation_hours=spec.validation_hours,
    )
    windows = [
        ExtensionWindow(
            terms=terms,
            weekday=day,
            opens=opens,
            closes=closes,
            includes_second_level=spec.second_level,
            works_on_holidays=spec.holidays,
        )
        for day, opens, closes in spec.extension
    ]
    ExtensionWindow.objects.bulk_create(windows)
    Target.objects.bulk_create(
        [Target(terms=terms, priority=priority, **values) for priority, values in spec.targets.items()]
    )
