"""Where each front end is mounted."""

from django.urls import URLPattern, URLResolver, include, path

from servicedesk import health

handler500 = "servicedesk.middleware.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("cuenta/", include("servicedesk.account_urls")),
    path("admin/", include("console.urls")),
    path("api/", include("api.urls")),
    path("", include("portal.urls")),
]
