"""Writes a message for one reader: subject, text and HTML from `templates/mail/<kind>.*`, with moments in the reader's zone.

What people typed is shown as they typed it, except what could deceive: no control or direction characters, one line where a line is
meant. HTML is escaped by the templates; the text templates are not HTML and escape nothing.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import User
from channels import addresses
from channels.about import About

SUBJECT_LENGTH = 200
HIDDEN = set("\u00ad\u200b\u2060\ufeff")
DIRECTION = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Written:
    subject: str
    text: str
    html: str


class Reader(Protocol):
    """Whom a mail is written for: a person, or an address that belongs to none."""

    @property
    def full_name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def time_zone(self) -> str: ...
    @property
    def is_desk(self) -> bool: ...
    def get_short_name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address of the desk's side that need not be a person's: a contact of the matrices. `user` is its account, where it has one."""

    full_name: str
    email: str
    user: User | None = None
    is_desk: bool = True

    @property
    def time_zone(self) -> str:
        """The account's; the desk's for an address without one."""
        return self.user.time_zone if self.user is not None else settings.TIME_ZONE

    def get_short_name(self) -> str:
        """The whole name: the first word of «Mesa de Servicio» is nobody's."""
        return self.full_name


def write(kind: str, *, reader: Reader, about: About, context: Mapping[str, Any]) -> Written:
    """The message `kind` as `reader` gets it now. Templates see `context`, in which every text is cleaned, and what is set here."""
    full = {
        **{name: _clean(value) for name, value in context.items()},
        "greeting": line(reader.get_short_name()),
        "address": reader.email,
        "number": about.number,
        "title": line(about.title),
        "url": about.desk_url if reader.is_desk else about.customer_url,
        "answers_are_read": bool(about.reply_to) and not reader.is_desk,
        "only_read": about.only_read,
        "organisation": line(addresses.sender_name()),
    }
    with timezone.override(zone_of(reader)):
        subject = line(render_to_string(f"mail/{kind}.subject.txt", full))
        full["subject"] = subject if len(subject) <= SUBJECT_LENGTH else subject[: SUBJECT_LENGTH - 1].rstrip() + "…"
        text = render_to_string(f"mail/{kind}.txt", full)
        html = render_to_string(f"mail/{kind}.html", full)
    return Written(full["subject"], tidy(text), tidy(html))


def zone_of(reader: Reader) -> ZoneInfo:
    """The reader's zone; the desk's when theirs is not one."""
    try:
        return ZoneInfo(reader.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(settings.TIME_ZONE)


def plain(text: str) -> str:
    """The text without control, zero-width and direction characters; line ends and tabs stay."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return "".join(c for c in text if c in "\n\t" or _is_shown(c))


def line(text: str) -> str:
    """One line: any white space, line ends included, becomes one space."""
    return " ".join(plain(" ".join(text.split())).split())


def tidy(text: str) -> str:
    """No space at the end of a line, never two empty lines in a row."""
    kept: list[str] = []
    for row in (row.rstrip() for row in text.strip().split("\n")):
        if row or (kept and kept[-1]):
            kept.append(row)
    return "\n".join(kept) + "\n"


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {name: _clean(item) for name, item in value.items()}
    return value


def _is_shown(character: str) -> bool:
    if character in HIDDEN or character in DIRECTION:
        return False
    return unicodedata.category(character) not in ("Cc", "Cs", "Co", "Cn")
