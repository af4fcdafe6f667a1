"""Logs: one line per fact, readable in the embedded desk and JSON in production. Never bodies, never secrets."""

import re
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware

LONGEST_SEGMENT = 24
LONG_SEGMENT = re.compile(rf"(?<=/)[^/\s'\"<>]{{{LONGEST_SEGMENT + 1},}}")


class RequestLog(RequestMiddleware):
    """Logs each request by its path only: query strings hold searches, and long segments of a path may be tokens."""

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        """The address that the sign-in limits count by: a header from a proxy we do not know says nothing."""
        structlog.contextvars.bind_contextvars(ip=client_ip(request))

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        segments = request.path.split("/")
        return f"{request.method} " + "/".join("…" if len(part) > LONGEST_SEGMENT else part for part in segments)


def without_tokens(logger: Any, method: str, event: Any) -> Any:
    """What Django's own loggers say of a request (that its CSRF token is missing, say) names its path: the same segments are left out."""
    if str(event.get("logger", "")).startswith("django."):
        # `message` is what another handler of the same record has made of it.
        event.update({key: LONG_SEGMENT.sub("…", str(event[key])) for key in ("event", "message") if key in event})
    if isinstance(request := event.get("request"), HttpRequest):
        event["request"] = RequestLog.format_request(request)
    return event


def client_ip(request: HttpRequest) -> str | None:
    from allauth.account.adapter import get_adapter  # at import time the settings are still being read

    try:
        address: str = get_adapter(request).get_client_ip(request)
    except PermissionDenied:
        return None
    return address


def configure(style: str, level: int) -> dict[str, Any]:
    """Set structlog up, and return Django's LOGGING. `style` is "console" or "json"."""
    if style not in {"console", "json"}:
        raise ValueError(f"LOG_FORMAT must be console or json, not {style!r}")
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    # Without the frames' variables: among them are passwords and what customers wrote.
    tracebacks = structlog.processors.ExceptionRenderer(
        structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    )
    render: list[Any] = (
        [tracebacks, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if style == "json"
        else [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [*shared, structlog.stdlib.ExtraAdder(), without_tokens],
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # RequestLog already tells of each request, with its person and number.
            "django.request": {"level": "CRITICAL"},
            "django.server": {"level": "ERROR"},
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
        },
    }
