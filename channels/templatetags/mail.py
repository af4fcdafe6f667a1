"""Filters of the mail templates. Moments are read in the zone that is active: the reader's."""

from datetime import datetime

from django import template
from django.utils import timezone

from core import clock, words

register = template.Library()


@register.filter
def on_date(at: datetime) -> str:
    """«domingo 15 de marzo, 12:25». A mail is read later, so a day is said by its date and never as «hoy»."""
    zone = timezone.get_current_timezone()
    local, now = at.astimezone(zone), clock.now().astimezone(zone)
    return f"{words.long_date(local.date(), year=local.year != now.year)}, {words.clock_time(at, zone)}"


@register.filter
def left(at: datetime) -> str:
    """«2 h 10 min»: how long from the writing of the mail."""
    return words.duration(at - clock.now())


@register.filter
def remains(at: datetime) -> str:
    """«quedan 2 días y 21 h», from the writing of the mail."""
    return words.remaining(at, now=clock.now())


@register.filter
def quoted(text: str) -> str:
    """Every line after «> », as mail programs quote."""
    return "\n".join(f"> {row}".rstrip() for row in text.split("\n"))
