"""Answering the yearly question, the action that each detractor gets, and closing the loop."""

from datetime import timedelta

import pytest

from core import clock
from core.errors import InvalidInput, NotVisible, Refused
from core.tasks import run_deliveries
from improvements.models import ActionSource, CorrectiveAction, OriginRule
from improvements.vocabulary import Origin
from servicedesk.seeding import improvements
from surveys import nps_policy
from surveys.events import DetractorFound, NpsChanged
from surveys.models import NpsInvitation
from surveys.services import campaigns, nps
from surveys.tests.nps_cast import of, passing, running

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now", "rules")]


@pytest.fixture
def rules(db):
    improvements.rules()


@pytest.fixture
def asked(supervisor, requester) -> NpsInvitation:
    """The requester, the day after, with the question in their hands."""
    running(supervisor)
    passing(1.1)
    return of(requester)


def comments() -> list[str]:
    return [entry.data["text"] for entry in CorrectiveAction.objects.get().entries.filter(kind="commented")]


def test_an_answer_is_stored_once_given_and_may_be_changed_until_the_campaign_closes(asked, supervisor):
    first = clock.now() + timedelta(days=2)
    nps.answer(asked, score=9, why="  Responden rápido.\x00 ", at=first)
    row = of(asked.person)
    assert (row.state, row.score, row.why, row.answered_at, row.changed_at, row.next_at) == (
        "answered", 9, "Responden rápido.", first, None, None,
    )  # fmt: skip
    nps.answer(asked, score=10, why="", at=first + timedelta(days=1))
    row = of(asked.person)
    assert (row.score, row.why, row.answered_at, row.changed_at) == (10, "", first, first + timedelta(days=1))
    campaigns.close(asked.campaign, by=supervisor)
    with pytest.raises(Refused, match="terminó"):
        nps.answer(asked, score=0)
    assert of(asked.person).score == 10


def test_the_same_answer_again_changes_nothing(asked):
    nps.answer(asked, score=3, why="Tardan")
    nps.answer(asked, score=3, why="Tardan ", at=clock.now() + timedelta(hours=1))
    assert of(asked.person).changed_at is None


@pytest.mark.parametrize("score", [None, -1, 11])
def test_only_the_scale_is_taken_and_every_fault_is_said_at_once(asked, score):
    with pytest.raises(InvalidInput) as refused:
        nps.answer(asked, score=score, why="x" * 4001)
    assert list(refused.value.errors) == ["score", "why"]
    assert of(asked.person).score is None


def test_nobody_answers_before_being_asked_or_after_the_last_day(asked, supervisor, colleague):
    with pytest.raises(Refused):
        nps.answer(asked, score=9, at=clock.now() + timedelta(days=32))
    asked.state, asked.invited_at = "planned", None
    asked.save()
    with pytest.raises(Refused):
        nps.answer(asked, score=9)


@pytest.mark.parametrize(("score", "actions"), [(6, 1), (0, 1), (7, 0), (10, 0)])
def test_each_detractor_gets_an_action_with_owner_and_date_and_nobody_else_does(asked, supervisor, score, actions):
    nps.answer(asked, score=score, why="Tardan en contestar")
    run_deliveries()
    assert CorrectiveAction.objects.count() == actions
    if actions:
        action = CorrectiveAction.objects.get()
        assert (action.origin, action.company, action.owner) == (Origin.DETRACTOR, asked.company, supervisor)
        assert action.due_on > clock.now().date()
        assert f"con {score} de 10" in action.problem
        assert "Tardan en contestar" in action.problem


def test_a_detractor_has_exactly_one_action_however_often_they_change(asked):
    for hour, score in enumerate((2, 9, 4, 5, 10)):
        nps.answer(asked, score=score, at=clock.now() + timedelta(hours=hour))
        if hour != 2:
            run_deliveries()
    with clock.at(clock.now() + timedelta(hours=5)):
        run_deliveries()
    assert ActionSource.objects.get().source_id == asked.pk
    said = comments()
    assert [text.split("calificación ")[1].split(" el ")[0] for text in said] == ["de 2 a 9", "de 9 a 4", "de 4 a 5", "de 5 a 10"]  # fmt: skip
    assert [text.endswith("Ya no es detractor.") for text in said] == [True, False, False, True]


def test_reactions_repeated_or_out_of_order_do_no_harm(asked):
    nps.answer(asked, score=3)
    nps.answer(asked, score=8, at=clock.now() + timedelta(minutes=5))
    changed = NpsChanged(invitation_id=asked.pk, was=3, score=8, at=(clock.now() + timedelta(minutes=5)).isoformat())
    for _ in range(2):
        nps.note_change(changed)
        nps.open_action(DetractorFound(invitation_id=asked.pk))
    run_deliveries()
    assert len(comments()) == 1
    assert "después cambió a 8" in CorrectiveAction.objects.get().problem


def test_where_the_rule_does_not_open_it_there_is_no_action(asked):
    OriginRule.objects.filter(origin=Origin.DETRACTOR).update(opens_itself=False)
    nps.answer(asked, score=0)
    nps.answer(asked, score=9, at=clock.now() + timedelta(hours=1))
    run_deliveries()
    assert not CorrectiveAction.objects.exists()


def test_what_was_talked_about_is_on_the_answer_and_on_its_action(asked, service_delivery, manager):
    with pytest.raises(Refused, match="todavía no contesta"):
        nps.close_loop(asked, by=manager, note="Hablamos")
    nps.answer(asked, score=1)
    run_deliveries()
    with pytest.raises(InvalidInput):
        nps.close_loop(asked, by=service_delivery, note=" ")
    done = nps.close_loop(asked, by=service_delivery, note="Le molestó la espera. Llamamos el viernes.")
    assert (done.looped_by, done.looped_at) == (service_delivery, clock.now())
    entry = CorrectiveAction.objects.get().entries.get(kind="commented")
    assert entry.actor == service_delivery
    assert "Le molestó la espera" in entry.data["text"]
    with pytest.raises(Refused, match="ya está registrada"):
        nps.close_loop(asked, by=manager, note="Otra vez")


@pytest.mark.parametrize("who", ["agent", "consultant", "bpo", "requester", "colleague", "outsider"])
def test_others_do_not_write_down_conversations(who, asked, request):
    nps.answer(asked, score=1)
    person = request.getfixturevalue(who)
    with pytest.raises((Refused, NotVisible)):
        nps.close_loop(asked, by=person, note="Hablamos")
    assert of(asked.person).looped_at is None


@pytest.mark.parametrize("who", ["supervisor", "manager", "director", "admin", "service_delivery", "bpo"])
def test_who_reads_the_answers(who, asked, request):
    person = request.getfixturevalue(who)
    assert nps_policy.may_read(person)
    assert NpsInvitation.objects.visible_to(person).count() == 1


@pytest.mark.parametrize("who", ["agent", "consultant", "other_consultant", "colleague", "representative", "outsider"])
def test_who_does_not(who, asked, request):
    person = request.getfixturevalue(who)
    assert not nps_policy.may_read(person)
    assert not NpsInvitation.objects.visible_to(person).filter(pk=asked.pk).exists()
