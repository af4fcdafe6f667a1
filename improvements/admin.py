"""The rules by which actions open, in the console. Administrators change them; who supervises reads them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.models import User
from core.admin import ConfigurationAdmin
from improvements.models import OriginRule
from improvements.rules import LONGEST_DAYS

EXPLAINED = (
    "Lo que ya está abierto conserva su fecha y su responsable; los avisos que falten siguen la regla desde el siguiente. "
    "La supervisión sabe del atraso al día siguiente de la fecha compromiso; cada nivel más arriba, los días de atraso por nivel después."
)
BOUNDS = {"days": (1, LONGEST_DAYS), "verify_days": (1, LONGEST_DAYS), "remind_days": (0, 90), "climb_days": (1, 90)}


class OriginRuleForm(forms.ModelForm):
    class Meta:
        model = OriginRule
        fields = ("opens_itself", "joins", "owner", "days", "verify_days", "remind_days", "climb_days")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, (least, most) in BOUNDS.items():
            value = cleaned.get(name)
            if value is not None and not least <= value <= most:
                self.add_error(name, f"Escriba un número de días entre {least} y {most}.")
        owner = cleaned.get("owner")
        if owner is not None and not (owner.is_active and owner.is_desk):
            self.add_error("owner", "Elija una persona activa de la Mesa de Servicio.")
        return cleaned


@admin.register(OriginRule)
class OriginRuleAdmin(ConfigurationAdmin):
    form = OriginRuleForm
    list_display = ("origin", "opens_itself", "joins", "owner", "days", "verify_days")
    list_display_links = ("origin",)
    list_select_related = ("owner",)
    fieldsets = (
        (None, {"fields": ("opens_itself", "joins", "owner"), "description": EXPLAINED}),
        ("Plazos, en días naturales", {"fields": (("days", "verify_days"), ("remind_days", "climb_days"))}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one for each origin, and origins are the product's."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: OriginRule | None = None) -> bool:
        return False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "owner":
            kwargs["queryset"] = User.objects.desk().filter(is_active=True).order_by("full_name")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
