"""The history of a complaint or suggestion, as the component `timeline` takes it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from accounts.roles import Role
from core import words
from surveys import voice_sentences
from surveys.models import Voice, VoiceFile
from surveys.voice_queries import Line
from tickets.narrative import Entry, FileLine
from tickets.sentences import CHANNEL_WORDS

SAID = {"comment": "message", "note": "note", "answer": "solution", "appeal": "message"}
"""Entries that are somebody's words -> how they are drawn; every other one is an event."""
ROLES = {"answer": "respuesta al cliente", "appeal": "no quedó conforme"}
ICONS = {
    "level_told": "bell-alert",
    "level_unreachable": "exclamation-triangle",
    "level_involved": "eye-slash",
    "acknowledge": "hand-raised",
    "analyse": "magnifying-glass",
    "agree": "hand-thumb-up",
    "withdraw": "arrow-uturn-left",
    "close_unanswered": "check-circle",
    "overdue": "exclamation-circle",
    "reroute": "arrows-right-left",
    "point_at": "eye-slash",
    "share": "share",
    "unshare": "lock-closed",
    "open_action": "wrench-screwdriver",
}


def entries(
    voice: Voice, lines: list[Line], viewer: User, *, file_url: Callable[[VoiceFile], str], now: datetime
) -> list[Entry]:
    """Everything that happened, oldest first, in the viewer's zone. No query."""
    zone = ZoneInfo(viewer.time_zone)
    return [_entry(voice, line, viewer, file_url, words.moment(line.at, zone=zone, now=now)) for line in lines]


def _entry(voice: Voice, line: Line, viewer: User, file_url: Callable[[VoiceFile], str], when: str) -> Entry:
    entry = line.entry
    files = [_file(file, file_url(file)) for file in line.files]
    if entry.kind == "receive":
        return _opening(voice, line, viewer, files, when)
    by = _side(entry.actor, viewer)
    common: dict[str, Any] = {"at": entry.at, "when": when, "id": f"suceso-{entry.sequence}"}
    if entry.kind in SAID and line.quote:
        recorded = entry.data.get("recorded_by")
        return Entry(
            kind=SAID[entry.kind],
            by=by,
            who=voice_sentences.who(entry, viewer),
            initials=words.initials(entry.name or entry.actor.full_name),
            role=ROLES.get(entry.kind, ""),
            body=line.quote,
            files=files,
            tag=f"Lo anotó {recorded}" if recorded else "",
            **common,
        )
    return Entry(
        kind="event", by=by, who="", body=line.text, note=line.quote, icon=ICONS.get(entry.kind, "clock"), **common
    )


def _opening(voice: Voice, line: Line, viewer: User, files: list[FileLine], when: str) -> Entry:
    """What the customer said, whoever wrote it down."""
    recorded = "" if voice.recorded_by_id == voice.author_id else f"La anotó {voice.recorded_by.full_name}"
    return Entry(
        kind="message",
        by=_side(voice.author, viewer),
        who=voice.author.full_name,
        initials=voice.author.initials,
        role=CHANNEL_WORDS.get(voice.channel, ""),  # type: ignore[call-overload]
        body=voice.body,
        files=files,
        tag=recorded,
        at=line.at,
        when=when,
        id="inicio",
    )


def _side(person: User, viewer: User) -> str:
    if person.pk == viewer.pk:
        return "me"
    if person.role == Role.SYSTEM:
        return "system"
    return "desk" if person.is_desk else "person"


def _file(file: VoiceFile, href: str) -> FileLine:
    icon = "photo" if file.content_type.startswith("image/") else "document-text"
    return FileLine(file.name, words.file_size(file.size), href, icon)
