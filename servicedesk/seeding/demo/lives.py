"""A year of tickets, each lived through the real services at its own moments, so that history, clocks and states agree."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.models import SupportGroup, User
from accounts.roles import Role
from core import clock
from core.models import Delivery
from customers.models import Environment, ValidUser
from escalation.services import answering, raising
from servicedesk.seeding.demo.people import DOMAIN
from servicedesk.seeding.demo.stories import (
    ANSWERS,
    DELAYS,
    ESCALATIONS,
    NOTES,
    PROMISES,
    REASONS,
    REFUSALS,
    STORIES,
    VENDORS,
)
from tickets.models import CatalogItem, Ticket
from tickets.services import conversation, ending, intake, resolution, triage, work
from tickets.vocabulary import CancelCause, ServiceLine, State

# How a ticket of the past ended, in shares of a hundred.
ENDINGS = {
    "approved": 66,
    "unvalidated": 13,
    "refused_then_approved": 7,
    "cancelled": 5,
    "rejected": 4,
    "invalid": 3,
    "duplicate": 2,
}
# How long ago a ticket that is still alive arrived, in minutes.
ALIVE = {
    "new": (3, 50),
    "open": (20, 150),
    "assigned": (45, 300),
    "in_progress": (200, 1500),
    "pending_user": (300, 2600),
    "pending_vendor": (500, 4000),
    "solved": (300, 2600),
}
OFFICE = ZoneInfo("America/Mexico_City")


class Life:
    """One ticket. `pass_time` moves its own clock; nothing may happen after `until`."""

    def __init__(
        self, cast: "Cast", dice: random.Random, start: datetime, until: datetime, reporter: ValidUser | None = None
    ) -> None:
        self.cast, self.dice, self.at, self.until, self.reporter = cast, dice, start, until, reporter

    def live(self, fate: str) -> Ticket:
        ticket = self.arrive(registered=fate != State.NEW and self.dice.random() < 0.25)
        steps: dict[str, Callable[[Ticket], Ticket]] = {
            "approved": self.to_approved,
            "unvalidated": self.to_unvalidated,
            "refused_then_approved": self.to_refused,
            "cancelled": self.to_cancelled,
            "duplicate": self.to_cancelled,
            "rejected": lambda t: triage.reject(
                t, by=self.cast.agent, reason=self.dice.choice(REASONS), at=self.later(5, 60)
            ),
            "invalid": self.to_invalid,
        }
        if fate in steps:
            return steps[fate](ticket)
        return self.up_to(ticket, fate)

    def later(self, least: int, most: int) -> datetime:
        """Between `least` and `most` minutes on, in office hours unless it is technological, and never beyond the present."""
        moment = self.at + timedelta(seconds=self.dice.randint(least * 60, most * 60))
        local = moment.astimezone(OFFICE)
        if self.item.service_line != ServiceLine.TECHNOLOGICAL and not (local.weekday() < 5 and 8 <= local.hour < 19):
            days = 1 if local.hour >= 8 else 0
            while (local + timedelta(days=days)).weekday() > 4:
                days += 1
            morning = (local + timedelta(days=days)).replace(hour=9, minute=0, second=0)
            moment = morning.astimezone(UTC) + timedelta(seconds=self.dice.randint(60, 5400))
        if moment >= self.until:
            moment = self.at + (self.until - self.at) * self.dice.uniform(0.2, 0.8)
        self.at = moment.replace(microsecond=0)
        return self.at

    def arrive(self, *, registered: bool) -> Ticket:
        dice = self.dice
        valid_user = self.reporter or dice.choice(self.cast.valid_users)
        name = dice.choice(list(STORIES))
        item = self.cast.items[name]
        title, description, self.question, self.solution = dice.choice(STORIES[name])
        environment = dice.choice(self.cast.environments[valid_user.company_id])
        report = intake.Report(
            title=title,
            description=description,
            catalog_item=item,
            environment=environment,
            fields=_answers(item, environment),
            impact=dice.choices([item.default_impact, "minor", "moderate", "significant"], [6, 2, 2, 1])[0],
            urgency=dice.choices([item.default_urgency, "medium", "low"], [6, 2, 1])[0],
        )
        self.person, self.item = valid_user.user, item
        if registered:
            return intake.register(
                report,
                by=self.cast.agent,
                requester=self.person,
                channel=dice.choice(["phone", "chat", "email"]),
                at=self.at,
            )
        return intake.receive(report, by=self.person, channel=dice.choice(["web", "web", "email", "api"]), at=self.at)

    def up_to(self, ticket: Ticket, state: str) -> Ticket:
        """As far as `state`, by the usual way."""
        cast, dice = self.cast, self.dice
        if state == State.NEW:
            return ticket
        if ticket.state == State.NEW:
            ticket = triage.open(ticket, by=cast.agent, at=self.later(2, 45))
        if state == State.OPEN:
            return ticket
        if dice.random() < 0.2:
            conversation.note(ticket, by=cast.agent, message=dice.choice(NOTES), at=self.later(1, 10))
        group = self.item.default_group or cast.desk
        ticket = triage.assign(ticket, by=cast.agent, group=group, at=self.later(1, 30))
        if state == State.ASSIGNED:
            return ticket
        self.worker = dice.choice(cast.members[group.pk])
        started = self.later(10, 200)
        promised = self.date_after(started, [4, 8, 24, 48, 72])
        ticket = work.start(ticket, by=self.worker, message=dice.choice(PROMISES), committed_for=promised, at=started)
        if dice.random() < 0.18:
            ticket = self.change_date(ticket, promised)
        if dice.random() < 0.1:
            ticket = self.escalate(ticket)
        if state == State.PENDING_USER or (state == State.SOLVED and dice.random() < 0.4):
            ticket = work.wait_for_user(ticket, by=self.worker, message=self.question, at=self.later(5, 120))
            if state == State.PENDING_USER:
                return ticket
            ticket = conversation.reply(ticket, by=self.person, message=dice.choice(ANSWERS), at=self.later(20, 900))
        if state == State.PENDING_VENDOR:
            vendor, reference = dice.choice(VENDORS)
            return work.wait_for_vendor(
                ticket, by=self.worker, vendor=vendor, vendor_reference=reference, at=self.later(5, 120)
            )
        if state == State.IN_PROGRESS:
            return ticket
        kind = dice.choices(["definitive", "workaround"], [4, 1])[0]
        return resolution.solve(
            ticket, by=self.worker, solution_type=kind, solution=self.solution, at=self.later(20, 600)
        )

    def date_after(self, moment: datetime, hours: list[int]) -> datetime:
        """A round hour to promise, some of `hours` on; of an office day unless it is technological."""
        moment += timedelta(hours=self.dice.choice(hours), minutes=30)
        local = moment.astimezone(OFFICE).replace(second=0, microsecond=0)
        local = local.replace(minute=30 * (local.minute // 30))
        if self.item.service_line != ServiceLine.TECHNOLOGICAL:
            if not 9 <= local.hour < 19:
                local = (local + timedelta(days=local.hour >= 19)).replace(hour=13, minute=0)
            local += timedelta(days=max(0, 7 - local.weekday()) if local.weekday() > 4 else 0)
        return local.astimezone(UTC)

    def change_date(self, ticket: Ticket, promised: datetime) -> Ticket:
        """Another date for the solution, mostly before the first one passed."""
        message, reason = self.dice.choice(DELAYS)
        at = self.later(30, 400)
        later = self.date_after(max(promised, at), [4, 24, 48])
        return conversation.reply(
            ticket, by=self.worker, message=message, committed_for=later, commitment_reason=reason, at=at
        )

    def escalate(self, ticket: Ticket) -> Ticket:
        """The customer goes up the matrix; mostly the level answers."""
        reason, said = self.dice.choice(ESCALATIONS)
        case = raising.escalate(ticket, by=self.person, reason=reason, at=self.later(10, 240))
        if self.dice.random() < 0.8:
            step = case.steps.latest("number")
            answering.acknowledge(step, by=self.cast.supervisor, at=self.later(3, 25))
            answering.answer(step, by=self.cast.supervisor, text=said, at=self.later(5, 30))
        return Ticket.objects.get(pk=ticket.pk)

    def to_approved(self, ticket: Ticket) -> Ticket:
        return resolution.accept(self.up_to(ticket, State.SOLVED), by=self.person, at=self.later(10, 2000))

    def to_unvalidated(self, ticket: Ticket) -> Ticket:
        ticket = self.up_to(ticket, State.SOLVED)
        assert ticket.validation_due_at is not None
        if ticket.validation_due_at >= self.until - timedelta(minutes=1):
            return ticket
        resolution.remind(ticket, at=ticket.validation_due_at - timedelta(days=1))
        resolution.auto_close(ticket, at=ticket.validation_due_at + timedelta(seconds=self.dice.randint(5, 60)))
        return ticket

    def to_refused(self, ticket: Ticket) -> Ticket:
        ticket = self.up_to(ticket, State.SOLVED)
        ticket = resolution.refuse(ticket, by=self.person, reason=self.dice.choice(REFUSALS), at=self.later(10, 900))
        ticket = work.start(ticket, by=self.worker, at=self.later(5, 90))
        ticket = resolution.solve(
            ticket, by=self.worker, solution_type="definitive", solution=self.solution, at=self.later(30, 400)
        )
        return resolution.accept(ticket, by=self.person, at=self.later(10, 600))

    def to_cancelled(self, ticket: Ticket) -> Ticket:
        others = Ticket.objects.filter(company=ticket.company_id).exclude(pk=ticket.pk).order_by("-pk")[:1]
        if others and self.dice.random() < 0.5:
            return ending.cancel(
                ticket,
                by=self.cast.agent,
                cause=CancelCause.DUPLICATE,
                duplicate_of=others[0],
                reason="Ya estaba reportado.",
                at=self.later(5, 200),
            )
        return ending.cancel(ticket, by=self.person, reason="Ya no lo necesitamos, gracias.", at=self.later(5, 300))

    def to_invalid(self, ticket: Ticket) -> Ticket:
        ticket = self.up_to(ticket, State.OPEN)
        return ending.close_as_invalid(
            ticket, by=self.cast.agent, reason=self.dice.choice(REASONS), at=self.later(10, 300)
        )


def _answers(item: CatalogItem, environment: Environment) -> dict[str, str]:
    """Something sensible for each required question of the template."""
    text = {"application": environment.service.name, "user_name": "Martín Olmedo Reyes"}
    return {
        question["name"]: text.get(question["name"]) or (question.get("options") or ["Sin dato"])[0]
        for question in item.fields
        if question.get("required")
    }


@dataclass
class Cast:
    """Everybody and everything a life needs, read once."""

    agent: User
    supervisor: User
    desk: SupportGroup
    members: dict[int, list[User]]
    valid_users: list[ValidUser]
    environments: dict[int, list[Environment]]
    items: dict[str, CatalogItem]

    @classmethod
    def read(cls) -> "Cast":
        groups = list(SupportGroup.objects.prefetch_related("members").order_by("pk"))
        environments: dict[int, list[Environment]] = {}
        for environment in (
            Environment.objects.filter(kind=Environment.Kind.PRODUCTION).select_related("service").order_by("pk")
        ):
            environments.setdefault(environment.company_id, []).append(environment)
        items = CatalogItem.objects.select_related("default_group").filter(name__in=STORIES)
        return cls(
            agent=User.objects.get(email=f"agente@{DOMAIN}"),
            supervisor=User.objects.get(email=f"supervisor@{DOMAIN}"),
            desk=next(group for group in groups if group.level == SupportGroup.Level.FIRST),
            members={g.pk: [m for m in g.members.all() if m.role in (Role.AGENT, Role.CONSULTANT)] for g in groups},
            valid_users=list(ValidUser.objects.select_related("user", "company").order_by("pk")),
            environments=environments,
            items={item.name: item for item in items},
        )


def create(count: int, *, seed: int, now: datetime) -> Iterator[int]:
    """Live `count` tickets, oldest first: most in the past year, and one in eight of the last days in every living state.

    Deterministic for (`seed`, `now`). Yields how many are done. The reactions of what is older than a day (mails, above all) count as
    delivered: nobody wants a year of mail at the first start.
    """
    dice = random.Random(seed)
    cast = Cast.read()
    alive = max(len(ALIVE), count // 8)
    moments = sorted(_moment(dice, now, 365, 6) for _ in range(max(count - alive, 0)))
    plans = [(moment, dice.choices(list(ENDINGS), list(ENDINGS.values()))[0]) for moment in moments]
    fates = [list(ALIVE)[position % len(ALIVE)] for position in range(min(alive, count))]
    recent = [(now - timedelta(seconds=dice.randint(*(60 * m for m in ALIVE[fate]))), fate) for fate in fates]
    # The demo's own customer has something in every state.
    theirs = next(v for v in cast.valid_users if v.user.email == f"cliente@{DOMAIN}")
    reporters = [None] * len(plans) + [theirs] * len(ALIVE) + [None] * len(recent)
    order = sorted(zip(plans + recent, reporters, strict=False), key=lambda plan: plan[0][0])
    for done, ((moment, fate), reporter) in enumerate(order, start=1):
        with clock.at(moment):
            Life(cast, dice, moment, now, reporter).live(fate)
        yield done
    settled = Delivery.objects.filter(created_at__lt=now - timedelta(hours=6))
    settled.update(state="done", done_at=now)


def _moment(dice: random.Random, now: datetime, oldest_days: int, newest_days: int) -> datetime:
    """A moment of the past, mostly in working hours."""
    span = timedelta(days=oldest_days) - timedelta(days=newest_days)
    for _ in range(6):
        moment = now - timedelta(days=newest_days) - span * dice.random() - timedelta(minutes=20)
        local = moment - timedelta(hours=6)
        if (local.weekday() < 5 and 8 <= local.hour < 19) or dice.random() < 0.12:
            break
    return moment.replace(microsecond=0)
