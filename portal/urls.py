"""The portal's addresses."""

from django.urls import path

from portal.views import gallery

app_name = "portal"

urlpatterns = [
    path("componentes/", gallery.gallery, name="gallery"),
]
