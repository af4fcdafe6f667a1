"""The demo's yearly NPS, on any day of the year: a year that is over, one that runs, and two that were imported."""

import io
from datetime import UTC, datetime

import pytest
from django.core.management import call_command

from core.models import Delivery
from servicedesk.seeding.demo import nps, people
from surveys import nps_checks, nps_results
from surveys.models import Campaign, NpsInvitation
from surveys.nps_results import By, Narrow

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("day", [(1, 1), (1, 5), (3, 12), (12, 27), (12, 31)])
def test_the_demo_has_a_history_whatever_the_day(day, settings, tmp_path):
    settings.DEMO_MODE, settings.VAR_DIR = True, tmp_path
    call_command("seed_guide", stdout=io.StringIO())
    now = datetime(2026, day[0], day[1], 20, 0, tzinfo=UTC)
    people.create("secret", now)
    assert nps.create(now, seed=7) > 6
    assert nps.create(now, seed=7) == 0
    assert list(Campaign.objects.order_by("year").values_list("year", "state")) == [(2025, "closed"), (2026, "running")]
    reader = people.User.objects.get(email="supervisor@demo.example")
    years = nps_results.results(By.YEAR, Narrow(), reader)
    assert [row.key for row in years if row.counts.answered and row.key < 2026] == [2025, 2024, 2023]
    assert NpsInvitation.objects.filter(person__email="cliente@demo.example", year=2026, score=None).exists()
    assert list(nps_checks.invariants()) == []
    assert not Delivery.objects.exclude(state="done").exists()
