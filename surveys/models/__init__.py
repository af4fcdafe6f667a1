"""What customers think: of a ticket when it ends, once a year of the service, and whenever they have something to say."""

from surveys.models.nps import Campaign, CampaignEntry, NpsInvitation, NpsRecord
from surveys.models.satisfaction import Answer, Question, Questionnaire, Survey, SurveyLimits
from surveys.models.voices import Voice, VoiceEntry, VoiceFile, VoiceStep, Vote

__all__ = [
    "Answer",
    "Campaign",
    "CampaignEntry",
    "NpsInvitation",
    "NpsRecord",
    "Question",
    "Questionnaire",
    "Survey",
    "SurveyLimits",
    "Voice",
    "VoiceEntry",
    "VoiceFile",
    "VoiceStep",
    "Vote",
]
