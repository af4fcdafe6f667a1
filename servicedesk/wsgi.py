"""The entry for web servers: `gunicorn servicedesk.wsgi`."""

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "servicedesk.settings")

application = get_wsgi_application()

if not settings.REDIS_URL:
    # The in-memory broker, and the cache that counts sign-in attempts, live in one process; here there are several.
    raise ImproperlyConfigured("Set REDIS_URL, or run everything in one process with `manage.py run`.")
