"""The demo: only in demo mode, deterministic, every state, and as consistent as real life."""

import io
from collections import Counter
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from core import clock
from customers.models import Contract
from escalation import checks
from escalation import matrices as in_use
from escalation.models import Absence, Contact, Level, Matrix
from servicedesk.seeding.demo import bulk, lives, matrices, people
from sla.models import Commitment
from sla.tasks import sweep_clocks
from tickets.models import Ticket
from tickets.vocabulary import State

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 12, 20, 0, tzinfo=UTC)


@pytest.fixture
def desk(settings, tmp_path):
    settings.DEMO_MODE, settings.VAR_DIR = True, tmp_path
    call_command("seed_guide", stdout=io.StringIO())
    return tmp_path


def live(count: int) -> list[tuple[str, str, str]]:
    list(lives.create(count, seed=7, now=NOW))
    return list(Ticket.objects.order_by("pk").values_list("title", "state", "created_at"))


def test_outside_demo_mode_nothing_is_created(settings):
    settings.DEMO_MODE = False
    with pytest.raises(CommandError, match="DEMO_MODE"):
        call_command("demo")
    assert User.objects.count() == 0


def test_a_small_demo_has_every_living_state_and_holds_every_invariant(desk):
    people.create("secret", NOW)
    matrices.create(NOW)
    tickets = live(40)
    states = Counter(state for _, state, _ in tickets)
    assert set(State.values) - set(states) <= {"rejected", "cancelled"}
    list(bulk.copy(60, seed=7))
    assert Ticket.objects.count() == 100
    call_command("check_invariants", stdout=io.StringIO())
    assert max(created for _, _, created in tickets) <= NOW


def test_the_demos_promises_meet_every_fate_and_their_copies_the_same(desk):
    people.create("secret", NOW)
    live(60)
    with clock.at(NOW):
        sweep_clocks()
    fates = Counter(Commitment.objects.values_list("state", flat=True))
    assert set(fates) >= {"standing", "kept", "broken", "renegotiated"}
    list(bulk.copy(120, seed=7))
    call_command("check_invariants", stdout=io.StringIO())
    assert Commitment.objects.count() > 2 * sum(fates.values())


def test_the_same_seed_and_moment_give_the_same_lives(desk):
    people.create("secret", NOW)
    first = live(12)
    before = Ticket.objects.count()
    second = live(12)[before:]
    assert [(title, created) for title, _, created in second] == [(title, created) for title, _, created in first]


def test_the_password_is_made_once_and_only_its_owner_reads_it(desk):
    assert people.demo_password(desk) == people.demo_password(desk)
    assert ((desk / "demo-password").stat().st_mode & 0o777) == 0o600


def test_every_promised_sign_in_exists_and_enters(desk):
    people.create("secret", NOW)
    for name in ("agente", "consultor", "supervisor", "bpo", "admin", "cliente", "representante", "ajeno"):
        person = User.objects.get(email=f"{name}@demo.example")
        assert person.check_password("secret")
    people.create("other", NOW)
    assert User.objects.get(email="cliente@demo.example").check_password("secret")


def test_the_demos_matrices_name_its_people_and_somebody_is_away(desk):
    people.create("secret", NOW)
    matrices.create(NOW)
    contracted = {(row.pk, service.pk) for row in Contract.objects.all() for service in row.services.all()}
    published = Matrix.objects.filter(kind="technical", published_at__isnull=False)
    assert set(published.values_list("contract", "service")) == contracted
    assert {matrix.levels.count() for matrix in published} == {3}
    boss = Contact.objects.get(levels__matrix__kind="service_desk", levels__level=3)
    assert boss.user == User.objects.get(email="gerente@demo.example")
    reach = in_use.whom(boss.pk, NOW.date())
    assert reach is not None
    assert (reach.contact.name, reach.instead_of) == ("Paola Quintana Ruiz", "Julio Bernal Ortiz")
    before = [model.objects.count() for model in (Matrix, Level, Contact, Absence)]
    matrices.create(NOW)
    assert [model.objects.count() for model in (Matrix, Level, Contact, Absence)] == before
    assert list(checks.invariants()) == []


@pytest.mark.parametrize(("on", "ends"), [(9, 13), (13, 13), (15, 15)])
def test_who_is_away_is_so_on_the_day_of_the_demo_whatever_its_weekday(desk, on, ends):
    people.create("secret", NOW)
    matrices.create(NOW.replace(day=on))
    assert (Absence.objects.get().starts_on.day, Absence.objects.get().ends_on.day) == (9, ends)
