"""Two people at the same matrix at the same moment: one version, published once."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from core import caching, clock
from core.errors import Refused
from escalation import checks
from escalation.models import Matrix
from escalation.services import publishing
from servicedesk.seeding import escalation, standard
from servicedesk.testing import TUESDAY

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk() -> Matrix:
    """The desk's matrix, with nothing but its first version."""
    escalation.everything(standard.terms())
    caching.forget_all()
    return Matrix.objects.get(kind="service_desk")


def at_once(change: Callable[[], object], people: int = 2) -> list[str]:
    """What `change` answered each of them: "done", or the words of the refusal."""
    barrier, answers = threading.Barrier(people, timeout=20), []

    def run() -> None:
        try:
            barrier.wait()
            with clock.at(TUESDAY):
                change()
            answers.append("done")
        except Refused as refusal:
            answers.append(refusal.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_two_new_versions_at_once_make_one_draft(desk, admin):
    answers = at_once(lambda: publishing.new_version(desk, by=admin))
    assert sorted(answer == "done" for answer in answers) == [False, True]
    assert list(Matrix.objects.filter(kind="service_desk").values_list("version", flat=True)) == [2, 1]
    assert list(checks.matrix_faults()) == []


def test_two_publications_at_once_publish_once(desk, admin):
    draft = publishing.new_version(desk, by=admin, at=TUESDAY)
    answers = at_once(lambda: publishing.publish(draft, by=admin))
    assert sorted(answers) == ["Esta versión ya está publicada: no se modifica.", "done"]
    assert Matrix.objects.get(pk=draft.pk).published_at == TUESDAY
