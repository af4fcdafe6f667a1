"""Who may do what to a corrective action (docs/decisions/0013). The one place that knows.

Whoever owns an action or did it never judges its effect, nor moves its date, nor does away with it: somebody else does.
"""

from collections.abc import Callable

from accounts.models import User
from accounts.roles import SUPERVISING, Role
from core.verdict import ALLOW, Verdict, deny
from improvements.models import CorrectiveAction
from improvements.vocabulary import LIVE, PENDING, ActionState

OPENERS = (Role.AGENT, *SUPERVISING, Role.SERVICE_DELIVERY, Role.BPO)

ADMITS: dict[str, tuple[str, ...]] = {
    "plan": PENDING,
    "implement": PENDING,
    "verify": (ActionState.IMPLEMENTED,),
    "reassign": LIVE,
    "postpone": PENDING,
    "summarise": (*LIVE, ActionState.CLOSED),
    "comment": tuple(ActionState),
    "cancel": LIVE,
}
"""Act -> the states in which it may be done."""

Rule = Callable[[User, CorrectiveAction], Verdict]


def can(name: str, actor: User, action: CorrectiveAction) -> Verdict:
    """Whether the actor may do `name` to the action now. A refusal says why, in Spanish. Up to one query, for who may see it."""
    if not (seen := can_see(actor, action)):
        return seen
    if not (legal := admits(name, action)):
        return legal
    return RULES[name](actor, action)


def admits(name: str, action: CorrectiveAction) -> Verdict:
    """Whether the action's state allows `name`, whoever asks."""
    if action.state in ADMITS[name]:
        return ALLOW
    return deny(f"La acción está en «{ActionState(action.state).label}» y ese paso no procede.")


def available(actor: User, action: CorrectiveAction) -> list[str]:
    """What the actor may do to the action now, in the order of its life."""
    if not can_see(actor, action):
        return []
    return [name for name, rule in RULES.items() if admits(name, action) and rule(actor, action)]


def can_see(actor: User, action: CorrectiveAction) -> Verdict:
    """The rule of `visible_to`, for one row in hand; for a customer it is the summary alone that they see."""
    if CorrectiveAction.objects.visible_to(actor).filter(pk=action.pk).exists():
        return ALLOW
    return deny("La acción no existe.")


def may_open(actor: User) -> Verdict:
    """By hand: the desk's people, but consultants (who see only their own) and administrators (who configure)."""
    if actor.is_active and actor.role in OPENERS:
        return ALLOW
    return deny("Abren acciones correctivas la Mesa de Servicio, su supervisión, Service Delivery y BPO.")


def may_name_owner(actor: User) -> Verdict:
    """Whether the actor gives a new action to whom they like; the others leave it to the rule of its origin."""
    if actor.is_active and actor.role in SUPERVISING:
        return ALLOW
    return deny("El responsable lo elige la supervisión; al abrirla queda quien indica la regla de su origen.")


def _owner_or_head(actor: User, action: CorrectiveAction) -> Verdict:
    if actor.pk == action.owner_id or actor.role in SUPERVISING:
        return ALLOW
    return deny("Lo hace su responsable o la supervisión.")


def _verify(actor: User, action: CorrectiveAction) -> Verdict:
    if actor.pk in (action.owner_id, action.implemented_by_id):
        return deny("Su efecto lo verifica otra persona: usted es responsable de la acción o la implementó.")
    if actor.role in SUPERVISING:
        return ALLOW
    return deny("Su efecto lo verifica la supervisión.")


def _head(actor: User, action: CorrectiveAction) -> Verdict:
    return ALLOW if actor.role in SUPERVISING else deny("Lo hace la supervisión.")


def _another_head(actor: User, action: CorrectiveAction) -> Verdict:
    """Nobody moves their own date or drops what they owe, but a director, who has nobody above."""
    if actor.role not in SUPERVISING:
        return deny("Lo hace la supervisión.")
    if actor.pk == action.owner_id and actor.role != Role.DIRECTOR:
        return deny("Es responsable de la acción: pídalo a otra persona de la supervisión, o a su gerencia.")
    return ALLOW


def _summarise(actor: User, action: CorrectiveAction) -> Verdict:
    if action.company_id is None:
        return deny("La acción no es de una compañía: ningún cliente la lee.")
    if actor.pk == action.owner_id or actor.role in (*SUPERVISING, Role.SERVICE_DELIVERY):
        return ALLOW
    return deny("Lo que lee el cliente lo escribe su responsable, la supervisión o Service Delivery.")


def _comment(actor: User, action: CorrectiveAction) -> Verdict:
    return ALLOW if actor.is_desk else deny("Comenta la Mesa de Servicio.")


RULES: dict[str, Rule] = {
    "plan": _owner_or_head,
    "implement": _owner_or_head,
    "verify": _verify,
    "reassign": _head,
    "postpone": _another_head,
    "summarise": _summarise,
    "comment": _comment,
    "cancel": _another_head,
}
