"""What the checks find when somebody wrote past the services, and that they find nothing else."""

from datetime import timedelta

import pytest

from core import clock
from surveys.models import Voice, VoiceEntry, VoiceStep, Vote
from surveys.services import suggestions, voices, waiting
from surveys.voice_checks import invariants

pytestmark = pytest.mark.django_db


def test_what_the_services_made_holds_at_every_step(
    complaint, suggestion, manager, supervisor, director, requester, colleague, agent, now
):
    def holds() -> None:
        assert list(invariants()) == []

    holds()
    suggestions.vote(suggestion, by=colleague)
    voices.open_action(complaint, by=supervisor)
    holds()
    voices.point_at(complaint, by=director, people=[agent], reason="Es de quien se queja.")
    holds()
    row = complaint
    for _ in range(4):
        row = Voice.objects.get(pk=complaint.pk)
        if row.next_at is not None:
            with clock.at(row.next_at):
                waiting.sweep(row.next_at)
        holds()
    row = voices.acknowledge(row, by=director)
    holds()
    row = voices.answer(row, by=director, text="Ya.")
    holds()
    row = voices.appeal(row, by=requester, reason="No.")
    holds()
    row = voices.answer(row, by=director, text="Ya, de veras.")
    holds()
    assert row.next_at is not None
    waiting.sweep(row.next_at + timedelta(seconds=1))
    holds()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"version": 7}, "is in version 7"),
        ({"level": 2}, "stands at level 2, and told level 1"),
        ({"votes_count": 3}, "counts 3 votes, and has 0"),
        ({"next_at": None}, "is looked at at None"),
        ({"levels": []}, "has 0 levels, and told 1"),
    ],
)
def test_what_was_written_past_them_is_found(complaint, changes, problem):
    Voice.objects.update(**changes)
    assert any(problem in fault for fault in invariants())


def test_a_state_without_its_entry_is_found(complaint, manager):
    row = voices.acknowledge(complaint, by=manager)
    VoiceEntry.objects.filter(row=row, kind="acknowledge").update(to_state="in_analysis")
    assert any("its history says in_analysis" in fault for fault in invariants())


def test_a_step_too_many_and_a_vote_behind_the_count_are_found(complaint, suggestion, colleague, now):
    VoiceStep.objects.filter(row=complaint).update(number=4)
    Vote.objects.create(suggestion=suggestion, voter=colleague, at=now)
    found = " ".join(invariants())
    assert "told the levels in the order [4]" in found
    assert "counts 0 votes, and has 1" in found


def test_what_is_not_kept_from_whom_it_points_at_is_found(complaint, supervisor, director):
    action = voices.open_action(complaint, by=director)
    complaint.pointed_at.add(supervisor)
    assert any("is not kept from everybody" in fault for fault in invariants())
    action.kept_from.add(supervisor)
    assert list(invariants()) == []
