"""The demo's yearly NPS: two years that were imported, last year's campaign, over, and this year's, running. Through the real services."""

import random
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.models import User
from core import clock
from core.models import Delivery
from customers.models import Company, Service
from improvements.services import progress
from servicedesk.seeding.demo.people import COMPANIES, DOMAIN
from surveys import nps_audience, tokens
from surveys.events import DetractorFound
from surveys.models import Campaign, NpsInvitation
from surveys.nps_table import Line
from surveys.services import campaigns, nps, nps_history, nps_sweep
from surveys.services.campaigns import Draft
from surveys.vocabulary import InvitationState

GRADES = (9, 10, 3, 8, 9, 6, 10, 7, 9, 2, 8, 10)
"""In turn, so that so few people are of every kind."""
WHY = {
    "high": (
        "Siempre contestan y resuelven.",
        "El equipo conoce nuestra operación.",
        "",
        "Nos sacaron de un apuro en el cierre.",
    ),
    "middle": ("Bien, pero a veces hay que insistir.", "", "El servicio es bueno; el portal mejoró mucho."),
    "low": (
        "Los tiempos de respuesta nos han fallado dos veces este trimestre.",
        "Tenemos que explicar lo mismo varias veces.",
    ),
}
TALKED = (
    "Llamamos para escucharle: pide que le avisemos del avance sin que tenga que preguntar. Se acordó un aviso diario."
)
CAUSE = "Los avances se escriben sólo cuando el cliente pregunta."
PLAN = "Escribir un avance diario en sus tickets abiertos, y revisarlo en la junta de los lunes."
EVIDENCE = "Se acordó con el equipo y lleva una semana; están los avances en los tickets."
EFFECT = "El cliente confirmó que ya no tiene que preguntar."
# Years before the last one: invited, promoters, passives, detractors; each company a little off.
IMPORTED = {3: (24, 7, 5, 6), 2: (26, 10, 6, 4)}


def create(now: datetime, *, seed: int) -> int:
    """Returns how many people were asked. Nothing where there are campaigns already."""
    if Campaign.objects.exists():
        return 0
    dice, before = random.Random(seed), Delivery.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    today = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    by = User.objects.get(email=f"supervisor@{DOMAIN}")
    _imported(today.year, by, dice, now)
    _finished(today.year - 1, by, dice)
    _running(today, by, dice, now)
    Delivery.objects.filter(pk__gt=before).update(state="done", done_at=now)
    return NpsInvitation.objects.filter(invited_at__isnull=False).count()


def _imported(year: int, by: User, dice: random.Random, now: datetime) -> None:
    """Two earlier years, from the spreadsheet that somebody kept."""
    companies, services = (
        dict(Company.objects.values_list("name", "pk")),
        dict(Service.objects.values_list("name", "pk")),
    )
    lines = []
    for back, counts in IMPORTED.items():
        for made in COMPANIES:
            for service in made.services[:2]:
                invited, promoters, passives, detractors = (max(0, number + dice.randint(-2, 3)) for number in counts)
                answered = promoters + passives + detractors
                lines.append(
                    Line(
                        year - back,
                        companies[made.name],
                        made.name,
                        services[service],
                        service,
                        max(invited, answered),
                        promoters,
                        passives,
                        detractors,
                    )
                )
    with clock.at(now - timedelta(days=200)):
        nps_history.store(lines, by=by, source="NPS historico.xlsx")


def _finished(year: int, by: User, dice: random.Random) -> None:
    opens_on, closes_on = date(year, 10, 5), date(year, 11, 6)
    row = _started(Draft(year=year, name=f"NPS {year}", opens_on=opens_on, closes_on=closes_on), by)
    sent_at = nps_audience.wave_at(row, 1)
    with clock.at(sent_at):
        nps_sweep.mails(sent_at)
    for position, invitation in enumerate(row.invitations.filter(state=InvitationState.INVITED).order_by("pk")):
        if position % 4 != 3:
            at = sent_at + timedelta(days=dice.randint(0, 20), minutes=dice.randint(5, 8 * 60))
            _answered(invitation, position, dice, at, by)
    with clock.at(tokens.ends_at(row)):
        nps_sweep.ended(clock.now())


def _running(today: date, by: User, dice: random.Random, now: datetime) -> None:
    """Begun ten days ago, with its second wave still to come where the year is long enough for it."""
    opens_on = max(date(today.year, 1, 1), today - timedelta(days=10))
    has_two = (today + timedelta(days=4)).year == today.year
    given = Draft(
        year=today.year,
        name=f"NPS {today.year}",
        opens_on=opens_on,
        closes_on=today + timedelta(days=25),
        waves=2 if has_two else 1,
        wave_days=max((today - opens_on).days + 4, 1) if has_two else 7,
    )
    row = _started(given, by)
    sent_at = min(now, nps_audience.wave_at(row, 1))
    with clock.at(sent_at):
        nps_sweep.mails(sent_at)
    spent = (now - sent_at).days
    asked = row.invitations.filter(state=InvitationState.INVITED).select_related("person").order_by("pk")
    for position, invitation in enumerate(asked):
        # The customer that a visitor signs in as has the question still to answer.
        if invitation.person.email != f"cliente@{DOMAIN}" and spent > 0 and position % 4 != 3:
            at = sent_at + timedelta(days=dice.randint(0, spent - 1), minutes=dice.randint(5, 8 * 60))
            _answered(invitation, position + 1, dice, at, None)


def _started(given: Draft, by: User) -> Campaign:
    with clock.at(tokens.midnight(given.opens_on) + timedelta(hours=9)):
        return campaigns.start(campaigns.draft(given, by=by), by=by)


def _answered(invitation: NpsInvitation, position: int, dice: random.Random, at: datetime, talker: User | None) -> None:
    """One answer at its moment; who was not content has an action, and with `talker` somebody has talked with them."""
    score = GRADES[position % len(GRADES)]
    why = dice.choice(WHY["high" if score > 8 else "middle" if score > 6 else "low"])
    with clock.at(at):
        row = nps.answer(invitation, score=score, why=why)
        if nps.is_detractor(score):
            nps.open_action(DetractorFound(invitation_id=row.pk))
    if talker is not None and nps.is_detractor(score):
        with clock.at(at + timedelta(days=3)):
            nps.close_loop(row, by=talker, note=TALKED)
        _followed(row, at)


def _followed(row: NpsInvitation, at: datetime) -> None:
    """Its action, done and verified by somebody else weeks later."""
    action, other = nps.action_of(row), User.objects.get(email=f"gerente@{DOMAIN}")
    if action is None:
        return
    with clock.at(at + timedelta(days=4)):
        action = progress.plan(action, by=action.owner, cause=CAUSE, plan=PLAN)
    with clock.at(at + timedelta(days=12)):
        action = progress.implement(action, by=action.owner, evidence=EVIDENCE)
    with clock.at(at + timedelta(days=40)):
        progress.verify(action, by=other, is_effective=True, text=EFFECT)
