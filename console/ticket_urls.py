"""The addresses of the console's ticket pages, inside the admin's own: `tickets_ticket_changelist` is the queue, `…_change` the ticket."""

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from console.views import attachments, bulk, queue, register, ticket


def of(site: AdminSite) -> list[URLPattern]:
    view = site.admin_view
    return [
        path("tickets/ticket/", view(queue.queue), name="tickets_ticket_changelist"),
        path("tickets/ticket/add/", view(register.register), name="tickets_ticket_add"),
        path("tickets/ticket/add/usuarios/", view(register.found), name="tickets_valid_users"),
        path("tickets/ticket/add/plazos/", view(register.preview), name="tickets_preview"),
        path("tickets/ticket/lote/", view(bulk.bulk), name="tickets_bulk"),
        path("tickets/ticket/archivo/<int:pk>/", view(attachments.download), name="tickets_attachment"),
        path("tickets/ticket/<str:number>/change/", view(ticket.page), name="tickets_ticket_change"),
        path(
            "tickets/ticket/<str:number>/reclassify/plazos/",
            view(ticket.reclassify_preview),
            name="tickets_reclassify_preview",
        ),
        path("tickets/ticket/<str:number>/<slug:act>/", view(ticket.act), name="tickets_act"),
    ]
