"""The values that the API and the components share, with the guide's words."""

STATES = {
    "new": "Nuevo",
    "open": "Abierto",
    "assigned": "Asignado",
    "in_progress": "En Proceso",
    "pending_user": "Pendiente por usuario",
    "pending_vendor": "Pendiente por proveedor",
    "solved": "Solucionado",
    "closed": "Cerrado",
    "rejected": "Rechazado",
    "cancelled": "Cancelado",
}
PRIORITIES = {"critical": "Crítica", "high": "Alta", "medium": "Media", "low": "Baja"}
CLOCK = ("running", "warning", "paused", "met", "breached")
