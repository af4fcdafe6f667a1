"""Reading untrusted JSON field by field, collecting every fault under its dotted name."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet, TextChoices
from django.utils.dateparse import parse_datetime

from core.errors import InvalidInput

YEARS = range(1901, 2199)


class Problems:
    """The faults found so far. The readers answer with an empty value for what they cannot use."""

    def __init__(self) -> None:
        self.errors: dict[str, str] = {}

    def add(self, field: str, message: str) -> None:
        self.errors.setdefault(field, message)

    def check(self) -> None:
        """Raises InvalidInput with every fault."""
        if self.errors:
            raise InvalidInput(self.errors)

    def unknown(self, data: Mapping[str, Any], known: Iterable[str], path: str = "") -> None:
        for name in data:
            if name not in known:
                self.add(_under(path, str(name)), "Este campo no existe.")

    def choice(self, data: Mapping[str, Any], name: str, choices: type[TextChoices], path: str = "") -> str:
        value = data.get(name)
        if isinstance(value, str) and value in choices.values:
            return value
        self.add(_under(path, name), f"Debe ser uno de: {', '.join(choices.values)}.")
        return ""

    def moment(
        self, data: Mapping[str, Any], name: str, path: str = "", default: datetime | None = None
    ) -> datetime | None:
        """ISO 8601 with its offset, in UTC; `default` if absent."""
        value: Any = data.get(name)
        if value is None and default is not None:
            return default
        try:
            moment = value if isinstance(value, datetime) else parse_datetime(value)
            if moment is None or moment.tzinfo is None or moment.year not in YEARS:
                raise ValueError
            return moment.astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            message = "Debe ser fecha y hora ISO 8601 con su diferencia horaria, como 2026-03-10T10:00:00-06:00."
            self.add(_under(path, name), message)
            return None

    def whole(self, data: Mapping[str, Any], name: str, path: str, *, least: int, most: int) -> int | None:
        value = data[name]
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.add(_under(path, name), f"Debe ser un número entero de {least} a {most}.")
        return None

    def flag(self, data: Mapping[str, Any], name: str, path: str) -> bool:
        value = data.get(name, False)
        if isinstance(value, bool):
            return value
        self.add(_under(path, name), "Debe ser verdadero o falso.")
        return False

    def mapping(self, data: Mapping[str, Any], name: str, path: str) -> Mapping[str, Any]:
        value = data.get(name)
        if value is None:
            return {}
        if isinstance(value, Mapping):
            return value
        self.add(_under(path, name), "Debe ser un objeto.")
        return {}

    def row(self, data: Mapping[str, Any], name: str, rows: QuerySet[Any]) -> Any:
        """The visible row of that id; foreign and absent ones read the same."""
        value = data.get(name)
        if value is None:
            return None
        if isinstance(value, str) and value.isascii() and value.isdigit():
            value = int(value) if len(value) < 19 else 0
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63:
            found = rows.filter(pk=value).first()
            if found is not None:
                return found
        self.add(name, "No existe.")
        return None


def _under(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
