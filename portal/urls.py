"""The portal's addresses."""

from django.urls import path

from portal.views import (
    catalog,
    contact,
    escalating,
    escalation,
    files,
    gallery,
    home,
    raising,
    search,
    session,
    ticket,
    tickets,
    validation,
)

app_name = "portal"

urlpatterns = [
    path("", home.home, name="home"),
    path("entrar/", session.SignIn.as_view(), name="sign-in"),
    path("salir/", session.sign_out, name="sign-out"),
    path("buscar/", search.search, name="search"),
    path("catalogo/", catalog.catalog, name="catalog"),
    path("levantar/", raising.raise_ticket, name="raise"),
    path("levantar/plazos/", raising.preview, name="preview"),
    path("levantar/parecidos/", raising.suggestions, name="suggestions"),
    path("levantar/<int:item_id>/", raising.raise_ticket, name="raise-item"),
    path("asuntos/", tickets.tickets, name="tickets"),
    path("asuntos/<str:number>/", ticket.ticket, name="ticket"),
    path("asuntos/<str:number>/comentar/", ticket.comment, name="comment"),
    path("asuntos/<str:number>/aceptar/", ticket.accept, name="accept"),
    path("asuntos/<str:number>/rechazar/", ticket.refuse, name="refuse"),
    path("asuntos/<str:number>/cancelar/", ticket.cancel, name="cancel"),
    path("asuntos/<str:number>/escalar/", escalating.escalate, name="escalate"),
    path("archivos/<int:attachment_id>/", files.download, name="file"),
    path("validar/<str:token>/", validation.validate, name="validate"),
    path("escalamiento/<str:token>/", escalation.respond, name="escalation"),
    path("contacto/", contact.contact_page, name="contact"),
    path("componentes/", gallery.gallery, name="gallery"),
]
