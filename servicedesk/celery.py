"""The Celery application. Rows are the truth and tasks only wake their readers, so any broker will do."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "servicedesk.settings")

app = Celery("servicedesk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def use_our_logging(**_: Any) -> None:
    """Keep Celery from replacing the logging that the settings describe."""
    import logging.config

    logging.config.dictConfig(settings.LOGGING)
