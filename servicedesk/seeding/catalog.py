"""The services of the guide's 3.2 as catalogue templates, and the support groups that attend them (3.5).

Every line of 3.2.1, 3.2.2 and 3.2.3 is in exactly one template, in the guide's own words (`guide_service`).
"""

from typing import Any

from accounts.models import SupportGroup
from tickets.models import CatalogCategory, CatalogItem

DESK, APPLICATIONS, DATABASES, INFRASTRUCTURE = "Mesa de Servicio", "Aplicaciones", "Bases de datos", "Infraestructura"

GROUPS = ((DESK, 1), (APPLICATIONS, 2), (DATABASES, 2), (INFRASTRUCTURE, 2))

BROKEN, NEEDED = "Algo no funciona", "Necesito algo"
CATEGORIES = (BROKEN, NEEDED)

MODULE = {"name": "module", "label": "Módulo o pantalla", "type": "text", "required": False}
ERROR = {"name": "error_text", "label": "Mensaje de error, tal como aparece", "type": "text", "required": False}
APPLICATION = {"name": "application", "label": "Aplicación", "type": "text", "required": True}
ENVIRONMENT = {
    "name": "target_environment",
    "label": "Ambiente",
    "type": "choice",
    "required": True,
    "options": ["Productivo", "Alterno"],
}
USER = {"name": "user_name", "label": "Nombre completo de la persona", "type": "text", "required": True}
WANTED = {"name": "wanted_on", "label": "Fecha en que se necesita", "type": "date", "required": False}


def _choice(name: str, label: str, *options: str) -> dict[str, Any]:
    return {"name": name, "label": label, "type": "choice", "required": True, "options": list(options)}


