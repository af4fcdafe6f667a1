"""The signed statement in a survey's link: who bears it may answer that one survey, until it expires (guide 3.13, 3.14).

It holds the row's secret `key` and nothing else; when it expires is the row's. What is signed for a survey opens no NPS invitation, nor
the other way round.
"""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing

from core import clock
from core.errors import NotVisible, Refused
from surveys.models import Campaign, NpsInvitation, Survey
from surveys.vocabulary import CampaignState, InvitationState

SURVEY_SALT = "surveys.satisfaction"
NPS_SALT = "surveys.nps"
EXPIRED, CLOSED = "expired", "closed"
NOT_VALID = "El enlace no es válido."


class Over(Refused):
    """The link's own answer can no longer be given (`expired`), or no longer be changed (`closed`). `row` is the invitation."""

    def __init__(self, message: str, *, code: str, row: Any) -> None:
        super().__init__(message, code=code)
        self.row = row


def survey_token(survey: Survey) -> str:
    """A signed statement: this survey, by whom it was sent to."""
    return _signer(SURVEY_SALT).sign(survey.key)


def nps_token(invitation: NpsInvitation) -> str:
    """A signed statement: this year's question to this person."""
    return _signer(NPS_SALT).sign(invitation.key)


def read_survey(token: str, *, at: datetime | None = None) -> Survey:
    """The survey that the token stands for, which can be answered or changed at `at`. Changes nothing.

    Raises NotVisible for a forged token, for one that was never sent, and for somebody who may not answer any more; and Over with the
    code `expired` (its time passed without an answer) or `closed` (it was answered, and the time to change it passed).
    """
    at = at or clock.now()
    rows = Survey.objects.select_related("person", "questionnaire")
    row = rows.filter(key=_key(token, SURVEY_SALT)).first()
    if row is None or row.state in (InvitationState.LEFT_OUT, InvitationState.PLANNED):
        raise NotVisible(NOT_VALID)
    if not Survey.objects.visible_to(row.person).filter(pk=row.pk).exists():
        raise NotVisible(NOT_VALID)
    if row.state == InvitationState.EXPIRED or row.expires_at is None or at >= row.expires_at:
        _refuse(row)
    return row


def read_nps(token: str, *, at: datetime | None = None) -> NpsInvitation:
    """The NPS invitation that the token stands for. Changes nothing. Raises as `read_survey`; a campaign that ended is over too."""
    at = at or clock.now()
    rows = NpsInvitation.objects.select_related("person", "campaign", "company", "service")
    row = rows.filter(key=_key(token, NPS_SALT)).first()
    if row is None or row.state in (InvitationState.LEFT_OUT, InvitationState.PLANNED):
        raise NotVisible(NOT_VALID)
    if not NpsInvitation.objects.visible_to(row.person).filter(pk=row.pk).exists():
        raise NotVisible(NOT_VALID)
    is_running = row.campaign.state == CampaignState.RUNNING
    if not is_running or row.state == InvitationState.EXPIRED or at >= ends_at(row.campaign):
        _refuse(row)
    return row


def ends_at(campaign: Campaign) -> datetime:
    """The first moment at which the campaign takes no answers: the end of its last day at the desk."""
    return midnight(campaign.closes_on + timedelta(days=1))


def midnight(on: date) -> datetime:
    """The beginning of a day of the desk's."""
    return datetime.combine(on, time.min, tzinfo=ZoneInfo(settings.TIME_ZONE))


def _refuse(row: Survey | NpsInvitation) -> None:
    if row.state == InvitationState.ANSWERED:
        raise Over(
            "Ya tenemos su respuesta. El plazo para cambiarla terminó; no hace falta que haga nada más.",
            code=CLOSED,
            row=row,
        )
    raise Over("El plazo para contestar terminó. No hace falta que haga nada más.", code=EXPIRED, row=row)


def _signer(salt: str) -> signing.Signer:
    return signing.Signer(salt=salt, sep=".")


def _key(token: str, salt: str) -> str:
    try:
        return str(_signer(salt).unsign(token))
    except signing.BadSignature:
        raise NotVisible(NOT_VALID) from None
