"""Logs: one line per fact, readable in the embedded desk and JSON in production. Never bodies, never secrets."""

from typing import Any

import structlog
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware

LONGEST_SEGMENT = 24


class RequestLog(RequestMiddleware):
    """Logs each request by its path only: query strings hold searches, and long segments of a path may be tokens."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        segments = request.path.split("/")
        return f"{request.method} " + "/".join("…" if len(part) > LONGEST_SEGMENT else part for part in segments)


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
    render: list[Any] = (
        [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if style == "json"
        else [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [*shared, structlog.stdlib.ExtraAdder()],
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
            "celery.beat": {"level": "WARNING"},
        },
    }
