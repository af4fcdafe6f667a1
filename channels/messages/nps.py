"""The yearly question by mail (guide 3.14). Each function is a reaction to one event, safe to repeat.

Each grade is a link that opens the page with it marked; only the page's button saves. What was answered before it left is withdrawn
(`channels.wanted`).
"""

from datetime import date
from typing import Any

from channels import about, nps_words, outbox, survey_links, wanted
from core import clock, words
from surveys.events import NpsInvited, NpsReminded
from surveys.models import NpsInvitation
from surveys.vocabulary import NPS_ENDS, NPS_HIGHEST, NPS_LOWEST, InvitationState

TITLE = "¿Nos recomendaría?"


def invited(event: NpsInvited) -> None:
    """The question, once a year."""
    _ask(event, "nps_invited")


def reminded(event: NpsReminded) -> None:
    """The same, for whoever has not answered."""
    _ask(event, "nps_reminded")


def _ask(event: NpsInvited | NpsReminded, kind: str) -> None:
    row = NpsInvitation.objects.select_related("person", "campaign", "service").get(pk=event.invitation_id)
    if row.state != InvitationState.INVITED:
        return
    urls = [survey_links.nps_url(row, score) for score in range(NPS_LOWEST, NPS_HIGHEST + 1)]
    outbox.post(
        event,
        kind,
        to=[row.person],
        about=about.question(title=TITLE, url=survey_links.nps_url(row), person=row.person),
        context=words_of(row.service.name if row.service else "", row.campaign.closes_on, urls),
        at=clock.now(),
        only_if=wanted.nps(row.pk),
    )


def words_of(service: str, closes_on: date, urls: list[str]) -> dict[str, Any]:
    """What the mail says. `urls` are those of the grades, from 0 to 10; the console's preview has none to give."""
    return {
        "question": nps_words.question(),
        "service": service,
        "closes_on": words.long_date(closes_on),
        "low": NPS_ENDS[0],
        "high": NPS_ENDS[1],
        "grades": [{"value": value, "url": url} for value, url in enumerate(urls, NPS_LOWEST)],
    }
