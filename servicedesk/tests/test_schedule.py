import pytest

from servicedesk.celery import app
from servicedesk.schedule import SCHEDULE


@pytest.mark.parametrize("name", SCHEDULE)
def test_every_periodic_job_exists(name: str) -> None:
    app.loader.import_default_modules()
    assert SCHEDULE[name]["task"] in app.tasks


@pytest.mark.parametrize("name", SCHEDULE)
def test_a_run_that_nobody_took_is_dropped_when_the_next_is_due(name: str) -> None:
    assert SCHEDULE[name]["options"]["expires"] == SCHEDULE[name]["schedule"]


def test_tasks_are_late_acknowledged_json_and_shorter_than_the_visibility_timeout(settings) -> None:
    assert (app.conf.task_acks_late, app.conf.task_reject_on_worker_lost, app.conf.worker_prefetch_multiplier) == (
        True,
        True,
        1,
    )
    assert (app.conf.task_serializer, app.conf.accept_content) == ("json", ["json"])
    assert app.conf.task_soft_time_limit < app.conf.task_time_limit < 300
