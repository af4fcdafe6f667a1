"""Where a complaint or suggestion stands on its way up: the level that owes, and whether another appeal is left."""

from collections.abc import Sequence

from django.db.models import Prefetch, prefetch_related_objects

from surveys.models import Voice, VoiceStep
from surveys.vocabulary import PENDING, StepCause, VoiceState


def of(voice: Voice) -> list[VoiceStep]:
    """Every level told, in order. No query where they were loaded, else one."""
    return sorted(voice.steps.select_related("contact") if _is_bare(voice) else voice.steps.all(), key=_number)


def load(voice: Voice) -> None:
    """Read the levels told once, for whoever asks after them on this row."""
    told = VoiceStep.objects.select_related("contact__user").order_by("number")
    prefetch_related_objects([voice], Prefetch("steps", told))


def last(voice: Voice) -> VoiceStep | None:
    """The last level told; None where no matrix was in force."""
    return next(reversed(of(voice)), None)


def present(voice: Voice) -> VoiceStep | None:
    """The level that owes an acknowledgement or an answer."""
    return last(voice) if voice.state in PENDING else None


def is_acknowledged(voice: Voice, step: VoiceStep | None) -> bool:
    """Whether the present level has it in hand; without levels, whether anybody has."""
    return step.acknowledged_at is not None if step is not None else voice.state != VoiceState.RECEIVED


def is_final(voice: Voice, steps: Sequence[VoiceStep]) -> bool:
    """Whether the standing answer is the last level's second one: nobody is left to appeal to (docs/decisions/0014)."""
    if voice.state != VoiceState.ANSWERED:
        return False
    if not voice.levels:
        return voice.appeals > 0
    return sum(step.answered_at is not None and step.level == voice.last_level for step in since_routed(steps)) > 1


def since_routed(steps: Sequence[VoiceStep]) -> list[VoiceStep]:
    """Those told since it went to its present area."""
    routed = [index for index, step in enumerate(steps) if step.cause == StepCause.REROUTED]
    return list(steps[routed[-1] if routed else 0 :])


def _number(step: VoiceStep) -> int:
    return step.number


def _is_bare(voice: Voice) -> bool:
    return "steps" not in getattr(voice, "_prefetched_objects_cache", {})
