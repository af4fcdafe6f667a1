"""What each act on an action is called, asks for and does, said once: the console's buttons and the API draw from here."""

from typing import Any

from accounts.models import User
from improvements import policy
from improvements.models import CorrectiveAction
from tickets.transitions import LONG_TEXT, PERSON, Field, Transition

DATE = "date"
"""A day, as ISO text."""

ACTS: dict[str, Transition] = {
    act.name: act
    for act in (
        Transition(
            "plan",
            "Causa y plan",
            "Guardar la causa y el plan",
            "pencil-square",
            "La acción queda en curso. Puede corregirlos mientras no esté implementada.",
            (
                Field("cause", "Causa", LONG_TEXT, help="Por qué pasó: la causa de fondo, no el síntoma."),
                Field("plan", "Qué se hará", LONG_TEXT, help="Para que no vuelva a pasar."),
            ),
        ),
        Transition(
            "implement",
            "Implementada",
            "Marcar como implementada",
            "check",
            "Pasa a verificación: otra persona de la supervisión comprueba que tuvo efecto.",
            (
                Field(
                    "evidence",
                    "Evidencia",
                    LONG_TEXT,
                    help="Qué muestra que se hizo; anexe los archivos que lo prueban.",
                ),
            ),
            takes_files=True,
        ),
        Transition(
            "verify",
            "Tuvo efecto",
            "Cerrar la acción",
            "check-circle",
            "La acción se cierra y se avisa a su responsable; si tiene resumen, también al cliente.",
            (Field("text", "Qué efecto tuvo", LONG_TEXT, help="Cómo comprobó que lo que pasó dejó de ocurrir."),),
        ),
        Transition(
            "fail",
            "No tuvo efecto",
            "Regresar a su responsable",
            "arrow-uturn-left",
            "Regresa a su responsable, que la retoma con otra fecha.",
            (
                Field("text", "Por qué no tuvo efecto", LONG_TEXT),
                Field(
                    "due_on",
                    "Nueva fecha compromiso",
                    DATE,
                    required=False,
                    help="Vacía: los días que da la regla de su origen, desde hoy.",
                ),
            ),
        ),
        Transition(
            "reassign",
            "Reasignar",
            "Reasignar",
            "arrow-right",
            "Se avisa al nuevo responsable; la fecha no cambia.",
            (Field("owner", "Responsable", PERSON), Field("reason", "Motivo", LONG_TEXT, required=False)),
        ),
        Transition(
            "postpone",
            "Cambiar la fecha",
            "Cambiar la fecha",
            "calendar-days",
            "Queda en el historial con su motivo; los avisos de atraso empiezan de nuevo.",
            (Field("due_on", "Nueva fecha compromiso", DATE), Field("reason", "Motivo del cambio", LONG_TEXT)),
        ),
        Transition(
            "summarise",
            "Resumen para el cliente",
            "Guardar el resumen",
            "eye",
            "Los representantes de la compañía lo leen en el portal. No nombre personas. Vacío: no ven la acción.",
            (Field("summary", "Lo que lee el cliente", LONG_TEXT, required=False),),
        ),
        Transition(
            "comment",
            "Comentar",
            "Guardar el comentario",
            "chat-bubble-left-ellipsis",
            "Queda en el historial; el cliente no lo ve.",
            (Field("text", "Comentario", LONG_TEXT),),
            takes_files=True,
        ),
        Transition(
            "cancel",
            "Cancelar",
            "Cancelar la acción",
            "x-mark",
            "La acción termina sin implementarse. No se puede deshacer.",
            (Field("reason", "Motivo", LONG_TEXT, help="Por qué no procede, o cuál otra la cubre."),),
            danger=True,
        ),
    )
}
RULED_BY = {"fail": "verify"}
"""Act -> the policy's name for it, where they differ."""


def available(action: CorrectiveAction, actor: User) -> list[Transition]:
    """The acts that the policy allows the actor now, in the order of its life. One query."""
    allowed = set(policy.available(actor, action))
    return [act for act in ACTS.values() if RULED_BY.get(act.name, act.name) in allowed]


def as_data(act: Transition) -> dict[str, Any]:
    """The act as plain values, for programs."""
    return {
        "name": act.name,
        "label": act.label,
        "effect": act.effect,
        "fields": [
            {"name": f.name, "label": f.label, "type": f.type, "required": f.required, "help": f.help, "choices": []}
            for f in act.fields
        ],
        "files": act.takes_files,
    }
