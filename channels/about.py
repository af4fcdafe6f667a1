"""What a message is about: the words and pages that it bears, who may read of it, and what its row points to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from accounts.models import User
from channels import addresses, links
from improvements.models import CorrectiveAction
from surveys.models import Voice
from tickets import policy
from tickets.models import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """`number` and `title` head the message; `desk_url` and `customer_url` are the pages it leads to.

    `sees` is asked for every person before a message is written. `rows` are the foreign keys of its row.
    """

    number: str
    title: str
    desk_url: str
    customer_url: str
    sees: Callable[[User], bool]
    rows: Mapping[str, Any] = field(default_factory=dict)
    thread_id: str = ""
    reply_to: str = ""
    only_read: str = "No lo conteste, porque nadie lee las respuestas."


def ticket(row: Ticket) -> About:
    """A ticket: seen by whoever sees it, answered into its conversation."""
    return About(
        number=row.number,
        title=row.title,
        desk_url=links.work_url(row),
        customer_url=links.ticket_url(row),
        sees=lambda person: bool(policy.can_see(person, row)),
        rows={"ticket": row},
        thread_id=addresses.thread_id(row),
        reply_to=addresses.reply_address(row),
        only_read="No lo conteste, porque nadie lee las respuestas: escriba en el ticket.",
    )


def voice(row: Voice) -> About:
    """A complaint or suggestion: never told to those it points at."""
    return About(
        number=row.number,
        title=row.subject,
        desk_url=f"{settings.SITE_URL}/admin/surveys/voice/{row.pk}/change/",
        customer_url=f"{settings.SITE_URL}/quejas/{row.number}/",
        sees=lambda person: Voice.objects.visible_to(person).filter(pk=row.pk).exists(),
        rows={"voice": row},
        thread_id=f"<voice-{row.pk}@{addresses.domain()}>",
    )


def action(row: CorrectiveAction) -> About:
    """A corrective action."""
    return About(
        number=row.number,
        title=row.title,
        desk_url=f"{settings.SITE_URL}/admin/improvements/correctiveaction/{row.pk}/change/",
        customer_url=f"{settings.SITE_URL}/mejoras/{row.number}/",
        sees=lambda person: CorrectiveAction.objects.visible_to(person).filter(pk=row.pk).exists(),
        rows={"action": row},
        thread_id=f"<action-{row.pk}@{addresses.domain()}>",
    )


def question(*, title: str, url: str, person: User) -> About:
    """A question to one person alone, who answers it at the signed `url`; it shows nothing of any ticket."""
    return About(
        number=addresses.sender_name(),
        title=title,
        desk_url=url,
        customer_url=url,
        sees=lambda other: other.pk == person.pk,
    )