# category, name, description, icon, kind, line, group, impact, urgency, guide's words, questions
ITEMS: tuple[tuple[Any, ...], ...] = (
    (BROKEN, "Error en la aplicación", "Un proceso falla, da un resultado equivocado o muestra un mensaje.", "exclamation-triangle", "incident",
     "functional", APPLICATIONS, "moderate", "high", "Identificación, atención y solución de errores funcionales o de aplicación", [MODULE, ERROR]),
    (BROKEN, "No puedo entrar", "Acceso a la aplicación o al portal.", "key", "incident", "technological", INFRASTRUCTURE, "minor", "critical",
     "Atención a fallas a nivel de acceso a las aplicaciones", [APPLICATION, ERROR]),
    (BROKEN, "El sistema no responde", "Está caído, muy lento o con procesos encolados. Todos los días, a toda hora.", "signal-slash", "incident",
     "technological", INFRASTRUCTURE, "extensive", "critical", "Atención a fallas a nivel de capas de la aplicación", [APPLICATION, ENVIRONMENT]),
    (BROKEN, "Falla de infraestructura o de un ambiente nuevo", "Servidores, centro de datos, conectividad o un ambiente recién instalado.", "server-stack",
     "incident", "technological", INFRASTRUCTURE, "significant", "high",
     "Atención a fallas de infraestructura instalación de ambientes nuevos (todas las aplicaciones)", [ENVIRONMENT]),
    (BROKEN, "Falla después de un parche", "Algo dejó de funcionar durante o después de una actualización.", "wrench-screwdriver", "incident",
     "technical", DATABASES, "moderate", "high", "Solución de problemas generados durante o después de la aplicación de parches", [MODULE, ERROR]),
    (BROKEN, "Error de la aplicación (bug)", "Un defecto del producto que se repite.", "bug-ant", "incident", "technical", APPLICATIONS, "moderate",
     "medium", "Solución de errores de la aplicación (bugs) cuando sea posible", [MODULE, ERROR]),
    (NEEDED, "Duda de operación", "Cómo se hace algo en un módulo.", "question-mark-circle", "request", "functional", DESK, "minor", "low",
     "Solución de dudas específicas en cuanto a los módulos del sistema en operación", [MODULE]),
    (NEEDED, "Alta, baja o cambio de usuario", "Para usted o para alguien de su compañía.", "user-plus", "request", "functional", DESK, "minor", "medium",
     "Administración de usuarios (alta, baja y modificación, reseteo de contraseñas)",
     [_choice("action", "Movimiento", "Alta", "Baja", "Modificación"), USER, APPLICATION, WANTED]),
    (NEEDED, "Restablecer una contraseña", "La nueva le llega sólo a la persona. No escriba contraseñas aquí.", "lock-open", "request", "functional", DESK,
     "minor", "high", "Administración de usuarios (alta, baja y modificación, reseteo de contraseñas)", [USER, APPLICATION]),
    (NEEDED, "Roles y perfiles", "Cambios al esquema de seguridad.", "shield-check", "request", "functional", APPLICATIONS, "minor", "medium",
     "Administración del esquema de seguridad (roles y perfiles)", [USER, APPLICATION]),
    (NEEDED, "Cambio de configuración", "Parámetros que mejoran su operación, sin rehacer el proceso.", "adjustments-horizontal", "request", "functional",
     APPLICATIONS, "moderate", "low",
     "Cambio a la parametrización o configuración existente, enfocado a obtener mejoras en la operación, que no implique un cambio estructural total, "
     "afectación a la información histórica o corriente, modificación de fondo al modelo de negocio o reingeniería de procesos", [MODULE, WANTED]),
    (NEEDED, "Solución alterna (workaround)", "Cómo seguir trabajando mientras se corrige un problema.", "arrows-right-left", "request", "functional",
     APPLICATIONS, "moderate", "medium", "Recomendación de “workarounds” (soluciones alternas) para problemas de la aplicación", [MODULE]),
    (NEEDED, "Caso con el proveedor de la aplicación", "Registrar un defecto con desarrollo y darle seguimiento.", "arrow-top-right-on-square", "request",
     "functional", APPLICATIONS, "moderate", "medium",
     "Alta de casos en el área de desarrollo, con el proveedor de la aplicación para la solución de errores (bugs) de la aplicación", [MODULE]),
    (NEEDED, "Aplicar un parche", "Correcciones específicas (fixes y bundles).", "puzzle-piece", "change", "functional", APPLICATIONS, "moderate", "low",
     "Atención de casos para la aplicación de parches (fixes y bundles) específicos", [ENVIRONMENT, WANTED]),
    (NEEDED, "Asistencia en pruebas de un parche", "Acompañamiento mientras usted lo prueba.", "beaker", "request", "functional", APPLICATIONS, "moderate",
     "low", "Asistencia en pruebas de los parches específicos", [ENVIRONMENT, WANTED]),
    (NEEDED, "Consulta de datos (query)", "Un listado o un cruce que el sistema no da.", "table-cells", "request", "technical", DATABASES, "minor", "medium",
     "Elaboración de queries", [ENVIRONMENT]),
    (NEEDED, "Corrección de datos en tablas", "Actualizaciones o borrados, previo análisis funcional y si no hay otra solución.", "pencil-square", "change",
     "technical", DATABASES, "moderate", "medium",
     "Apoyo para realizar cambios en la aplicación a nivel de tablas, actualizaciones (updates) y borrados después de un análisis funcional y sólo en caso "
     "de no existir otra solución", [ENVIRONMENT]),
    (NEEDED, "Solicitud tecnológica", "Lo que necesite de su infraestructura y no esté en la lista.", "cpu-chip", "request", "technological", INFRASTRUCTURE,
     "moderate", "medium", "Atención a solicitudes de tipo tecnológico", [ENVIRONMENT]),
    (NEEDED, "Instalar una base de datos", "Una base nueva en un ambiente contratado.", "circle-stack", "request", "technological", DATABASES, "moderate",
     "low", "Instalación de bases de datos", [ENVIRONMENT, WANTED]),
    (NEEDED, "Homologar ambientes", "Igualar un ambiente con otro.", "square-2-stack", "request", "technological", INFRASTRUCTURE, "moderate", "low",
     "Homologaciones de ambientes (todas las aplicaciones)", [APPLICATION, WANTED]),
    (NEEDED, "Recrear una base de datos", "Volver a generarla desde otro ambiente o respaldo.", "arrow-path", "request", "technological", DATABASES,
     "moderate", "low", "Recreación de base de datos", [ENVIRONMENT, WANTED]),
    (NEEDED, "Más equipos en el centro de datos", "Crecimiento de servidores o almacenamiento.", "server", "request", "technological", INFRASTRUCTURE,
     "significant", "low", "Incremento de servicios (equipos) en data center", [ENVIRONMENT, WANTED]),
    (NEEDED, "VPN", "Alta o cambio de una red privada virtual.", "globe-americas", "request", "technological", INFRASTRUCTURE, "moderate", "medium",
     "Implementación de VPN's (Redes Privadas Virtuales)", [WANTED]),
)  # fmt: skip


def groups() -> dict[str, SupportGroup]:
    """The desk (level 1) and the experts (level 2), where they are missing."""
    return {name: SupportGroup.objects.get_or_create(name=name, defaults={"level": level})[0] for name, level in GROUPS}


def items() -> None:
    """The whole catalogue, where it is missing."""
    attend = groups()
    categories = {
        name: CatalogCategory.objects.get_or_create(name=name, defaults={"position": position})[0]
        for position, name in enumerate(CATEGORIES)
    }
    for position, (
        category,
        name,
        description,
        icon,
        kind,
        line,
        group,
        impact,
        urgency,
        words,
        questions,
    ) in enumerate(ITEMS):
        values = {
            "category": categories[category],
            "description": description,
            "icon": icon,
            "kind": kind,
            "service_line": line,
            "default_group": attend[group] if attend[group].level > 1 else None,
            "default_impact": impact,
            "default_urgency": urgency,
            "guide_service": words,
            "fields": questions,
            "position": position,
        }
        CatalogItem.objects.get_or_create(name=name, defaults=values)
