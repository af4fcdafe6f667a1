import gc

from servicedesk.celery import app as celery_app

# A batch of rows makes tens of thousands of objects that live until it is stored. Looked through every 700 of them, as Python would, a
# sweep takes a seventh longer.
gc.set_threshold(50_000, 20, 100)

__all__ = ["celery_app"]
