"""Who may do what to a complaint or suggestion (guide 2.2, 3.13; docs/decisions/0014). The one place that knows.

Those that it points at neither see it nor act on it, whatever their role.
"""

from collections.abc import Callable

from accounts.models import User
from accounts.roles import SUPERVISING, Role
from core.verdict import ALLOW, Verdict, deny
from customers.models import ValidUser
from surveys import steps
from surveys.models import Voice
from surveys.vocabulary import ALIVE, PENDING, Decision, Ending, VoiceKind, VoiceState

HANDLERS = (Role.AGENT, *SUPERVISING, Role.SERVICE_DELIVERY)
"""Who works on any of them; a contact of the matrix works on those that they were told of."""

STATES: dict[str, tuple[str, ...]] = {
    "acknowledge": PENDING,
    "analyse": (VoiceState.RECEIVED, VoiceState.ACKNOWLEDGED),
    "answer": PENDING,
    "agree": (VoiceState.ANSWERED,),
    "appeal": (VoiceState.ANSWERED,),
    "withdraw": ALIVE,
    "comment": ALIVE,
    "note": tuple(VoiceState),
    "reroute": PENDING,
    "point_at": tuple(VoiceState),
    "share": tuple(VoiceState),
    "unshare": tuple(VoiceState),
    "vote": tuple(VoiceState),
    "open_action": tuple(VoiceState),
}
"""Act -> the states in which it may be done."""

Rule = Callable[[User, Voice], Verdict]


def can(name: str, actor: User, voice: Voice) -> Verdict:
    """Whether the actor may do `name` to it now. A refusal says why, in Spanish. Up to three queries."""
    if not (seen := can_read(actor, voice) if name == "vote" else can_see(actor, voice)):
        return seen
    if not (legal := admits(name, voice)):
        return legal
    return RULES[name](actor, voice)


def available(actor: User, voice: Voice) -> list[str]:
    """What the actor may do to it now, in the order of its life; `vote` stands for taking a vote back as well.

    Up to four queries; the levels told are kept on the row.
    """
    seen, reads = bool(can_see(actor, voice)), False
    if actor.is_customer:
        reads = bool(can_read(actor, voice))
    if not (seen or reads):
        return []
    steps.load(voice)
    names = [name for name in RULES if (reads if name == "vote" else seen)]
    return [name for name in names if admits(name, voice) and RULES[name](actor, voice)]


def admits(name: str, voice: Voice) -> Verdict:
    """Whether its state allows `name`, whoever asks."""
    if voice.state not in STATES[name]:
        return deny(f"Está en «{VoiceState(voice.state).label}» y ese paso no procede.")
    if name == "acknowledge" and steps.is_acknowledged(voice, steps.last(voice)):
        return deny("Ya se acusó recibo.")
    if name == "appeal" and steps.is_final(voice, steps.of(voice)):
        return deny(
            "El último nivel ya revisó su inconformidad y esta es su respuesta definitiva. Si hay algo nuevo, registre otra."
        )
    return ALLOW


def can_see(actor: User, voice: Voice) -> Verdict:
    """The rule of `visible_to`, for one row in hand."""
    if actor.role == Role.SYSTEM or Voice.objects.visible_to(actor).filter(pk=voice.pk).exists():
        return ALLOW
    return deny("La queja o sugerencia no existe.")


def can_read(actor: User, voice: Voice) -> Verdict:
    """Whether they may read at least the suggestion: their company's, or one shared with everybody."""
    if Voice.objects.suggestions_for(actor).filter(pk=voice.pk).exists():
        return ALLOW
    return can_see(actor, voice)


def may_record(actor: User) -> Verdict:
    """Who may write down what a customer says: anybody of the desk (guide 3.13)."""
    return ALLOW if actor.is_active and actor.is_desk else deny("Lo registra la Mesa de Servicio.")


def handles(actor: User, voice: Voice) -> bool:
    """Whether they work on it: the desk's own people, or a contact of a level that was told."""
    if actor.role in HANDLERS:
        return True
    return actor.is_desk and any(step.contact and step.contact.user_id == actor.pk for step in steps.of(voice))


