"""Mexico's statutory rest days (Ley Federal del Trabajo, art. 74), Spanish names. Election days (fraction IX) are not among them."""

from datetime import date
from functools import lru_cache

from holidays.countries import Mexico


@lru_cache(maxsize=512)
def statutory(year: int) -> dict[date, str]:
    """Every rest day of `year`, with its name. Shared between callers: read it, do not change it."""
    return dict(Mexico(years=year, language="es", expand=False))
