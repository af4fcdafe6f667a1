"""Every periodic job, one line each. All of them read what is due from the database, so a missed or doubled run does no harm."""

from typing import Any


def every(seconds: int, task: str) -> dict[str, Any]:
    """A run that no worker took by the time of the next one is dropped: it would find nothing more to do."""
    return {"task": task, "schedule": float(seconds), "options": {"expires": float(seconds), "ignore_result": True}}


SCHEDULE = {
    "reactions": every(5, "core.run_deliveries"),
    "messages": every(5, "channels.send_due"),
    "heartbeat": every(10, "servicedesk.heartbeat"),
    "clocks": every(30, "sla.sweep"),
    "recalculations": every(5, "sla.recalculate"),
    "escalations": every(30, "escalation.sweep"),
    "corrective actions": every(120, "improvements.sweep"),
    "check the clocks once a day": every(120, "sla.audit_clocks"),
    "close unvalidated": every(60, "tickets.close_unvalidated"),
    "remind of validation": every(300, "tickets.remind_validation"),
    "surveys": every(300, "surveys.sweep"),
    "forget answers and keys of the API": every(3600, "api.purge"),
    "forget forms sent long ago": every(3600, "portal.forget_submissions"),
    "forget ended sessions": every(3600, "servicedesk.forget_sessions"),
    "complaints": every(60, "surveys.sweep_voices"),
    "yearly NPS": every(60, "surveys.nps_sweep"),
}
