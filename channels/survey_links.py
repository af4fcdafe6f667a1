"""The links by which a survey is answered without signing in (guide 3.13, 3.14). They only show a page; its button saves."""

from django.conf import settings

from surveys import tokens
from surveys.models import NpsInvitation, Survey


def survey_url(survey: Survey, score: int | None = None) -> str:
    """The satisfaction survey's page, with that answer marked and not yet given."""
    return _with(f"{settings.SITE_URL}/encuesta/{tokens.survey_token(survey)}/", score)


def nps_url(invitation: NpsInvitation, score: int | None = None) -> str:
    """The NPS page, with that answer marked and not yet given."""
    return _with(f"{settings.SITE_URL}/nps/{tokens.nps_token(invitation)}/", score)


def _with(address: str, score: int | None) -> str:
    return address if score is None else f"{address}?v={score}"
