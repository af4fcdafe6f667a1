"""The addresses of the console's pages of satisfaction surveys, inside the admin's own."""

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from console.views import surveys


def of(site: AdminSite) -> list[URLPattern]:
    view = site.admin_view
    return [
        path("surveys/survey/", view(surveys.answers), name="surveys_survey_changelist"),
        path("surveys/survey/resultados/", view(surveys.page), name="surveys_results"),
        path("surveys/survey/exportar/", view(surveys.export), name="surveys_export"),
        path("surveys/survey/<int:pk>/change/", view(surveys.detail), name="surveys_survey_change"),
        path("surveys/survey/<int:pk>/seguimiento/", view(surveys.follow), name="surveys_survey_follow"),
    ]
