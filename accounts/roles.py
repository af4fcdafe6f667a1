"""The roles of the desk and of the customer, and what each may configure in the console."""

from django.db import models


class Role(models.TextChoices):
    AGENT = "agent", "Agente de Mesa de Servicio"
    CONSULTANT = "consultant", "Consultor"
    SUPERVISOR = "supervisor", "Supervisor de Mesa de Servicio"
    MANAGER = "manager", "Gerente de Mesa de Servicio"
    DIRECTOR = "director", "Director de Servicio al Cliente"
    BPO = "bpo", "BPO"
    SERVICE_DELIVERY = "service_delivery", "Service Delivery"
    ADMIN = "admin", "Administrador"
    REQUESTER = "requester", "Usuario solicitante"
    REPRESENTATIVE = "representative", "Representante de la compañía"
    SYSTEM = "system", "Sistema"


CUSTOMER_ROLES = (Role.REQUESTER, Role.REPRESENTATIVE)
DESK_ROLES = (
    Role.AGENT,
    Role.CONSULTANT,
    Role.SUPERVISOR,
    Role.MANAGER,
    Role.DIRECTOR,
    Role.BPO,
    Role.SERVICE_DELIVERY,
    Role.ADMIN,
)
SUPERVISING = (Role.SUPERVISOR, Role.MANAGER, Role.DIRECTOR)

# What each role may see in the console besides the tickets, whose own policy decides row by row.
# "app.model" or "app.*"; administrators may change everything that is configuration.
_HEAD = (
    *("customers.*", "accounts.*", "tickets.*", "sla.*", "escalation.*", "channels.*", "core.alarm"),
    *("surveys.*", "improvements.*"),
)
_VIEW: dict[str, tuple[str, ...]] = {
    Role.AGENT: (
        *("customers.*", "accounts.supportgroup", "tickets.*", "sla.*", "escalation.*", "channels.*"),
        *("surveys.voice", "surveys.survey", "improvements.correctiveaction"),
    ),
    Role.CONSULTANT: (
        *("customers.company", "tickets.ticket"),
        *("surveys.voice", "surveys.survey", "improvements.correctiveaction"),
    ),
    Role.SUPERVISOR: (
        *("customers.*", "accounts.*", "tickets.*", "sla.*", "escalation.*", "channels.*", "core.*"),
        *("surveys.*", "improvements.*"),
    ),
    Role.MANAGER: _HEAD,
    Role.DIRECTOR: _HEAD,
    Role.BPO: (
        *("customers.*", "tickets.ticket", "tickets.catalog*"),
        *("surveys.voice", "surveys.campaign", "improvements.correctiveaction"),
    ),
    Role.SERVICE_DELIVERY: (
        *("customers.*", "tickets.ticket", "tickets.catalog*", "sla.*"),
        *("surveys.*", "improvements.*"),
    ),
}
_CHANGE: dict[str, tuple[str, ...]] = {
    Role.AGENT: ("customers.validuser",),
    Role.SUPERVISOR: (
        "customers.validuser",
        "accounts.supportgroup",
        "escalation.contact",
        "escalation.absence",
        "surveys.campaign",
        "surveys.questionnaire",
        "surveys.surveylimits",
    ),
    Role.MANAGER: ("surveys.campaign", "surveys.questionnaire", "surveys.surveylimits"),
    Role.DIRECTOR: ("surveys.campaign", "surveys.questionnaire", "surveys.surveylimits"),
}


def role_has_perm(role: str, perm: str) -> bool:
    """Whether `role` holds the Django permission `perm` ("app.action_model")."""
    app, _, rest = perm.partition(".")
    action, _, model = rest.partition("_")
    if role == Role.ADMIN:
        return True
    if _matches(_CHANGE.get(role, ()), app, model) and action in ("view", "add", "change"):
        return True
    return action == "view" and _matches(_VIEW.get(role, ()), app, model)


def _matches(patterns: tuple[str, ...], app: str, model: str) -> bool:
    full = f"{app}.{model}"
    return any(full == p or (p.endswith("*") and full.startswith(p[:-1])) for p in patterns)
