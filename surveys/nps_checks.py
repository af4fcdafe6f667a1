"""What must hold of the yearly NPS, checked from the database alone."""

from collections.abc import Iterator

from django.db.models import Count, F, Max, Q

from core.leases import WorkState
from core.models import Delivery
from improvements.models import ActionSource
from improvements.services import register
from improvements.vocabulary import Origin
from surveys.models import Campaign, NpsInvitation, NpsRecord
from surveys.vocabulary import CampaignState, InvitationState


def invariants() -> Iterator[str]:
    """Every problem found, as an English sentence."""
    yield from _campaigns()
    yield from _invitations()
    yield from _actions()


def _campaigns() -> Iterator[str]:
    """Whole histories, and no year that counts twice."""
    rows = Campaign.objects.annotate(entries_count=Count("entries"), newest=Max("entries__sequence"))
    for row in rows:
        if not row.version == row.entries_count == row.newest:
            yield f"NPS campaign {row.pk}: stands at version {row.version} with {row.entries_count} entries up to {row.newest}"
        if (row.started_at is None) != (row.state == CampaignState.DRAFT) and row.state != CampaignState.CANCELLED:
            yield f"NPS campaign {row.pk}: is {row.state} and started at {row.started_at}"
        if (row.ended_at is None) != (row.state in (CampaignState.DRAFT, CampaignState.RUNNING)):
            yield f"NPS campaign {row.pk}: is {row.state} and ended at {row.ended_at}"
    ours = Campaign.objects.exclude(started_at=None).values("year")
    for year in NpsRecord.objects.filter(year__in=ours).order_by("year").values_list("year", flat=True).distinct():
        yield f"NPS {year}: has a campaign and imported results, which count twice"


def _invitations() -> Iterator[str]:
    """Nobody waits in a campaign that ended; who was left out has a reason and was never asked; nothing is due for who answered."""
    wrong = {
        "is of another year than its campaign": ~Q(year=F("campaign__year")),
        "waits in a campaign that does not run": Q(state__in=(InvitationState.PLANNED, InvitationState.INVITED))
        & ~Q(campaign__state=CampaignState.RUNNING),
        "waits for nothing": Q(state=InvitationState.PLANNED, next_at=None),
        "was asked without a moment": Q(
            state__in=(InvitationState.INVITED, InvitationState.ANSWERED, InvitationState.EXPIRED), invited_at=None
        ),
        "was not asked and has no reason": Q(state=InvitationState.LEFT_OUT, left_out=""),
        "was asked and says that it was not": ~Q(state=InvitationState.LEFT_OUT) & ~Q(left_out=""),
        "is over and something is due": Q(next_at__isnull=False)
        & ~Q(state__in=(InvitationState.PLANNED, InvitationState.INVITED)),
        "answered before it was asked": Q(answered_at__lt=F("invited_at")),
    }
    for told, condition in wrong.items():
        for pk in NpsInvitation.objects.filter(condition).order_by("pk").values_list("pk", flat=True):
            yield f"NPS invitation {pk}: {told}"


def _actions() -> Iterator[str]:
    """Every detractor has its one action, once what is owed has been done; the constraint of the register keeps it from having two."""
    owed = Delivery.objects.filter(event__in=("DetractorFound", "NpsChanged")).exclude(state=WorkState.DONE)
    if not register.opens_itself(Origin.DETRACTOR) or owed.exists():
        return
    answered = ActionSource.objects.filter(origin=Origin.DETRACTOR).values("source_id")
    for pk in NpsInvitation.objects.filter(score__lte=6).exclude(pk__in=answered).values_list("pk", flat=True):
        yield f"NPS invitation {pk}: is a detractor without a corrective action"
