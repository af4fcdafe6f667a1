"""The roles of the guide's escalation matrix (3.5.2). The people and their numbers are made up: the administrator writes the real ones."""

from escalation.models import EscalationLevel

LEVELS = (
    (
        1,
        "Mesa de Servicio y Servicio al Cliente",
        "Mesa de Servicio",
        "55 5000 0139",
        "55 5000 0147",
        "",
        "soporte@mesa.example",
    ),
    (
        2,
        "Supervisor de Mesa de Servicio",
        "Teresa Olvera Luna",
        "55 5000 0130",
        "55 5000 0139",
        "55 5000 0201",
        "supervision@mesa.example",
    ),
    (
        3,
        "Gerente de Mesa de Servicio",
        "Julio Bernal Ortiz",
        "55 5000 0130",
        "55 5000 0139",
        "55 5000 0202",
        "gerencia@mesa.example",
    ),
    (
        4,
        "Director de Mesa de Servicio y Servicio al Cliente",
        "Marta Quiroga Vela",
        "55 5000 0130",
        "",
        "55 5000 0203",
        "direccion@mesa.example",
    ),
)


def levels() -> None:
    """The four levels, where they are missing."""
    for level, role, name, phone, direct, mobile, email in LEVELS:
        values = {
            "role": role,
            "contact_name": name,
            "phone": phone,
            "direct_phone": direct,
            "mobile": mobile,
            "email": email,
        }
        EscalationLevel.objects.get_or_create(level=level, defaults=values)
