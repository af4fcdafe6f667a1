"""Each way in which the yearly NPS can be wrong in the database is told."""

from datetime import timedelta

import pytest

from core import clock
from improvements.models import ActionSource
from servicedesk.seeding import improvements
from surveys import nps_checks
from surveys.models import Campaign, CampaignEntry, NpsInvitation, NpsRecord
from surveys.services import nps
from surveys.tests.nps_cast import of, passing, running

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture
def lived(supervisor, requester, colleague) -> Campaign:
    improvements.rules()
    row = running(supervisor)
    passing(1.1)
    passing(1.2, lambda: nps.answer(of(requester), score=2))
    passing(1.3)
    assert list(nps_checks.invariants()) == []
    return row


def only_fault() -> str:
    (fault,) = nps_checks.invariants()
    return fault


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"year": 2025}, "is of another year"),
        ({"invited_at": None}, "was asked without a moment"),
        ({"left_out": "inactive"}, "was asked and says that it was not"),
        ({"state": "left_out"}, "was not asked and has no reason"),
        ({"state": "planned", "next_at": None}, "waits for nothing"),
        ({"state": "expired", "next_at": clock.now()}, "is over and something is due"),
    ],
)
def test_an_invitation_that_disagrees_with_itself(lived, colleague, change, told):
    NpsInvitation.objects.filter(person=colleague).update(**change)
    assert told in " ".join(nps_checks.invariants())


def test_an_answer_from_before_the_question(lived, requester):
    NpsInvitation.objects.filter(person=requester).update(answered_at=clock.now() - timedelta(days=1))
    assert "answered before it was asked" in only_fault()


def test_a_detractor_without_an_action(lived, requester):
    ActionSource.objects.all().delete()
    assert "detractor without a corrective action" in only_fault()


def test_a_campaign_with_a_missing_entry_or_of_a_wrong_state(lived):
    CampaignEntry.objects.filter(sequence=1).delete()
    assert "stands at version 2 with 1 entries" in only_fault()
    Campaign.objects.update(ended_at=clock.now(), version=1)
    assert any("and ended at" in fault for fault in nps_checks.invariants())


def test_who_still_waits_in_a_campaign_that_ended(lived):
    Campaign.objects.update(state="closed", ended_at=clock.now())
    assert "waits in a campaign that does not run" in only_fault()


def test_a_year_that_counts_twice(lived, supervisor, company):
    NpsRecord.objects.create(
        year=2026, company=company, promoters=1, passives=0, detractors=0, source="x.csv", imported_by=supervisor,
        imported_at=clock.now(),
    )  # fmt: skip
    assert "count twice" in only_fault()