def _handler(actor: User, voice: Voice) -> Verdict:
    if actor.role == Role.SYSTEM or handles(actor, voice):
        return ALLOW
    return deny("Lo hace quien fue avisado, la supervisión, o un agente que anote lo que dijo.")


def _customer(actor: User, voice: Voice) -> Verdict:
    """The customer's word; the desk's people write it down where it was said by telephone or in person (guide 3.13)."""
    if actor.is_customer and (actor.pk == voice.author_id or actor.role == Role.REPRESENTATIVE):
        return ALLOW
    if actor.role in HANDLERS:
        return ALLOW
    return deny("Lo decide quien la escribió, o quien representa a su compañía.")


def _ending(actor: User, voice: Voice) -> Verdict:
    """As `_customer`; but nobody writes down that the customer was content with their own answer, or took the matter back after it."""
    may = _customer(actor, voice)
    if may and actor.is_desk and voice.state == VoiceState.ANSWERED:
        answered = voice.entries.filter(kind="answer").order_by("-sequence").values_list("actor", flat=True).first()
        if answered == actor.pk:
            return deny("Usted la respondió: pida a otra persona que anote lo que dijo el cliente.")
    return may


def _party(actor: User, voice: Voice) -> Verdict:
    if actor.is_customer or actor.role == Role.SYSTEM or handles(actor, voice):
        return ALLOW
    return deny("Comentan el cliente y quienes la atienden.")


def _desk(actor: User, voice: Voice) -> Verdict:
    if actor.is_desk or actor.role == Role.SYSTEM:
        return ALLOW
    return deny("Las notas internas son de la Mesa de Servicio.")


def _head(actor: User, voice: Voice) -> Verdict:
    return ALLOW if actor.role in SUPERVISING else deny("Lo hace la supervisión.")


def _share(actor: User, voice: Voice) -> Verdict:
    if voice.kind != VoiceKind.SUGGESTION:
        return deny("Sólo las sugerencias se comparten con los demás clientes.")
    if not can_be_voted(voice):
        return deny("La sugerencia ya se decidió: no hay qué votar.")
    return _head(actor, voice)


def _unshare(actor: User, voice: Voice) -> Verdict:
    return _head(actor, voice) if voice.is_shared else deny("No está compartida con los demás clientes.")


def may_vote_at_all(actor: User) -> Verdict:
    """Whether they are a valid user of some company, neither suspended nor gone. One query."""
    if actor.is_customer and ValidUser.objects.filter(user=actor.pk, status=ValidUser.Status.ACTIVE).exists():
        return ALLOW
    return deny("Votan los usuarios válidos de las compañías; el suyo no lo es, o está suspendido.")


def admits_vote(actor: User, voice: Voice) -> Verdict:
    """Whether a valid user may vote for this one, or take their vote back. No query."""
    if voice.kind != VoiceKind.SUGGESTION:
        return deny("Se vota por sugerencias, no por quejas.")
    if actor.pk == voice.author_id:
        return deny("La sugerencia es suya: ya cuenta.")
    if not can_be_voted(voice):
        return deny("La sugerencia ya se decidió: no se vota más.")
    return ALLOW


def _vote(actor: User, voice: Voice) -> Verdict:
    may = may_vote_at_all(actor)
    return admits_vote(actor, voice) if may else may


def can_be_voted(voice: Voice) -> bool:
    """While votes can weigh: until it is closed, and after that too where it will be looked at again."""
    if voice.state != VoiceState.CLOSED:
        return True
    return voice.decision == Decision.LATER and voice.ending != Ending.WITHDRAWN


def _open_action(actor: User, voice: Voice) -> Verdict:
    if actor.role == Role.SYSTEM or actor.role in HANDLERS:
        return ALLOW
    return deny("Abren acciones correctivas la Mesa de Servicio, su supervisión y Service Delivery.")


RULES: dict[str, Rule] = {
    "acknowledge": _handler,
    "analyse": _handler,
    "answer": _handler,
    "agree": _ending,
    "appeal": _customer,
    "withdraw": _ending,
    "comment": _party,
    "note": _desk,
    "reroute": _handler,
    "point_at": _head,
    "share": _share,
    "unshare": _unshare,
    "open_action": _open_action,
    "vote": _vote,
}
