"""The addresses of the console's pages of the yearly NPS, inside the admin's own."""

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from console.views import nps_answers, nps_campaigns, nps_import, nps_results


def of(site: AdminSite) -> list[URLPattern]:
    view = site.admin_view
    return [
        path("nps/", view(nps_results.page), name="nps_results"),
        path("nps/exportar/", view(nps_results.export), name="nps_results_export"),
        path("nps/campanas/", view(nps_campaigns.listing), name="nps_campaigns"),
        path("nps/campanas/nueva/", view(nps_campaigns.new), name="nps_campaign_add"),
        path("nps/campanas/<int:campaign_id>/", view(nps_campaigns.page), name="nps_campaign"),
        path("nps/campanas/<int:campaign_id>/editar/", view(nps_campaigns.edit), name="nps_campaign_edit"),
        path("nps/campanas/<int:campaign_id>/iniciar/", view(nps_campaigns.start), name="nps_campaign_start"),
        path("nps/campanas/<int:campaign_id>/extender/", view(nps_campaigns.extend), name="nps_campaign_extend"),
        path("nps/campanas/<int:campaign_id>/cerrar/", view(nps_campaigns.close), name="nps_campaign_close"),
        path("nps/campanas/<int:campaign_id>/cancelar/", view(nps_campaigns.cancel), name="nps_campaign_cancel"),
        path("nps/respuestas/", view(nps_answers.listing), name="nps_answers"),
        path("nps/respuestas/exportar/", view(nps_answers.export), name="nps_answers_export"),
        path("nps/respuestas/<int:invitation_id>/", view(nps_answers.answer), name="nps_answer"),
        path("nps/detractores/", view(nps_answers.detractors), name="nps_detractors"),
        path("nps/importar/", view(nps_import.page), name="nps_import"),
        path("nps/importar/plantilla/", view(nps_import.template), name="nps_template"),
    ]
