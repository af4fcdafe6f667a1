"""Sending the waves and the reminders, and ending the campaigns whose last day passed (guide 3.14).

An invitation's `next_at` is its next mail's moment; it has none once there is nothing more to send. A mail that is late moves the next one,
so that nobody gets two at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings

from accounts.roles import CUSTOMER_ROLES
from core import events
from core.bulk import update_each
from core.sweeps import each_chunk
from customers.models import ValidUser
from surveys import courtesy, tokens
from surveys.events import NpsFact, NpsInvited, NpsReminded
from surveys.models import Campaign, NpsInvitation
from surveys.services import campaigns
from surveys.vocabulary import CampaignState, InvitationState, LeftOut

BATCH, CHUNK = 2000, 500

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Swept:
    """How many rows a batch looked at, and those that it left: held by another transaction, or failed."""

    looked: int = 0
    left: set[int] = field(default_factory=set)


def mails(at: datetime, *, skip: Sequence[int] = (), batch: int = BATCH) -> Swept:
    """Up to a batch of the invitations whose first mail or reminder is due."""
    ids = list(NpsInvitation.objects.due(at).exclude(pk__in=skip).values_list("pk", flat=True)[:batch])
    left = each_chunk(ids, lambda chunk: _send(chunk, at), name="nps", size=CHUNK)
    return Swept(len(ids), left)


def paced(at: datetime, *, most: int) -> int:
    """Up to `most` of those mails; what a first batch could not do is passed by once. Returns how many were looked at."""
    first = mails(at, batch=most)
    if not first.left:
        return first.looked
    return first.looked + mails(at, skip=sorted(first.left), batch=len(first.left)).looked


def ended(at: datetime) -> int:
    """End the campaigns whose last day passed. Returns how many."""
    done = 0
    for campaign in Campaign.objects.filter(state=CampaignState.RUNNING).order_by("pk"):
        try:
            done += at >= tokens.ends_at(campaign) and campaigns.close_ended(campaign, at=at)
        except Exception:
            log.exception("campaign_not_closed", campaign=campaign.pk)
    return done


def _send(ids: Sequence[int], at: datetime) -> set[int]:
    free = NpsInvitation.objects.select_for_update(of=("self",), skip_locked=True).filter(pk__in=ids)
    # Those of a campaign that ended and is not closed yet are left to its closing.
    rows = [row for row in free.select_related("campaign", "person").order_by("pk") if _is_open(row.campaign, at)]
    able = _able(rows)
    facts: list[NpsFact] = []
    for row in rows:
        if row.next_at is None or row.next_at > at:
            continue
        if row.state == InvitationState.PLANNED:
            facts += _invite(row, at, is_able=row.person_id in able)
        elif row.state == InvitationState.INVITED:
            facts += _remind(row, at, is_able=row.person_id in able)
    update_each(rows, ["state", "left_out", "invited_at", "next_at", "reminders"])
    events.publish_all(facts)
    return {row.pk for row in rows}


def _is_open(campaign: Campaign, at: datetime) -> bool:
    return campaign.state == CampaignState.RUNNING and at < tokens.ends_at(campaign)


def _able(rows: Sequence[NpsInvitation]) -> set[int]:
    """Those who still answer for the company that they were chosen for."""
    known = ValidUser.objects.filter(user__in=[row.person_id for row in rows], status=ValidUser.Status.ACTIVE)
    known = known.filter(user__is_active=True, user__role__in=CUSTOMER_ROLES, company__is_active=True)
    companies = dict(known.values_list("user_id", "company_id"))
    return {row.person_id for row in rows if companies.get(row.person_id) == row.company_id}


def _invite(row: NpsInvitation, at: datetime, *, is_able: bool) -> list[NpsFact]:
    if not is_able or at.astimezone(ZoneInfo(settings.TIME_ZONE)).year != row.year:
        # A wave that went out in another year would let the next campaign ask twice within one.
        row.left_out = LeftOut.CLOSED if is_able else LeftOut.INACTIVE
        row.state, row.next_at = InvitationState.LEFT_OUT, None
        return []
    if (morning := courtesy.opening(row.person, at)) > at:
        row.next_at = morning
        return []
    row.state, row.invited_at = InvitationState.INVITED, at
    row.next_at = _next_mail(row, at)
    return [NpsInvited(invitation_id=row.pk)]


def _remind(row: NpsInvitation, at: datetime, *, is_able: bool) -> list[NpsFact]:
    if not is_able or row.reminders >= row.campaign.reminders:
        row.next_at = None
        return []
    if (morning := courtesy.opening(row.person, at)) > at:
        row.next_at = morning
        return []
    row.reminders += 1
    row.next_at = _next_mail(row, at)
    return [NpsReminded(invitation_id=row.pk)]


def _next_mail(row: NpsInvitation, at: datetime) -> datetime | None:
    """Counted from when the last one left, however late that was. The campaign may be extended, so its end is not asked here."""
    if row.reminders >= row.campaign.reminders:
        return None
    return at + timedelta(days=row.campaign.remind_days)
