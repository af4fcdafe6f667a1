"""Every act by every role in every state: the policy's answer, the service's, and what it leaves behind."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from accounts.models import User
from core.errors import DomainError, IllegalTransition, InvalidInput, NotVisible, Refused, StaleVersion
from core.models import Alarm, Delivery
from improvements import policy
from improvements.models import CorrectiveAction
from improvements.services import progress
from improvements.vocabulary import LIVE, PENDING, ActionState

HEADS = {"supervisor", "manager", "director"}
DESK = {"agent", "consultant", "supervisor", "manager", "director", "bpo", "service_delivery", "admin"}
ROLES = sorted(DESK | {"requester", "representative", "outsider"})

WHO: dict[str, set[str]] = {
    # The action's owner is the supervisor, who implemented it too.
    "plan": HEADS,
    "implement": HEADS,
    "verify": {"manager", "director"},
    "reassign": HEADS,
    "postpone": {"manager", "director"},
    "cancel": {"manager", "director"},
    "summarise": HEADS | {"service_delivery"},
    "comment": DESK - {"consultant"},
}
WHEN: dict[str, tuple[str, ...]] = {
    "plan": PENDING,
    "implement": PENDING,
    "verify": (ActionState.IMPLEMENTED,),
    "reassign": LIVE,
    "postpone": PENDING,
    "cancel": LIVE,
    "summarise": (*LIVE, ActionState.CLOSED),
    "comment": tuple(ActionState),
}


def do(name: str, row: CorrectiveAction, by: User, other: User, version: int | None = None) -> CorrectiveAction:
    given: dict[str, dict[str, Any]] = {
        "plan": {"cause": "Nadie avisa.", "plan": "Avisar."},
        "implement": {"evidence": "Correo del 3 de marzo."},
        "verify": {"is_effective": True, "text": "No volvió a pasar."},
        "reassign": {"owner": other},
        "postpone": {"due_on": date(2026, 4, 30), "reason": "Falta el proveedor."},
        "cancel": {"reason": "La cubre otra."},
        "summarise": {"summary": "Avisamos antes de cada mantenimiento."},
        "comment": {"text": "Visto en la junta."},
    }
    return getattr(progress, name)(row, by=by, version=version, **given[name])


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", sorted(WHO))
@pytest.mark.parametrize("state", list(ActionState))
def test_each_act_in_each_state_by_each_role(
    action_in: Callable[[str], CorrectiveAction], name: str, state: str, role: str, director: User, request: Any
) -> None:
    row, person = action_in(state), request.getfixturevalue(role)
    may = role in WHO[name] and state in WHEN[name]
    assert bool(policy.can(name, person, row)) == may
    assert (name in policy.available(person, row)) == may
    entries = row.entries.count()
    if may:
        after = do(name, row, person, director if person != director else request.getfixturevalue("agent"))
        assert after.entries.count() == entries + 1 == after.version
    else:
        with pytest.raises((Refused, IllegalTransition, NotVisible)) as caught:
            do(name, row, person, director)
        assert caught.value.message
        row.refresh_from_db()
        assert (row.state, row.entries.count()) == (state, entries)


def test_the_owner_who_is_no_head_plans_and_does_it_but_judges_nothing(
    action: CorrectiveAction, agent: User, consultant: User, manager: User
) -> None:
    row = progress.reassign(action, by=manager, owner=consultant, reason="Es su tema.")
    assert policy.available(consultant, row) == ["plan", "implement", "summarise", "comment"]
    row = progress.implement(row, by=consultant, evidence="Hecho.")
    assert policy.available(consultant, row) == ["summarise", "comment"]


def test_who_did_it_never_verifies_it_though_it_became_anothers(
    action: CorrectiveAction, supervisor: User, manager: User, director: User
) -> None:
    row = progress.implement(action, by=manager, evidence="Hecho.")
    with pytest.raises(Refused) as caught:
        progress.verify(row, by=manager, is_effective=True, text="Sí.")
    assert (
        caught.value.message == "Su efecto lo verifica otra persona: usted es responsable de la acción o la implementó."
    )
    with pytest.raises(Refused):
        progress.verify(row, by=supervisor, is_effective=True, text="Sí.")
    assert progress.verify(row, by=director, is_effective=True, text="Sí.").verified_by == director


def test_the_database_keeps_it_so(action: CorrectiveAction, manager: User) -> None:
    row = progress.implement(action, by=manager, evidence="Hecho.")
    with pytest.raises(IntegrityError), transaction.atomic():
        CorrectiveAction.objects.filter(pk=row.pk).update(verified_by=manager)


def test_what_had_no_effect_is_its_owners_again_with_another_date(
    action: CorrectiveAction, supervisor: User, manager: User, now: datetime
) -> None:
    row = progress.implement(action, by=supervisor, evidence="Correo.")
    row = progress.verify(row, by=manager, is_effective=False, text="Volvió a pasar.", due_on=date(2026, 4, 1))
    assert (row.state, row.due_on, row.implemented_at, row.verify_on) == ("in_progress", date(2026, 4, 1), None, None)
    entry = row.entries.get(kind="failed")
    assert entry.data == {"text": "Volvió a pasar.", "due_on": "2026-04-01", "evidence": "Correo."}
    assert row.next_at is not None


def test_a_closed_action_reminds_of_nothing(action_in: Callable[[str], CorrectiveAction], now: datetime) -> None:
    row = action_in(ActionState.CLOSED)
    assert (row.next_at, row.closed_at, row.verified_at) == (None, now, now)


def test_files_are_kept_with_the_evidence(action: CorrectiveAction, supervisor: User) -> None:
    file = SimpleUploadedFile("minuta.pdf", b"%PDF-1.4")
    row = progress.implement(action, by=supervisor, evidence="Minuta.", files=[file])
    assert [kept.name for kept in row.files.all()] == ["minuta.pdf"]
    assert row.entries.get(kind="implemented").data["files"] == ["minuta.pdf"]


def test_a_stale_page_changes_nothing(action: CorrectiveAction, supervisor: User) -> None:
    progress.comment(action, by=supervisor, text="Uno.")
    with pytest.raises(StaleVersion):
        progress.plan(action, by=supervisor, cause="x", plan="y", version=1)


@pytest.mark.parametrize(
    ("name", "given", "fields"),
    [
        ("plan", {"cause": " ", "plan": "\u200b"}, {"cause", "plan"}),
        ("plan", {"cause": "x" * 50_001, "plan": "y"}, {"cause"}),
        ("implement", {"evidence": "\x00"}, {"evidence"}),
        ("implement", {"evidence": "", "files": [SimpleUploadedFile("vacío.txt", b"")]}, {"evidence", "files"}),
        ("postpone", {"due_on": date(2026, 3, 9), "reason": ""}, {"due_on", "reason"}),
        ("postpone", {"due_on": date(9999, 12, 31), "reason": "x"}, {"due_on"}),
        ("cancel", {"reason": "x" * 2001}, {"reason"}),
        ("comment", {"text": ""}, {"text"}),
        ("summarise", {"summary": "x" * 4001}, {"summary"}),
    ],
)
def test_what_cannot_be_used_is_named(
    action: CorrectiveAction, manager: User, name: str, given: dict[str, Any], fields: set[str]
) -> None:
    with pytest.raises(InvalidInput) as caught:
        getattr(progress, name)(action, by=manager, **given)
    assert set(caught.value.errors) == fields
    assert action.entries.count() == 1


def test_it_is_given_to_nobody_who_cannot_have_it(
    action: CorrectiveAction, manager: User, agent: User, requester: User, director: User
) -> None:
    action.kept_from.add(director)
    agent.is_active = False
    agent.save()
    for person in (requester, agent, director, action.owner):
        with pytest.raises(InvalidInput):
            progress.reassign(action, by=manager, owner=person)


def test_whom_it_is_kept_from_may_do_nothing(action: CorrectiveAction, manager: User) -> None:
    action.kept_from.add(manager)
    assert policy.available(manager, action) == []
    with pytest.raises(NotVisible):
        progress.comment(action, by=manager, text="Hola.")


def test_a_representative_who_reads_the_summary_changes_nothing(
    action: CorrectiveAction, manager: User, representative: User
) -> None:
    row = progress.summarise(action, by=manager, summary="Avisamos antes.")
    assert CorrectiveAction.objects.visible_to(representative).get() == row
    assert policy.available(representative, row) == []
    with pytest.raises(DomainError):
        progress.comment(row, by=representative, text="Gracias.")


def test_giving_it_to_somebody_settles_its_alarms(
    action: CorrectiveAction, manager: User, agent: User, now: datetime
) -> None:
    from core import alarms
    from improvements.services.register import alarm_key

    alarms.sound("improvements", alarm_key(action, "owner"), "x", at=now)
    progress.reassign(action, by=manager, owner=agent)
    assert Alarm.objects.get().settled_by == manager.full_name


def test_each_milestone_is_published_once(action_in: Callable[[str], CorrectiveAction]) -> None:
    action_in(ActionState.CLOSED)
    published = list(Delivery.objects.order_by("pk").values_list("event", flat=True))
    assert published == ["ActionOpened", "ActionImplemented", "ActionClosed"]


def test_postponing_begins_the_delay_anew(action: CorrectiveAction, manager: User, now: datetime) -> None:
    CorrectiveAction.objects.update(told_level=2)
    row = progress.postpone(action, by=manager, due_on=date(2026, 5, 4), reason="Acordado en junta.")
    assert (row.told_level, row.due_on) == (0, date(2026, 5, 4))
    assert row.next_at is not None
    assert row.next_at > now + timedelta(days=40)
