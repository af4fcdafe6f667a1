"""What the gallery shows: people and tickets that do not exist."""

from datetime import datetime, timedelta, tzinfo
from typing import Any

from core import words

COLORS = [
    "paper",
    "surface",
    "sunken",
    "hover",
    "line",
    "line-strong",
    "ink",
    "ink-2",
    "ink-3",
    "accent",
    "accent-fill",
    "accent-fill-hover",
    "accent-soft",
    "focus",
    "band",
    "band-2",
    "act-ink",
    "act-soft",
    "act-mark",
    "work-ink",
    "work-soft",
    "work-mark",
    "vendor-ink",
    "vendor-soft",
    "vendor-mark",
    "ok-ink",
    "ok-soft",
    "ok-mark",
    "bad-ink",
    "bad-soft",
    "bad-mark",
    "bad-fill",
    "info-ink",
    "info-soft",
    "info-mark",
    "idle-ink",
    "idle-soft",
    "idle-mark",
    "note-soft",
    "note-line",
]
SAMPLES: dict[str, Any] = {
    "nav": [
        {"key": "inicio", "label": "Mi actividad", "href": "#", "icon": "home"},
        {"key": "catalogo", "label": "Catálogo", "href": "#", "icon": "squares-2x2"},
        {"key": "asuntos", "label": "Mis asuntos", "href": "#", "icon": "inbox-stack"},
        {"key": "guias", "label": "Guías", "href": "#", "icon": "book-open"},
    ],
    "user": {"name": "Lucía Herrera Montaño", "initials": "LH", "company": "Grupo Alborada", "role": "representante"},
    "account": [
        {"label": "Mi compañía", "href": "#", "icon": "building-office-2"},
        {"label": "Contraseña y segundo factor", "href": "#", "icon": "shield-check"},
    ],
    "notices": [
        {
            "icon": "check-circle",
            "title": "T0048213 está solucionado",
            "text": "Valídelo antes del domingo",
            "href": "#",
        },
    ],
    "crumbs": [{"label": "Mis asuntos", "href": "#"}, {"label": "T0048213"}],
    "more": [
        {"label": "Duplicado de…", "icon": "document-duplicate", "href": "#"},
        {"label": "Declarar incidente relevante", "icon": "bell-alert", "href": "#"},
    ],
    "urgencies": [
        {"value": "critical", "title": "No", "text": "El trabajo está detenido", "icon": "stop-circle"},
        {
            "value": "high",
            "title": "Con dificultades",
            "text": "Avanza lento o con rodeos",
            "icon": "exclamation-triangle",
        },
    ],
    "audiences": [
        {"value": "note", "title": "Nota interna", "icon": "lock-closed"},
        {"value": "public", "title": "Respuesta al cliente", "icon": "paper-airplane"},
    ],
    "files": [
        {"name": "captura-cfdi33118.png", "size": "214 KB", "href": "#", "icon": "photo"},
        {"name": "recibo-quincena-05.xml", "size": "9 KB", "href": "#"},
    ],
    "facts": ["T0048390", "Actualizado hace 12 min"],
    "dates": [
        {"due": "mié 11, 18:00", "note": "Renegociada hoy 11:20", "reason": "El proveedor entrega la pieza mañana."},
        {"due": "mar 10, 18:00", "note": "Incumplida; otra fecha mié 11, 9:05", "reason": "Faltaba el XML."},
    ],
    "ledger": [
        {"when": "mar 10, 16:20", "what": "En horario", "why": "Horario estándar · Guía 3.1", "counted": "1 h 10 min"},
        {
            "when": "mar 10, 17:30",
            "what": "En pausa: pendiente por usuario",
            "why": "Guía 3.4.2",
            "counted": "0 min",
            "off": True,
        },
        {"when": "mié 11, 10:15", "what": "En horario", "why": "Horario estándar · Guía 3.1", "counted": "1 h 55 min"},
    ],
    "columns": [
        {"label": "Asunto", "cell": "wide"},
        {"label": "Compañía", "cell": "hide"},
        {"label": "Actualizado", "href": "#", "direction": "descending", "cell": "end"},
    ],
    "rows": [
        ["La nómina quincenal no se timbra", "Grupo Alborada", "hace 2 h"],
        ["¿Cómo se imprime el kárdex por almacén?", "Cerámica del Bajío", "hace 5 min"],
    ],
    "filters": [
        {"label": "Desde: 1 mar 2026", "href": "#", "current": True},
        {
            "label": "Estado",
            "id": "filtro-estado",
            "options": [{"label": "Abierto", "href": "#", "current": True}, {"label": "Cerrado", "href": "#"}],
        },
        {"label": "Columnas", "href": "#", "icon": "view-columns"},
    ],
    "tabs": [
        {"label": "Esperan algo de mí", "href": "#", "count": 3, "tone": "act"},
        {"label": "Abiertos", "href": "#", "count": 9, "current": True},
        {"label": "Cerrados", "href": "#"},
    ],
    "grades": [
        {"value": value, "title": word}
        for value, word in enumerate(("Muy mal", "Mal", "Regular", "Bien", "Muy bien"), start=1)
    ],
    "steps": [
        {"label": "Alcance", "status": "done"},
        {"label": "Requerimientos", "status": "current"},
        {"label": "Revisar", "status": ""},
    ],
    "ladder": [
        {
            "level": 1,
            "role": "Mesa de Servicio y Servicio al Cliente",
            "reached": True,
            "facts": [{"icon": "check-circle", "text": "Confirmó el ticket", "when": "hoy 10:12"}],
        },
        {
            "level": 2,
            "role": "Supervisor de Mesa de Servicio",
            "name": "Teresa Olvera Luna",
            "reached": True,
            "facts": [
                {"icon": "bell", "text": "Se avisó", "when": "hoy 10:40"},
                {
                    "icon": "chat-bubble-left-ellipsis",
                    "text": "Respondió",
                    "when": "hoy 11:05",
                    "quote": "Óscar lo revisa hoy mismo.",
                },
            ],
        },
        {
            "level": 3,
            "role": "Gerente de Mesa de Servicio",
            "name": "Julio Bernal Ortiz",
            "reached": True,
            "current": True,
            "facts": [
                {"icon": "bell", "text": "Se avisó", "when": "hoy 13:00", "note": "venció el tiempo de atención"},
                {
                    "icon": "exclamation-circle",
                    "text": "No acusó recibo a tiempo",
                    "when": "(tenía hasta hoy 14:00)",
                    "tone": "late",
                },
                {"icon": "clock", "text": "Debe responder", "when": "antes de hoy 17:00", "tone": "owed"},
            ],
        },
        {"level": 4, "role": "Director de Mesa de Servicio y Servicio al Cliente", "name": "Marta Quiroga Vela"},
    ],
    "detail": [
        {"term": "Compañía", "text": "Grupo Alborada"},
        {"term": "Atiende", "text": "Óscar Villanueva", "note": "Nómina y Recursos Humanos"},
    ],
    "promises": [
        {"term": "Le confirmamos a más tardar", "text": "hoy 15:30", "note": "en 1 h"},
        {
            "term": "Le damos fecha de solución a más tardar",
            "text": "mañana, viernes 13, 14:30",
            "note": "en 10 h hábiles",
        },
    ],
    "ages": [
        {"label": "< 4 h", "value": 38},
        {"label": "4-24 h", "value": 41},
        {"label": "1-2 d", "value": 27},
        {"label": "3-5 d", "value": 19},
        {"label": "6-10 d", "value": 11},
        {"label": "> 10 d", "value": 4, "tone": "late"},
    ],
    "load": [
        {"label": "Nómina", "ok": 31, "work": 6, "paused": 3, "risk": 4, "late": 1, "links": {5: "#"}},
        {"label": "Infraestructura", "ok": 22, "work": 2, "paused": 0, "risk": 2, "late": 0, "links": {5: "#"}},
        {"label": "Punto de venta", "ok": 12, "work": 0, "paused": 5, "risk": 0, "late": 2, "links": {5: "#"}},
    ],
    "weeks": [
        {"label": "19 feb", "value": 95.8},
        {"label": "26 feb", "value": 97.0},
        {"label": "5 mar", "value": 93.2},
        {"label": "12 mar", "value": 96.4},
    ],
    "years": [
        {"label": "2024", "value": 12, "low": -6, "high": 29, "text": "+12", "range": "de −6 a +29", "more": ["112"]},
        {"label": "2025", "value": 43, "low": 22, "high": 60, "text": "+43", "range": "de +22 a +60", "more": ["60"]},
        {"label": "2026", "value": None, "low": 0, "high": 0, "text": "sin respuestas", "range": "", "more": ["0"]},
    ],
    "year_headings": ["Año", "NPS", "Intervalo de 95 %", "Respuestas"],
    "age_headings": ["Antigüedad", "Tickets"],
    "load_headings": ["Grupo", "En tiempo", "Sin plazo", "En pausa", "En riesgo", "Vencidos"],
    "load_series": {
        "ok": "en tiempo",
        "work": "sin plazo",
        "paused": "en pausa",
        "risk": "en riesgo",
        "late": "vencidos",
    },
    "week_headings": ["Semana", "Cumplimiento"],
    "colors": COLORS,
}


def entries(now: datetime, zone: tzinfo) -> list[dict[str, Any]]:
    """A short conversation with one entry of each kind."""

    def entry(minutes_ago: int, **parts: object) -> dict[str, Any]:
        at = now - timedelta(minutes=minutes_ago)
        return {**parts, "at": at, "when": words.moment(at, zone=zone, now=now)}

    return [
        entry(
            190,
            kind="message",
            by="me",
            who="Usted",
            initials="LH",
            role="por el portal",
            body="Ya probamos en tres equipos.",
            files=SAMPLES["files"],
        ),
        entry(
            170,
            kind="event",
            by="desk",
            who="Óscar Villanueva",
            body="lo puso En Proceso",
            state="in_progress",
            note="el tiempo vuelve a contar",
        ),
        entry(160, kind="note", by="person", who="Daniela Ríos", body="Revisar si coincide con el parche de ayer."),
        entry(
            5,
            kind="solution",
            by="desk",
            who="Óscar Villanueva",
            role="solución definitiva",
            body="Quedó corregido.\n\nReintente los recibos rechazados.",
        ),
    ]
