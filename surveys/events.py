"""What can happen to complaints, suggestions, surveys and NPS answers."""

from dataclasses import dataclass

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class VoiceFact(Event):
    """Base. `entry_id` is the change in its own history."""

    voice_id: int
    entry_id: int


class VoiceReceived(VoiceFact):
    """A complaint or suggestion was registered."""


@dataclass(frozen=True, kw_only=True)
class VoiceLevelTold(VoiceFact):
    """A level of the matrix is owed notice; a step without contact is one that nobody can be told of."""

    step_id: int


class VoiceAcknowledged(VoiceFact):
    pass


class VoiceAnswered(VoiceFact):
    pass


class VoiceAppealed(VoiceFact):
    """The customer does not agree with the answer."""


class VoiceCommented(VoiceFact):
    """Somebody said something, in public or among the desk."""


@dataclass(frozen=True, kw_only=True)
class VoiceOverdue(VoiceFact):
    """The last level let its time pass."""

    step_id: int


class VoiceClosed(VoiceFact):
    pass


@dataclass(frozen=True, kw_only=True)
class SurveyFact(Event):
    survey_id: int


class SurveyInvited(SurveyFact):
    pass


class SurveyReminded(SurveyFact):
    pass


class SurveyAnswered(SurveyFact):
    """For the first time."""


class LowScore(SurveyFact):
    """The grade became low: a supervisor follows it up."""


@dataclass(frozen=True, kw_only=True)
class ScoreChanged(SurveyFact):
    """The grade was another one before, until `at` (ISO 8601)."""

    was: int
    score: int
    at: str


@dataclass(frozen=True, kw_only=True)
class NpsFact(Event):
    invitation_id: int


class NpsInvited(NpsFact):
    pass


class NpsReminded(NpsFact):
    pass


class DetractorFound(NpsFact):
    """Somebody is a detractor for the first time: a corrective action opens (guide 3.14)."""


@dataclass(frozen=True, kw_only=True)
class NpsChanged(NpsFact):
    """A detractor, past or present, gave another grade at `at` (ISO 8601)."""

    was: int
    score: int
    at: str
