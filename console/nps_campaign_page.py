"""One campaign of the yearly NPS as its page shows it: whom it asks, how it goes, and how it looks to who is asked."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.urls import reverse

from accounts.models import User
from channels import compose, nps_words
from channels.about import About
from channels.messages import nps as message
from console import nps
from console.forms import PlainForm
from core import words
from surveys import nps_audience, nps_queries, tokens
from surveys.models import Campaign
from surveys.nps_audience import Found, Plan
from surveys.nps_scoring import Counts
from surveys.vocabulary import NPS_ENDS, NPS_HIGHEST, NPS_LOWEST, CampaignState

WEEKS_OPEN = 4
LINK = "(enlace)"
"""In place of the signed links in the preview of the mail."""


class SampleForm(PlainForm):
    """The scale as the page shows it. It is sent nowhere."""

    score = forms.ChoiceField(choices=[(n, n) for n in range(NPS_LOWEST, NPS_HIGHEST + 1)], widget=forms.RadioSelect)


def crumbs(row: Campaign) -> list[dict[str, str]]:
    return [*nps.crumbs(), {"label": "Campañas", "href": reverse("admin:nps_campaigns")}, {"label": row.name}]


def proposed(now: datetime) -> dict[str, Any]:
    """What a new form is filled with: from tomorrow on, for some weeks."""
    opens_on = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date() + timedelta(days=1)
    return {
        "name": f"NPS {opens_on.year}",
        "year": opens_on.year,
        "opens_on": opens_on.isoformat(),
        "closes_on": (opens_on + timedelta(weeks=WEEKS_OPEN)).isoformat(),
        "audience": "all",
        "waves": 1,
        "wave_days": 7,
        "reminders": 2,
        "remind_days": 7,
    }


def audience(plan: Plan, found: Found) -> dict[str, Any]:
    """Whom it would ask: how many, in which wave, and who is left out and why."""
    counts = found.per_wave(plan.waves)
    return {
        "people": len(found.members),
        "told": f"{words.plural(len(found.members), 'persona', 'personas')} de {words.plural(found.companies, 'compañía', 'compañías')}",
        "waves": [
            {"number": number, "on": words.long_date(nps_audience.wave_on(plan, number)), "people": people}
            for number, people in enumerate(counts, 1)
        ],
        "excluded": [{"why": why.label, "people": times} for why, times in found.excluded.items()],
    }


def samples(closes_on: date) -> dict[str, Any]:
    """The mail and the page as somebody who is asked gets them, without the links that are theirs."""
    name = "Nombre de la persona"
    reader = compose.Mailbox(name, "persona@compania.example")
    told = About(
        number=compose.addresses.sender_name(),
        title=message.TITLE,
        desk_url=LINK,
        customer_url=LINK,
        sees=lambda _: False,
    )
    context = message.words_of("", closes_on, [LINK] * (NPS_HIGHEST - NPS_LOWEST + 1))
    written = compose.write("nps_invited", reader=reader, about=told, context=context)
    return {
        "mail": written,
        "question": nps_words.question(),
        "low": NPS_ENDS[0],
        "high": NPS_ENDS[1],
        "sample": SampleForm(auto_id="muestra-%s"),
        "closes": words.long_date(closes_on),
    }


def shown(row: Campaign, actor: User, *, at: datetime) -> dict[str, Any]:
    """All that the page tells of the campaign now."""
    names = list(row.companies.order_by("name").values_list("name", flat=True))
    told: dict[str, Any] = {
        "campaign": row,
        "tone": nps.STATE_TAGS.get(CampaignState(row.state), ""),
        "audience_words": nps.audience_words(row, names),
        "opens": words.long_date(row.opens_on, year=True),
        "closes_long": words.long_date(row.closes_on, year=True),
        "left": _left(row, at),
        "story": nps.story(row),
        "now": at,
    }
    if row.state == CampaignState.DRAFT:
        from surveys.services import campaigns

        found = campaigns.audience_preview(row, at=at)
        return {**told, "preview": audience(row, found), **samples(row.closes_on)}
    if row.started_at is None:
        return told
    progress = nps_queries.progress([row], actor).get(row.pk, nps_queries.Progress())
    return {
        **told,
        "progress": progress,
        "stats": nps.stats(progress.counts),
        "waves": [_wave(wave) for wave in nps_queries.waves(row, actor)],
        "days": _days(nps_queries.days(row, actor)),
        "results_url": f"{reverse('admin:nps_results')}?ano={row.year}",
    }


def _left(row: Campaign, at: datetime) -> str:
    """«cierra en 3 días»; before it opens, «abre en 2 días»."""
    if row.state != CampaignState.RUNNING:
        return ""
    opens = tokens.midnight(row.opens_on)
    verb, days = ("abre", (opens - at).days + 1) if at < opens else ("cierra", (tokens.ends_at(row) - at).days)
    return f"{verb} {('hoy', 'mañana')[days] if days < 2 else f'en {days} días'}"


def _wave(wave: nps_queries.Wave) -> dict[str, Any]:
    rate = Counts(wave.answered, invited=wave.invited).rate if wave.invited else None
    return {
        "number": wave.number,
        "on": words.short_date(wave.goes_out).replace(" ", "\u00a0"),
        "people": wave.people,
        "invited": wave.invited,
        "answered": wave.answered,
        "rate": nps.percent(rate) if wave.invited else "",
    }


DRAWN_DAYS = 14


def _days(answers: dict[date, int]) -> dict[str, Any] | None:
    """The answers of each day with some, as bars: the last days when they are many."""
    if not answers:
        return None
    rows = sorted(answers.items())[-DRAWN_DAYS:]
    return {
        "kind": "bars",
        "label": "Respuestas por día"
        + (f", últimos {DRAWN_DAYS} días con respuestas" if len(answers) > DRAWN_DAYS else ""),
        "points": [{"label": f"{on.day}/{on.month}", "value": times} for on, times in rows],
        "headings": ("Día", "Respuestas"),
    }
