"""The addresses of the console's pages of complaints and suggestions, inside the admin's own."""

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from console.views import voice, voice_list, voice_panorama, voice_register


def of(site: AdminSite) -> list[URLPattern]:
    view = site.admin_view
    return [
        path("surveys/voice/", view(voice_list.queue), name="surveys_voice_changelist"),
        path("surveys/voice/exportar/", view(voice_list.export), name="surveys_voice_export"),
        path("surveys/voice/panorama/", view(voice_panorama.page), name="surveys_voice_panorama"),
        path("surveys/voice/add/", view(voice_register.register), name="surveys_voice_add"),
        path("surveys/voice/add/usuarios/", view(voice_register.found), name="surveys_voice_users"),
        path("surveys/voice/archivo/<int:pk>/", view(voice.download), name="surveys_voice_file"),
        path("surveys/voice/<int:pk>/change/", view(voice.page), name="surveys_voice_change"),
        path("surveys/voice/<int:pk>/<slug:act>/", view(voice.act), name="surveys_voice_act"),
    ]
