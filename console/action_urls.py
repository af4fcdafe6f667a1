"""The addresses of the console's pages of corrective actions, inside the admin's own."""

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from console.views import actions, improvement_month


def of(site: AdminSite) -> list[URLPattern]:
    view, base = site.admin_view, "improvements/correctiveaction/"
    return [
        path(base, view(actions.index), name="improvements_correctiveaction_changelist"),
        path(f"{base}exportar/", view(actions.export), name="improvements_correctiveaction_export"),
        path(f"{base}mes/", view(improvement_month.page), name="improvements_month"),
        path(f"{base}mes/exportar/", view(improvement_month.export), name="improvements_month_export"),
        path(f"{base}add/", view(actions.new), name="improvements_correctiveaction_add"),
        path(f"{base}archivo/<int:pk>/", view(actions.download), name="improvements_evidence"),
        path(f"{base}<int:pk>/change/", view(actions.page), name="improvements_correctiveaction_change"),
        path(f"{base}<int:pk>/<slug:act>/", view(actions.act), name="improvements_correctiveaction_act"),
    ]
