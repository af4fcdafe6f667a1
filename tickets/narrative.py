"""A ticket's story: its history, messages and files as one list, oldest first, for the eyes of one reader.

The console and the portal draw the same list; what the reader may not see is never read. Three queries, however long the story.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.template.defaultfilters import linebreaksbr
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html, linebreaks
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from accounts.roles import Role
from core import clock, words
from tickets import policy
from tickets.models import Attachment, Message, Ticket, TicketEvent
from tickets.sentences import CHANNEL_WORDS, Reading, tell
from tickets.vocabulary import Channel, SolutionType, Visibility

NOTHING = SafeString("")


@dataclass(frozen=True, slots=True)
class FileLine:
    name: str
    size: str
    href: str
    icon: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened, as the component `timeline` takes it.

    `kind` is message, note, solution or event; `by` is me, desk, system or person. A message's `body` is plain text and `html`, when
    set, is the safe text that replaces it.
    """

    kind: str
    by: str
    who: str
    at: datetime
    when: str
    initials: str = ""
    role: str = ""
    body: str = ""
    html: SafeString = NOTHING
    note: str = ""
    files: Sequence[FileLine] = ()
    state: str = ""
    icon: str = ""
    tag: str = ""
    id: str = ""


def narrate(
    ticket: Ticket,
    viewer: User,
    *,
    file_url: Callable[[Attachment], str],
    ticket_url: Callable[[str], str] | None = None,
    now: datetime | None = None,
) -> list[Entry]:
    """Everything of the ticket that `viewer` may see, oldest first. `file_url` and `ticket_url` give the front end's own links.

    Needs the ticket's `requester` and `terms` loaded, else they cost a query each.
    """
    if not policy.can_see(viewer, ticket):
        return []
    now = now or clock.now()
    reading = Reading(ticket, viewer, ZoneInfo(viewer.time_zone), now, ticket_url)
    events = list(
        TicketEvent.objects.visible_to(viewer).filter(ticket=ticket).select_related("actor").order_by("sequence")
    )
    messages = {
        row.pk: row for row in Message.objects.visible_to(viewer).filter(ticket=ticket).select_related("author")
    }
    by_message: dict[int | None, list[Attachment]] = defaultdict(list)
    for row in Attachment.objects.visible_to(viewer).filter(ticket=ticket).select_related("uploaded_by"):
        by_message[row.message_id].append(row)
    return list(_Story(reading, events, messages, by_message, file_url).entries())


@dataclass(slots=True)
class _Story:
    reading: Reading
    events: list[TicketEvent]
    messages: dict[int, Message]
    files: dict[int | None, list[Attachment]]
    file_url: Callable[[Attachment], str]

    def entries(self) -> Iterator[Entry]:
        told = {event.data.get("message") for event in self.events}
        ticket = self.reading.ticket
        first = next(
            (m for m in self.messages.values() if m.pk not in told and m.created_at == ticket.created_at), None
        )
        yield self.opening(first)
        loose = [m for m in self.messages.values() if m.pk not in told and m is not first]
        for event in self.events:
            while loose and loose[0].created_at <= event.at:
                yield self.said(loose.pop(0))
            message = self.messages.get(event.data.get("message") or 0)
            if message is not None:
                yield self.said(message, event)
            if event.kind == "attach":
                yield from self.attached(event)
            entry = self.happened(event)
            if entry is not None:
                yield entry
        yield from (self.said(message) for message in loose)

    def opening(self, first: Message | None) -> Entry:
        """The report itself."""
        ticket = self.reading.ticket
        files = self.files.get(first.pk, []) if first else []
        return self.entry(
            "message",
            ticket.requester,
            ticket.created_at,
            role=CHANNEL_WORDS[Channel(ticket.channel)],
            body=ticket.description,
            files=self.lines(files),
            id="reporte",
        )

    def said(self, message: Message, event: TicketEvent | None = None) -> Entry:
        kind = "note" if message.visibility == Visibility.INTERNAL else "message"
        role = self.role(message)
        if event is not None and event.kind == "solve":
            kind = "solution"
            role = SolutionType(event.data["solution_type"]).label.lower()
        recorded = event.data.get("recorded_by") if event else None
        html = NOTHING
        if message.committed_for is not None:
            # Safe: linebreaks escapes the text, `promised` the rest.
            html = mark_safe(linebreaks(message.body, autoescape=True) + self.promised(message.committed_for, event))
        return self.entry(
            kind,
            message.author,
            message.created_at,
            role=role,
            body=message.body,
            html=html,
            files=self.lines(self.files.get(message.pk, [])),
            tag=f"Lo anotó {recorded}" if recorded else "",
            id=f"mensaje-{message.pk}",
        )

    def promised(self, at: datetime, event: TicketEvent | None) -> SafeString:
        """The date that a message promises; when it changes the one given before, which and why."""
        data = event.data if event is not None else {}
        was, reason = parse_datetime(str(data.get("was_committed_for") or "")), data.get("commitment_reason")
        if was is None or not reason:
            return format_html("<p><b>Solución prometida: {}.</b></p>", self.reading.moment(at))
        text = "<p><b>Nueva fecha de solución: {}.</b> Antes: {}.</p><p>Motivo del cambio: {}</p>"
        return format_html(text, self.reading.moment(at), self.reading.moment(was), linebreaksbr(reason))

    def attached(self, event: TicketEvent) -> Iterator[Entry]:
        wanted = set(event.data.get("attachments", []))
        files = [row for row in self.files.get(None, []) if row.pk in wanted]
        if files:
            body = "Adjuntó un archivo." if len(files) == 1 else f"Adjuntó {len(files)} archivos."
            yield self.entry(
                "message", event.actor, event.at, body=body, files=self.lines(files), id=f"suceso-{event.pk}"
            )

    def happened(self, event: TicketEvent) -> Entry | None:
        told = tell(event, self.reading)
        if told is None:
            return None
        return Entry(
            kind="event",
            by=self.side(event.actor),
            who=told.who,
            at=event.at,
            when=self.when(event.at),
            html=told.html,
            note=told.note,
            state=told.state,
            icon=told.icon,
            id=f"suceso-{event.pk}",
        )

    def entry(self, kind: str, person: User, at: datetime, **values: object) -> Entry:
        return Entry(
            kind=kind,
            by=self.side(person),
            who=self.reading.name(person),
            initials=person.initials,
            at=at,
            when=self.when(at),
            **values,  # type: ignore[arg-type]
        )

    def side(self, person: User) -> str:
        if person.pk == self.reading.viewer.pk:
            return "me"
        if person.role == Role.SYSTEM:
            return "system"
        return "desk" if person.is_desk else "person"

    def role(self, message: Message) -> str:
        """What the person is to the reader: the desk by its role, a customer by the medium they used."""
        medium = CHANNEL_WORDS[Channel(message.channel)]
        if not message.author.is_desk:
            return medium
        title = message.author.get_role_display().lower().replace("mesa de servicio", "la Mesa de Servicio")
        return title if message.channel == Channel.WEB else f"{title}, {medium}"

    def when(self, at: datetime) -> str:
        return words.moment(at, zone=self.reading.zone, now=self.reading.now)

    def lines(self, files: Sequence[Attachment]) -> list[FileLine]:
        return [file_line(row, self.file_url(row)) for row in files]


def file_line(row: Attachment, href: str) -> FileLine:
    icon = "photo" if row.content_type.startswith("image/") else "document-text"
    return FileLine(row.name, words.file_size(row.size), href, icon)
