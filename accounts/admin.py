"""People and groups. Who may see or change them is `accounts.roles`; nobody gives themselves a role."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import BaseUserCreationForm
from django.contrib.auth.forms import UserChangeForm as DjangoUserChangeForm
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.forms import AdminPasswordChangeForm
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminSelectWidget

from accounts.forms import ShiftForm, ShiftFormSet
from accounts.models import SupportGroup, User, WorkShift
from accounts.roles import Role
from core.admin import ConfigurationAdmin, Rows

ASSIGNABLE = [(role.value, role.label) for role in Role if role is not Role.SYSTEM]
OWN_ACCOUNT = "No puede cambiar su propio rol ni desactivar su propia cuenta. Pídalo a otro administrador."


class ZoneChecked:
    """A zone that nobody knows would break every page of the person."""

    cleaned_data: dict[str, Any]

    def clean_time_zone(self) -> str:
        name: str = self.cleaned_data["time_zone"]
        if name not in available_timezones():
            raise forms.ValidationError(f"«{name}» no es una zona horaria. Escríbala como America/Mexico_City.")
        return name


class PersonForm(ZoneChecked, DjangoUserChangeForm):
    role = forms.ChoiceField(label="Rol", choices=ASSIGNABLE, widget=UnfoldAdminSelectWidget)
    acting: User | None = None

    class Meta:
        model = User
        fields = ("email", "full_name", "role", "phone", "time_zone", "is_active")
        field_classes: dict[str, Any] = {}

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("Ya hay una persona con ese correo.")
        return email

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.acting is not None and self.acting.pk == self.instance.pk:
            if self.cleaned_data.get("role") != self.acting.role:
                self.add_error("role", OWN_ACCOUNT)
            if not self.cleaned_data.get("is_active"):
                self.add_error("is_active", OWN_ACCOUNT)
        return cleaned


class NewPersonForm(ZoneChecked, BaseUserCreationForm):
    role = forms.ChoiceField(label="Rol", choices=ASSIGNABLE, widget=UnfoldAdminSelectWidget)

    class Meta:
        model = User
        fields = ("email", "full_name", "role", "phone", "time_zone")
        field_classes: dict[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("password1", "password2"):
            self.fields[name].widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError("Ya hay una persona con ese correo.")
        return email


class Shifts(Rows):
    """When the person is told of what can wait. Each row bears its shift as a sentence, «Lunes 9:00 a 18:00»."""

    model = WorkShift
    form = ShiftForm
    formset = ShiftFormSet
    verbose_name_plural = "Turnos (sin turnos, trabaja el horario estándar de la Mesa)"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """To who may only look, the sentence says the hours."""
        hours = ("weekday", "starts", "ends") if self.has_change_permission(request, obj) else ()
        return (*hours, "works_on_holidays")


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ConfigurationAdmin):
    form = PersonForm
    add_form = NewPersonForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("full_name", "email", "role", "is_active")
    list_filter = ("role", "is_active")
    search_fields = ("full_name", "email")
    ordering = ("full_name",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "created_at")
    fieldsets = (
        (None, {"fields": ("full_name", "email", "role", "is_active")}),
        ("Contacto", {"fields": ("phone", "time_zone")}),
        ("Acceso", {"fields": ("password", "last_login", "created_at")}),
    )
    add_fieldsets = (
        (None, {"fields": ("full_name", "email", "role", "phone", "time_zone", "password1", "password2")}),
    )

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        """Only who works for the desk has shifts."""
        return (Shifts,) if obj is not None and obj.is_desk else ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """SYSTEM is nobody's to edit."""
        return super().get_queryset(request).exclude(role=Role.SYSTEM)

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        if obj is not None:
            form.acting = request.user
        return form

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """People stay in the history of what they did: they are deactivated."""
        return False


@admin.register(SupportGroup)
class SupportGroupAdmin(ConfigurationAdmin):
    list_display = ("name", "level", "is_active")
    list_filter = ("level", "is_active")
    search_fields = ("name",)
    filter_horizontal = ("members",)
    fields = ("name", "level", "is_active", "members")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "members":
            kwargs["queryset"] = User.objects.desk().filter(is_active=True)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: SupportGroup | None = None) -> bool:
        """A group stays on the tickets that it solved: it is deactivated."""
        return False
