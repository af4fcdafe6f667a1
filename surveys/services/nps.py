"""What somebody answers to the yearly question, and what is done about who is not content (guide 3.14)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.formats import date_format

from accounts import trail
from accounts.models import User
from accounts.services import system_actor
from core import clock, events
from core.errors import InvalidInput, NotVisible, Refused
from improvements.models import CorrectiveAction
from improvements.services import progress, register
from improvements.vocabulary import Origin
from surveys import nps_policy, tokens
from surveys.events import DetractorFound, NpsChanged
from surveys.models import Campaign, NpsInvitation
from surveys.vocabulary import NPS_HIGHEST, NPS_LOWEST, CampaignState, InvitationState, Loyalty, loyalty
from tickets.services import inputs

LONGEST_WHY, LONGEST_NOTE, QUOTED = 4000, 4000, 2000
ANSWERABLE = (InvitationState.INVITED, InvitationState.ANSWERED)


def answer(invitation: NpsInvitation, *, score: int | None, why: str = "", at: datetime | None = None) -> NpsInvitation:
    """Store what the person answers; again, until the campaign closes, to change it.

    DetractorFound when the grade becomes a detractor's; NpsChanged when a detractor gives another one. Raises InvalidInput, and Refused
    with the code `closed` once answers are not taken any more.
    """
    at = at or clock.now()
    grade, said = _checked(score, why)
    with transaction.atomic():
        row = NpsInvitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
        # Read once the row is held: whoever closes the campaign takes the rows without an answer, too.
        campaign = Campaign.objects.get(pk=row.campaign_id)
        if campaign.state != CampaignState.RUNNING or row.state not in ANSWERABLE or at >= tokens.ends_at(campaign):
            raise Refused("El plazo para contestar terminó. No se guardó ningún cambio.", code="closed")
        before = row.score
        if (before, row.why) == (grade, said):
            return row
        if row.state == InvitationState.ANSWERED:
            row.changed_at = at
        else:
            row.state, row.answered_at, row.next_at = InvitationState.ANSWERED, at, None
        row.score, row.why = grade, said
        row.save(update_fields=["state", "answered_at", "changed_at", "next_at", "score", "why"])
        _publish(row, before, grade, at)
        return row


def _checked(score: int | None, why: str) -> tuple[int, str]:
    errors, said = {}, ""
    if score is None or not NPS_LOWEST <= score <= NPS_HIGHEST:
        errors["score"] = "Elija una calificación de 0 a 10."
    try:
        said = inputs.text(why, "why", "por qué", required=False, longest=LONGEST_WHY)
    except InvalidInput as error:
        errors |= error.errors
    if errors or score is None:
        raise InvalidInput(errors)
    return score, said


def is_detractor(score: int | None) -> bool:
    return score is not None and loyalty(score) == Loyalty.DETRACTOR


def _publish(row: NpsInvitation, before: int | None, score: int, at: datetime) -> None:
    if is_detractor(score) and not is_detractor(before):
        events.publish(DetractorFound(invitation_id=row.pk))
    if before is not None and before != score and (is_detractor(before) or is_detractor(score)):
        events.publish(NpsChanged(invitation_id=row.pk, was=before, score=score, at=at.isoformat()))


# -- the corrective action ---------------------------------------------------------------------------------------------


def open_action(event: DetractorFound) -> None:
    """Reaction: a corrective action with an owner and a date, one for each detractor, where the rule says so. Safe to repeat."""
    _ensure(_read(event.invitation_id), clock.now())


def note_change(event: NpsChanged) -> None:
    """Reaction: say on the action that the grade is another one now. It goes on: why they were not content is still to be seen.

    Safe to repeat, and whichever of the two reactions comes first.
    """
    invitation, at = _read(event.invitation_id), datetime.fromisoformat(event.at)
    action = action_of(invitation)
    if action is None and is_detractor(event.was):
        action = _ensure(invitation, clock.now())
    if action is None or not (is_detractor(event.was) or action.created_at < at):
        return
    when = date_format(at.astimezone(ZoneInfo(settings.TIME_ZONE)), "j \\d\\e F, G:i:s").lower()
    text = f"{invitation.person.full_name} cambió su calificación de {event.was} a {event.score} el {when}."
    if not is_detractor(event.score):
        text += " Ya no es detractor."
    with trail.locked(action) as row:
        if not row.entries.filter(kind="commented", data__text=text).exists():
            trail.commit(row, "commented", by=system_actor(), at=clock.now(), data={"text": text, "files": []})


def action_of(invitation: NpsInvitation) -> CorrectiveAction | None:
    """The action that answers to the detractor, whoever looks; front ends ask `nps_queries`."""
    found: CorrectiveAction | None = CorrectiveAction.objects.of_source(Origin.DETRACTOR, invitation.pk).first()
    return found


def _ensure(invitation: NpsInvitation, at: datetime) -> CorrectiveAction | None:
    if not register.opens_itself(Origin.DETRACTOR):
        return None
    company = invitation.company.name
    return register.open_for(
        Origin.DETRACTOR,
        source_id=invitation.pk,
        label=f"NPS {invitation.year}: {invitation.person.full_name}",
        title=f"Hablar con {invitation.person.full_name}, de {company}, que no nos recomendaría"[:200],
        problem=_problem(invitation),
        by=system_actor(),
        company=invitation.company,
        at=at,
    )


def _problem(invitation: NpsInvitation) -> str:
    name = invitation.person.full_name
    about = f", pensando en {invitation.service.name}" if invitation.service else ""
    asked = f"cuán probable es que nos recomiende{about}"
    if is_detractor(invitation.score):
        said = f"{name} calificó con {invitation.score} de {NPS_HIGHEST} {asked}."
    else:
        said = f"{name} calificó como detractor {asked}, y después cambió a {invitation.score}."
    if not invitation.why:
        return f"{said}\n\nNo dijo por qué: pregúnteselo al hablar."
    cut = "…" if len(invitation.why) > QUOTED else ""
    return f"{said}\n\nDijo por qué: «{invitation.why[:QUOTED]}{cut}»"


def _read(pk: int) -> NpsInvitation:
    row: NpsInvitation = NpsInvitation.objects.select_related("person", "company", "service").get(pk=pk)
    return row


# -- closing the loop --------------------------------------------------------------------------------------------------


def close_loop(invitation: NpsInvitation, *, by: User, note: str, at: datetime | None = None) -> NpsInvitation:
    """Write down that somebody talked with the customer, and what about; on its action too. Once.

    Raises NotVisible, Refused and InvalidInput.
    """
    at = at or clock.now()
    with transaction.atomic():
        rows = NpsInvitation.objects.select_for_update(of=("self",)).select_related("person", "company", "service")
        row = rows.filter(pk=invitation.pk).first()
        if row is None or not NpsInvitation.objects.visible_to(by).filter(pk=row.pk).exists():
            raise NotVisible("La respuesta no existe.")
        if not (verdict := nps_policy.may_close_loop(by, row)):
            raise Refused(verdict.reason)
        row.loop_note = inputs.text(note, "note", "qué se habló", longest=LONGEST_NOTE)
        row.looped_at, row.looped_by = at, by
        row.save(update_fields=["looped_at", "looped_by", "loop_note"])
        action = action_of(row)
        if action is not None and CorrectiveAction.objects.visible_to(by).filter(pk=action.pk).exists():
            text = f"Se habló con {row.person.full_name}: {row.loop_note}"
            progress.comment(action, by=by, text=text, at=at)
        return row
