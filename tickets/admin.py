"""The catalogue. Tickets have no page here: their working page is the console's, and it only calls services."""

from django.contrib import admin

from core.admin import ConfigurationAdmin
from tickets.forms import EXAMPLE, CatalogItemForm
from tickets.models import CatalogCategory, CatalogItem


@admin.register(CatalogCategory)
class CatalogCategoryAdmin(ConfigurationAdmin):
    list_display = ("name", "position")
    search_fields = ("name",)


@admin.register(CatalogItem)
class CatalogItemAdmin(ConfigurationAdmin):
    form = CatalogItemForm
    list_display = ("name", "category", "kind", "service_line", "is_active")
    list_select_related = ("category",)
    list_filter = ("kind", "service_line", "is_active")
    search_fields = ("name", "description")
    fieldsets = (
        (None, {"fields": ("category", "name", "description", "icon", ("position", "is_active"))}),
        ("Cómo se clasifica", {"fields": (("kind", "service_line"), ("default_impact", "default_urgency"))}),
        ("Quién lo atiende", {"fields": ("default_group", "guide_service")}),
        ("Preguntas de la plantilla", {"fields": ("fields",), "description": f"Por ejemplo: {EXAMPLE}"}),
    )
