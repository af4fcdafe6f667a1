"""The guide's matrices: the desk's four levels (3.5.2), the complaints' directions and areas (3.13.1), and the rules by which a ticket
goes up by itself. The people and their numbers are made up: the administrator writes the real ones."""

from customers.models import ServiceTerms
from escalation.models import Contact, EscalationRule, Level, Matrix
from escalation.vocabulary import MatrixKind, RuleClock
from servicedesk.seeding.standard import GUIDE_DATE

SWITCHBOARD = "55 5000 0130"
DESK = ("Mesa de Servicio", "soporte@mesa.example", SWITCHBOARD, "55 5000 0139 y 55 5000 0147", "")

# Guide 3.5.2: level, role, contact; minutes to acknowledge and to answer, which the guide leaves to us (docs/decisions/0010).
SERVICE_DESK = (
    (1, "Mesa de Servicio y Servicio al Cliente", DESK, 30, 120),
    (
        2,
        "Supervisor de Mesa de Servicio",
        ("Teresa Olvera Luna", "supervision@mesa.example", SWITCHBOARD, "55 5000 0139", "55 5000 0201"),
        60,
        240,
    ),
    (
        3,
        "Gerente de Mesa de Servicio",
        ("Julio Bernal Ortiz", "gerencia@mesa.example", SWITCHBOARD, "55 5000 0139", "55 5000 0202"),
        60,
        240,
    ),
    (
        4,
        "Director de Mesa de Servicio y Servicio al Cliente",
        ("Marta Quiroga Vela", "direccion@mesa.example", SWITCHBOARD, "", "55 5000 0203"),
        120,
        480,
    ),
)

# Guide 3.13.1, row by row: direction, level within it, area, role, contact.
CUSTOMERS, OPERATIONS = "Dirección de Servicio al Cliente", "Dirección de Operaciones"
BUSINESS = "Dirección de Business Development (Productos MásNegocio)"
COMPLAINTS = (
    (CUSTOMERS, 1, "Mesa de Servicio", "Gerente Mesa de Servicio", "Julio Bernal Ortiz", "gerencia", "0202"),
    (CUSTOMERS, 1, "Service Delivery", "Gerente Service Delivery", "Paola Quintana Ruiz", "delivery", "0211"),
    (CUSTOMERS, 1, "Monitoreo", "Coordinador de Monitoreo Senior", "Raúl Espinosa Mier", "monitoreo", "0212"),
    (
        CUSTOMERS,
        2,
        "Dirección Servicio al Cliente",
        "Director de Servicio al Cliente",
        "Marta Quiroga Vela",
        "direccion",
        "0203",
    ),
    (OPERATIONS, 1, "Productos Oracle", "Subdirector Productos Oracle", "Ernesto Vidal Rojo", "oracle", "0221"),
    (
        OPERATIONS,
        1,
        "Infraestructura",
        "Subdirector de Infraestructura",
        "Elsa Navarro Pino",
        "infraestructura",
        "0222",
    ),
    (OPERATIONS, 1, "Operaciones", "Subdirector de Operaciones", "Gonzalo Tapia Leyva", "operaciones", "0223"),
    (OPERATIONS, 1, "SAP / E-Commerce", "Subdirector SAP / E-Commerce", "Irene Salas Bravo", "sap", "0224"),
    (
        OPERATIONS,
        2,
        "Operaciones",
        "Director de Operaciones",
        "Bernardo Lozano Cid",
        "direccion.operaciones",
        "0225",
    ),
    (
        BUSINESS,
        1,
        "Operaciones de Productos MásNegocio",
        "Gerente de Operaciones de Productos MásNegocio",
        "Silvia Meraz Cano",
        "productos",
        "0231",
    ),
    (
        BUSINESS,
        2,
        "Business Development / Productos MásNegocio",
        "Director de Business Development / Productos MásNegocio",
        "Álvaro Prieto Solana",
        "direccion.productos",
        "0232",
    ),
)

# Guide 3.5.2 («si los tiempos de reacción o atención no han sido respetados»); the delays are ours (docs/decisions/0010).
RULES = (
    (RuleClock.REACTION, 30, 2),
    (RuleClock.REACTION, 120, 3),
    (RuleClock.ATTENTION, 60, 2),
    (RuleClock.ATTENTION, 240, 3),
    (RuleClock.ATTENTION, 600, 4),
    (RuleClock.COMMITMENT, 60, 2),
    (RuleClock.COMMITMENT, 600, 3),
)


def everything(terms: ServiceTerms) -> None:
    """Both matrices, published since the guide's date, and the rules of the standard terms; each where it is missing."""
    service_desk()
    complaints()
    if not terms.escalation_rules.exists():
        EscalationRule.objects.bulk_create(
            [
                EscalationRule(terms=terms, clock=clock, delay_minutes=delay, level=level)
                for clock, delay, level in RULES
            ]
        )


def service_desk() -> None:
    if Matrix.objects.filter(kind=MatrixKind.SERVICE_DESK).exists():
        return
    matrix = _first(MatrixKind.SERVICE_DESK)
    Level.objects.bulk_create(
        [
            Level(
                matrix=matrix,
                level=level,
                role=role,
                contact=_contact(*contact),
                acknowledge_minutes=acknowledge,
                answer_minutes=answer,
            )
            for level, role, contact, acknowledge, answer in SERVICE_DESK
        ]
    )


def complaints() -> None:
    if Matrix.objects.filter(kind=MatrixKind.COMPLAINTS).exists():
        return
    matrix = _first(MatrixKind.COMPLAINTS)
    Level.objects.bulk_create(
        [
            Level(
                matrix=matrix,
                level=level,
                direction=direction,
                area=area,
                role=role,
                contact=_contact(name, f"{mailbox}@mesa.example", SWITCHBOARD, "", f"55 5000 {mobile}"),
            )
            for direction, level, area, role, name, mailbox, mobile in COMPLAINTS
        ]
    )


def _first(kind: MatrixKind) -> Matrix:
    return Matrix.objects.create(kind=kind, version=1, valid_from=GUIDE_DATE, published_at=GUIDE_DATE)


def _contact(name: str, email: str, phone: str, direct_phone: str, mobile: str) -> Contact:
    values = {"email": email, "phone": phone, "direct_phone": direct_phone, "mobile": mobile}
    return Contact.objects.get_or_create(name=name, defaults=values)[0]
