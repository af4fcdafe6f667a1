"""The states of a complaint or suggestion, and of an NPS campaign. Who may do each step is in `policy`."""

from django_fsm import FSMField, transition

from accounts.trail import Tracked
from surveys.vocabulary import ALIVE, CampaignState, VoiceState


class VoiceWorkflow(Tracked):
    """Guide 2.2 and 3.13: received, acknowledged, in analysis, answered, closed; an appeal takes it back to analysis."""

    state = FSMField(
        "situación", choices=VoiceState.choices, default=VoiceState.RECEIVED, protected=True, max_length=16
    )

    class Meta:
        abstract = True

    @transition(state, source=VoiceState.RECEIVED, target=VoiceState.ACKNOWLEDGED)
    def acknowledge(self) -> None:
        """Somebody of the matrix has it in hand."""

    @transition(state, source=[VoiceState.RECEIVED, VoiceState.ACKNOWLEDGED], target=VoiceState.IN_ANALYSIS)
    def analyse(self) -> None:
        """It is being looked into."""

    @transition(
        state, source=[VoiceState.RECEIVED, VoiceState.ACKNOWLEDGED, VoiceState.IN_ANALYSIS], target=VoiceState.ANSWERED
    )
    def answer(self) -> None:
        """The customer has an answer, and the word."""

    @transition(state, source=VoiceState.ANSWERED, target=VoiceState.IN_ANALYSIS)
    def appeal(self) -> None:
        """The customer does not agree: the next level looks into it."""

    @transition(state, source=list(ALIVE), target=VoiceState.CLOSED)
    def close(self) -> None:
        """Agreed, withdrawn, or left without objection."""


class CampaignWorkflow(Tracked):
    state = FSMField(
        "situación", choices=CampaignState.choices, default=CampaignState.DRAFT, protected=True, max_length=16
    )

    class Meta:
        abstract = True

    @transition(state, source=CampaignState.DRAFT, target=CampaignState.RUNNING)
    def start(self) -> None:
        """Its audience is fixed; from now on only invitations go out."""

    @transition(state, source=CampaignState.RUNNING, target=CampaignState.CLOSED)
    def close(self) -> None:
        """Nobody may answer any more."""

    @transition(state, source=[CampaignState.DRAFT, CampaignState.RUNNING], target=CampaignState.CANCELLED)
    def cancel(self) -> None:
        """Nobody else is asked; what was answered stays."""
