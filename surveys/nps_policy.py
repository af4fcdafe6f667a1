"""Who may do what with the yearly NPS. The one place that knows (guide 3.14, docs/decisions/0016)."""

from collections.abc import Callable

from accounts.models import User
from accounts.roles import SUPERVISING, Role
from core.verdict import ALLOW, Verdict, deny
from surveys.models import Campaign, NpsInvitation
from surveys.vocabulary import CampaignState

READERS = (*SUPERVISING, Role.ADMIN, Role.SERVICE_DELIVERY, Role.BPO)
RUNNERS = (*SUPERVISING, Role.ADMIN)
TALKERS = (*SUPERVISING, Role.ADMIN, Role.SERVICE_DELIVERY)

ADMITS: dict[str, tuple[CampaignState, ...]] = {
    "edit": (CampaignState.DRAFT,),
    "start": (CampaignState.DRAFT,),
    "extend": (CampaignState.RUNNING,),
    "close": (CampaignState.RUNNING,),
    "cancel": (CampaignState.DRAFT, CampaignState.RUNNING),
}
"""Act -> the states of the campaign in which it may be done."""


def may_read(actor: User) -> Verdict:
    """Campaigns, answers with the names of who gave them, and results."""
    if actor.is_active and actor.role in READERS:
        return ALLOW
    return deny("Los resultados de NPS los consultan la supervisión, Service Delivery, BPO y los administradores.")


def may_run(actor: User) -> Verdict:
    """Draft, start and end campaigns, and bring in the results of earlier years."""
    if actor.is_active and actor.role in RUNNERS:
        return ALLOW
    return deny("Las campañas las llevan la supervisión y los administradores.")


def can(name: str, actor: User, campaign: Campaign) -> Verdict:
    """Whether the actor may do `name` (a key of ADMITS) to the campaign now."""
    if not (verdict := may_run(actor)):
        return verdict
    if campaign.state in ADMITS[name]:
        return ALLOW
    return deny(f"La campaña está en «{CampaignState(campaign.state).label}» y ese paso no procede.")


def available(actor: User, campaign: Campaign) -> list[str]:
    """What the actor may do to the campaign now."""
    return [name for name in ADMITS if can(name, actor, campaign)]


def may_close_loop(actor: User, invitation: NpsInvitation) -> Verdict:
    """Write down what was talked about with a customer who is not content, once."""
    for condition, reason in _LOOP:
        if not condition(actor, invitation):
            return deny(reason)
    if invitation.looped_at is not None:
        return deny("La conversación ya está registrada. Lo que siga, coméntelo en la acción correctiva.")
    return ALLOW


_LOOP: tuple[tuple[Callable[[User, NpsInvitation], bool], str], ...] = (
    (
        lambda actor, _: actor.is_active and actor.role in TALKERS,
        "La conversación la registran la supervisión, Service Delivery y los administradores.",
    ),
    (lambda _, row: row.score is not None, "La persona todavía no contesta."),
)
