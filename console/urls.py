"""The console is the admin's site; its ticket pages are declared in `ticket_urls`."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, path

urlpatterns: list[URLPattern | URLResolver] = [path("", admin.site.urls)]
