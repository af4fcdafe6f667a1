"""Where each front end is mounted."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from servicedesk import health

handler500 = "servicedesk.middleware.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("cuenta/", include("servicedesk.account_urls")),
]
if find_spec("console.urls"):
    urlpatterns += [path("admin/", include("console.urls"))]
if find_spec("api.urls"):
    urlpatterns += [path("api/", include("api.urls"))]
if find_spec("portal.urls"):
    urlpatterns += [path("", include("portal.urls"))]
