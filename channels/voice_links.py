"""The signed link by which a level of the complaints' matrix acknowledges, comments and answers without an account (guide 3.13.1).

It only shows a page; the page's buttons act, by POST. It stops serving the moment its contact is pointed at.
"""

from datetime import UTC, datetime

from django.conf import settings
from django.core import signing
from django.utils import timezone

from channels import links
from core import clock, words
from core.errors import NotVisible, Refused
from surveys.models import VoiceStep
from surveys.services.telling import is_pointed_at
from surveys.vocabulary import PENDING, VoiceState

SALT = "servicedesk.voice"
INVALID = "El enlace no es válido."


class Over(Refused):
    """The level that a link stands for owes nothing any more, or the link no longer serves."""

    def __init__(self, message: str, *, code: str, step: VoiceStep) -> None:
        super().__init__(message, code=code)
        self.step = step


def url(step: VoiceStep) -> str:
    """The page where the step's contact acknowledges and answers."""
    return f"{settings.SITE_URL}/queja/{token(step)}/"


def token(step: VoiceStep) -> str:
    """A signed statement: this level's turn, at the contact's present address, until a week after its time to answer."""
    if step.contact is None:
        raise ValueError("only a level that has somebody to tell has a link")
    expires = int(((step.answer_by or step.notified_at) + links.LINGERS).timestamp())
    return signing.dumps([step.row_id, step.pk, links.mark_of(step.contact.email), expires], salt=SALT)


def read(signed: str, *, at: datetime | None = None) -> VoiceStep:
    """The level that the token stands for, which still owes something. Changes nothing.

    Raises NotVisible for a forged token, a contact who no longer holds the place, and one who is pointed at; Over with a code: `expired`,
    `moved` (the contact's address is another one now), `done` (answered), `superseded` (another level has it) or `ended`.
    """
    at = at or clock.now()
    try:
        voice_id, step_id, mark, expires = signing.loads(signed, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise NotVisible(INVALID) from None
    rows = VoiceStep.objects.select_related("contact__user", "row__company", "row__author", "row__ticket")
    step: VoiceStep | None = rows.filter(pk=step_id, row=voice_id).first()
    if step is None or step.contact is None or not links.may_speak(step.contact, at):
        raise NotVisible(INVALID)
    if is_pointed_at(step.contact, list(step.row.pointed_at.all())):
        raise NotVisible(INVALID)
    if at >= datetime.fromtimestamp(expires, UTC):
        raise Over("Si tiene cuenta en la consola, ahí puede verla.", code="expired", step=step)
    if links.mark_of(step.contact.email) != mark:
        raise Over("Se envió a una dirección de correo que ya no es la del contacto.", code="moved", step=step)
    _refuse_what_is_over(step, at)
    return step


def what(step: VoiceStep) -> str:
    """«la queja QS000012», «la sugerencia QS000013»."""
    return f"la {step.row.get_kind_display().lower()} {step.row.number}"


def _refuse_what_is_over(step: VoiceStep, at: datetime) -> None:
    row = step.row
    above = VoiceStep.objects.filter(row=row, number__gt=step.number).order_by("number").last()
    if above is not None:
        name = f"a {above.name} ({above.role})" if above.name else "a la supervisión de la Mesa de Servicio"
        message = f"{what(step)[:1].upper()}{what(step)[1:]} pasó {_on(above.notified_at, at)} {name}."
        raise Over(f"{message} Ya no hace falta que usted responda.", code="superseded", step=step)
    if row.state in PENDING:
        return
    if row.state == VoiceState.ANSWERED and step.answered_at is not None:
        message = f"{row.answered_by} respondió {_on(step.answered_at, at)} y se le avisa al cliente por correo."
        raise Over(f"{message} No hace falta que haga nada más.", code="done", step=step)
    ended = f"{what(step)[:1].upper()}{what(step)[1:]} terminó: {row.get_ending_display().lower()}."
    raise Over(f"{ended} Ya no hace falta que usted responda.", code="ended", step=step)


def _on(moment: datetime, at: datetime) -> str:
    """«hoy 11:20», in the zone of whoever looks."""
    return words.on_moment(moment, zone=timezone.get_current_timezone(), now=at)
