"""An action opens once for each thing, joins where the rule says so, and always has an owner."""

from datetime import date, datetime
from typing import Any

import pytest

from accounts.models import User
from core.errors import InvalidInput, Refused
from core.models import Alarm
from customers.models import Company
from improvements.models import CorrectiveAction, OriginRule
from improvements.services import register
from improvements.services.register import Draft
from improvements.vocabulary import ActionState, Origin
from tickets.models import Ticket


def opened(origin: str = Origin.SURVEY, source_id: int | None = 7, **changes: Any) -> CorrectiveAction:
    values = {"label": "E000007", "title": "Volver a capacitar", "problem": "El cliente calificó con 2.", **changes}
    return register.open_for(origin, source_id=source_id, **values)


def test_it_opens_with_the_rules_owner_date_and_one_entry(rules: None, now: datetime, supervisor: User) -> None:
    row = opened(by=supervisor)
    assert (row.state, row.owner, row.due_on, row.version) == (ActionState.OPEN, supervisor, date(2026, 3, 20), 1)
    assert [entry.kind for entry in row.entries.all()] == ["opened"]
    assert [(source.origin, source.source_id) for source in row.sources.all()] == [(Origin.SURVEY, 7)]


def test_its_date_falls_on_a_day_on_which_the_desk_works(rules: None, now: datetime, supervisor: User) -> None:
    OriginRule.objects.filter(origin=Origin.OTHER).update(days=4)
    assert opened(Origin.OTHER, by=supervisor).due_on == date(2026, 3, 17), "the 14th is a Saturday, the 16th a holiday"


def test_the_same_thing_is_answered_by_one_action(rules: None, now: datetime, supervisor: User) -> None:
    assert opened(by=supervisor) == opened(by=supervisor, title="Otra")
    assert CorrectiveAction.objects.count() == 1


def test_what_is_only_named_opens_another_each_time(rules: None, now: datetime, supervisor: User) -> None:
    assert opened(Origin.REVIEW, None, by=supervisor) != opened(Origin.REVIEW, None, by=supervisor)


def test_promises_join_the_companys_live_action(rules: None, now: datetime, supervisor: User, company: Company) -> None:
    first = opened(Origin.PROMISE, 1, by=supervisor, company=company)
    assert opened(Origin.PROMISE, 2, by=supervisor, company=company) == first
    assert [entry.kind for entry in first.entries.all()] == ["opened", "joined"]
    other = Company.objects.create(name="Otra")
    assert opened(Origin.PROMISE, 3, by=supervisor, company=other) != first
    assert opened(Origin.PROMISE, 4, by=supervisor) != first


def test_what_is_kept_from_somebody_joins_nothing(
    rules: None, now: datetime, supervisor: User, manager: User, company: Company
) -> None:
    first = opened(Origin.PROMISE, 1, by=manager, company=company)
    hidden = opened(Origin.PROMISE, 2, by=manager, company=company, kept_from=[supervisor])
    assert hidden != first
    assert hidden.owner == manager, "never the person it is kept from"
    assert not CorrectiveAction.objects.visible_to(supervisor).filter(pk=hidden.pk).exists()


def test_nothing_joins_what_is_kept_from_somebody(
    rules: None, now: datetime, supervisor: User, manager: User, company: Company
) -> None:
    hidden = opened(Origin.PROMISE, 1, by=manager, company=company, kept_from=[supervisor])
    assert opened(Origin.PROMISE, 2, by=manager, company=company) != hidden


def test_the_least_busy_supervisor_owns_it(rules: None, now: datetime, supervisor: User) -> None:
    other = User.objects.create_user("otra@example.test", full_name="Otra Supervisora", role="supervisor")
    assert [opened(source_id=n, by=supervisor).owner for n in (1, 2, 3)] == [supervisor, other, supervisor]


def test_without_supervisors_the_next_role_up_owns_it_and_an_alarm_sounds(
    rules: None, now: datetime, manager: User, agent: User
) -> None:
    row = opened(by=agent)
    assert row.owner == manager
    alarm = Alarm.objects.get(settled_at=None)
    assert alarm.subject == row.number
    assert row.title not in alarm.text


def test_without_anybody_it_is_whoever_opened_its(rules: None, now: datetime, agent: User) -> None:
    assert opened(by=agent).owner == agent


def test_every_error_is_told_at_once(rules: None, now: datetime, agent: User, requester: User) -> None:
    with pytest.raises(InvalidInput) as caught:
        opened("nonsense", title=" ", problem="\x00", owner=requester, due_on=date(2026, 3, 9), by=agent, kind="x")
    assert set(caught.value.errors) == {"title", "problem", "origin", "kind", "owner", "due_on"}


@pytest.mark.parametrize("role", ["agent", "supervisor", "manager", "director", "service_delivery", "bpo"])
def test_the_desk_proposes(rules: None, now: datetime, supervisor: User, role: str, request: Any) -> None:
    person = request.getfixturevalue(role)
    row = register.propose(Draft(origin=Origin.RCA, title="Revisar respaldos", problem="Faltó uno."), by=person)
    assert (row.opened_by, row.sources.get().label) == (person, "RCA")


@pytest.mark.parametrize("role", ["consultant", "admin", "requester", "representative"])
def test_others_do_not_propose(rules: None, now: datetime, role: str, request: Any) -> None:
    with pytest.raises(Refused):
        register.propose(Draft(origin=Origin.RCA, title="Revisar", problem="Faltó."), by=request.getfixturevalue(role))


def test_only_supervision_names_another_owner(
    rules: None, now: datetime, agent: User, supervisor: User, manager: User, ticket: Ticket
) -> None:
    draft = Draft(origin=Origin.RCA, title="Revisar", problem="Faltó.", owner=manager, ticket=ticket)
    with pytest.raises(InvalidInput) as caught:
        register.propose(draft, by=agent)
    assert set(caught.value.errors) == {"owner"}
    row = register.propose(draft, by=supervisor)
    assert (row.owner, row.company, row.sources.get().label) == (manager, ticket.company, ticket.number)


def test_an_agent_reads_no_action_that_quotes_an_answer_they_may_not_read(agent, bpo, supervisor, company, now):
    for number, origin in enumerate((Origin.SURVEY, Origin.DETRACTOR, Origin.PROMISE)):
        words: dict[str, Any] = {"label": "x", "title": "x", "problem": "Dijo que no"}
        register.open_for(origin, source_id=number, by=supervisor, owner=supervisor, company=company, at=now, **words)
    mine = register.open_for(
        Origin.SURVEY,
        source_id=9,
        by=supervisor,
        owner=agent,
        company=company,
        at=now,
        label="x",
        title="x",
        problem="x",
    )

    def read(person) -> set[str]:
        return set(CorrectiveAction.objects.visible_to(person).values_list("origin", flat=True))

    assert read(supervisor) == {Origin.SURVEY, Origin.DETRACTOR, Origin.PROMISE}
    assert read(bpo) == {Origin.DETRACTOR, Origin.PROMISE}
    assert read(agent) == {Origin.SURVEY, Origin.PROMISE}
    assert CorrectiveAction.objects.visible_to(agent).get(origin=Origin.SURVEY) == mine
