"""The demo's corrective actions: opened, done, verified and left undone through the real services, each at its own moment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from core import clock
from core.models import Delivery
from customers.models import Company
from improvements import days
from improvements.models import CorrectiveAction
from improvements.services import progress, promises, register, sweep
from improvements.services.register import Draft
from improvements.vocabulary import ActionKind, Origin
from servicedesk.seeding.demo.people import DOMAIN
from sla.events import CommitmentBroken
from sla.models import Commitment
from sla.vocabulary import CommitmentState

PAST = 75
"""Days of the past in which they are lived."""
PROMISES = 3
"""Broken promises that are answered."""


@dataclass(frozen=True, kw_only=True)
class Tale:
    """One action. Days are counted back from the present; a missing one has not come yet."""

    origin: Origin
    title: str
    problem: str
    opened: int
    days: int
    label: str = ""
    company: str = ""
    kind: ActionKind = ActionKind.CORRECTIVE
    owner: str = "supervisor"
    cause: str = ""
    plan: str = ""
    planned: int | None = None
    done: int | None = None
    evidence: str = ""
    failed: int | None = None
    redone: int | None = None
    verified: int | None = None
    effect: str = ""
    summary: str = ""


TALES = (
    Tale(
        origin=Origin.RCA,
        label="RCA del 12: timbrado detenido",
        title="Vigilar la vigencia de los certificados de timbrado",
        problem="El timbrado se detuvo cuatro horas porque el certificado venció sin que nadie lo notara.",
        company="Grupo Alborada",
        opened=68,
        days=20,
        planned=66,
        cause="Nadie tenía a su cargo revisar la vigencia de los certificados.",
        plan="Alerta automática 30, 15 y 5 días antes, con responsable y suplente.",
        done=50,
        evidence="La alerta quedó activa en monitoreo y se probó con un certificado de prueba.",
        verified=16,
        effect="Dos certificados se renovaron antes de vencer; ningún timbrado se detuvo.",
        summary="Ahora vigilamos la vigencia de sus certificados de timbrado y los renovamos antes de que venzan.",
    ),
    Tale(
        origin=Origin.REVIEW,
        label="Junta de revisión mensual",
        title="Avisar con 48 horas cada ventana de mantenimiento",
        problem="El cliente se enteró de un mantenimiento por la interrupción.",
        company="Grupo Alborada",
        opened=40,
        days=30,
        planned=38,
        cause="El aviso dependía de que alguien se acordara de enviarlo.",
        plan="Calendario de mantenimientos con aviso automático a los representantes.",
        done=12,
        evidence="Los tres mantenimientos de este mes se avisaron con más de 48 horas.",
        summary="Le avisamos con al menos 48 horas de cada mantenimiento que afecte sus servicios.",
    ),
    Tale(
        origin=Origin.COMPLAINT,
        title="Dar seguimiento telefónico a los incidentes críticos",
        problem="Durante un incidente crítico el cliente pasó tres horas sin saber qué se hacía.",
        company="Textiles Ixtlán",
        opened=55,
        days=15,
        planned=52,
        cause="Los avances se escribían en el ticket y nadie llamaba.",
        plan="Llamada cada hora mientras dure un incidente crítico.",
        done=42,
        evidence="Se acordó en la junta del equipo.",
        failed=30,
        redone=14,
        effect="En el siguiente incidente crítico volvió a pasar: el turno de noche no lo sabía.",
    ),
    Tale(
        origin=Origin.RCA,
        label="RCA: respaldo incompleto",
        title="Probar la restauración de los respaldos cada mes",
        problem="Un respaldo no pudo restaurarse: llevaba dos semanas incompleto.",
        company="Farmacéutica Lindavista",
        owner="gerente",
        opened=26,
        days=15,
        planned=24,
        cause="Se revisaba que el respaldo terminara, no que sirviera.",
        plan="Restaurar uno al mes en el ambiente alterno y dejar constancia.",
    ),
    Tale(
        origin=Origin.AUDIT,
        label="Auditoría externa, observación 4",
        title="Revisar cada trimestre los accesos de quienes cambian de puesto",
        problem="La auditoría encontró dos cuentas con permisos de un puesto anterior.",
        owner="gerente",
        opened=18,
        days=45,
        planned=15,
        cause="El cambio de puesto no genera una revisión de accesos.",
        plan="Revisión trimestral con la lista de movimientos de personal.",
    ),
    Tale(
        origin=Origin.SUGGESTION,
        kind=ActionKind.IMPROVEMENT,
        title="Publicar guías de las diez preguntas más frecuentes",
        problem="Varias compañías piden lo mismo y podrían resolverlo sin levantar un ticket.",
        company="Grupo Alborada",
        owner="agente",
        opened=9,
        days=30,
        summary="Estamos preparando guías para resolver las preguntas más frecuentes sin levantar un ticket.",
    ),
    Tale(
        origin=Origin.OTHER,
        title="Actualizar el directorio de contactos de proveedores",
        problem="Un contacto de proveedor ya no trabajaba ahí y la espera se alargó un día.",
        company="Cerámica del Bajío",
        opened=4,
        days=2,
    ),
)


def create(now: datetime) -> int:
    """Repeating it changes nothing that exists. Returns how many actions there are."""
    if CorrectiveAction.objects.filter(origin=Origin.RCA).exists():
        return CorrectiveAction.objects.count()
    before = Delivery.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    cast = {person.email.partition("@")[0]: person for person in User.objects.filter(email__endswith=f"@{DOMAIN}")}
    companies = {company.name: company for company in Company.objects.all()}
    happenings: list[tuple[datetime, Callable[[datetime], Any]]] = []
    for tale in TALES:
        happenings += _lived(tale, cast, companies, now)
    happenings += [(promise.due_at + timedelta(minutes=1), _broken(promise)) for promise in _promises(now)]
    happenings += [(now - timedelta(days=ago), sweep.due) for ago in range(PAST)]
    for at, happen in sorted(happenings, key=lambda pair: pair[0]):
        with clock.at(at):
            happen(at)
    Delivery.objects.filter(pk__gt=before).update(state="done", done_at=now)
    return CorrectiveAction.objects.count()


def _lived(
    tale: Tale, cast: dict[str, User], companies: dict[str, Company], now: datetime
) -> list[tuple[datetime, Callable[[datetime], Any]]]:
    """What happens to one action, and when."""
    owner, heads = cast[tale.owner], (cast["gerente"], cast["director"])
    judge = next(person for person in heads if person != owner)
    row: list[CorrectiveAction] = []

    def at(ago: int, hour: int = 0) -> datetime:
        return now - timedelta(days=ago, hours=-hour)

    def opened(moment: datetime) -> None:
        draft = Draft(
            origin=tale.origin,
            kind=tale.kind,
            label=tale.label,
            title=tale.title,
            problem=tale.problem,
            company=companies.get(tale.company),
            owner=owner,
            due_on=days.after(tale.days, at=moment),
        )
        row.append(register.propose(draft, by=cast["supervisor"], at=moment))

    def summarised(moment: datetime) -> None:
        progress.summarise(row[0], by=cast["servicio"], summary=tale.summary, at=moment)

    def planned(moment: datetime) -> None:
        progress.plan(row[0], by=owner, cause=tale.cause, plan=tale.plan, at=moment)

    def done(moment: datetime) -> None:
        progress.implement(row[0], by=owner, evidence=tale.evidence, at=moment)

    def failed(moment: datetime) -> None:
        progress.verify(row[0], by=judge, is_effective=False, text=tale.effect, at=moment)

    def verified(moment: datetime) -> None:
        progress.verify(row[0], by=judge, is_effective=True, text=tale.effect, at=moment)

    found: list[tuple[datetime, Callable[[datetime], Any]]] = [(at(tale.opened), opened)]
    if tale.summary:
        found.append((at(tale.opened, 2), summarised))
    for ago, step in (
        (tale.planned, planned),
        (tale.done, done),
        (tale.failed, failed),
        (tale.redone, done),
        (tale.verified, verified),
    ):
        if ago is not None:
            found.append((at(ago, 1), step))
    return found


def _promises(now: datetime) -> list[Commitment]:
    """The last promises that were broken in the tickets of the demo, a day before the present at least."""
    rows = Commitment.objects.filter(
        state=CommitmentState.BROKEN, due_at__gt=now - timedelta(days=PAST - 1), due_at__lt=now - timedelta(days=1)
    )
    return list(rows.order_by("-due_at", "-pk")[:PROMISES])


def _broken(promise: Commitment) -> Callable[[datetime], None]:
    event = CommitmentBroken(
        ticket_id=promise.ticket_id, commitment_id=promise.pk, due_at=promise.due_at.isoformat(), entry_id=0
    )
    return lambda at: promises.broken(event)
