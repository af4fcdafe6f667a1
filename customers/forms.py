"""Inputs for people: hours as on a clock, and a valid user entered together with their account."""

import re
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.models import User
from accounts.roles import CUSTOMER_ROLES
from customers.models import ValidUser
from customers.models.calendars import MINUTES_A_DAY

HOUR = re.compile(r"^(\d{1,2}):(\d{2})$")
ROLES = [(role.value, role.label) for role in CUSTOMER_ROLES]


class HourField(forms.CharField):
    """«09:00» to a person, 540 minutes after midnight to the product. `until` also admits «24:00»."""

    def __init__(self, *, until: bool = False, **kwargs: Any) -> None:
        self.latest = MINUTES_A_DAY if until else MINUTES_A_DAY - 1
        super().__init__(**{"widget": UnfoldAdminTextInputWidget(attrs={"placeholder": "09:00"}), **kwargs})

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        if isinstance(value, int):
            return value
        found = HOUR.match(str(value).strip())
        minutes = int(found[1]) * 60 + int(found[2]) if found else -1
        if found is None or int(found[2]) > 59 or not 0 <= minutes <= self.latest:
            raise forms.ValidationError("Escriba la hora como 09:00, de 00:00 a 24:00.", code="invalid")
        return minutes

    def prepare_value(self, value: Any) -> Any:
        return f"{value // 60:02}:{value % 60:02}" if isinstance(value, int) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except forms.ValidationError:
            return True


class WindowForm(forms.ModelForm):
    opens = HourField(label="Abre")
    closes = HourField(
        label="Cierra", until=True, help_text="Si es igual o anterior a la apertura, cierra al día siguiente."
    )


class NewValidUserForm(forms.ModelForm):
    """Enters the person and their authorisation at once. They set their own password from the sign-in page."""

    full_name = forms.CharField(label="Nombre completo", max_length=150, widget=UnfoldAdminTextInputWidget)
    email = forms.EmailField(label="Correo", widget=UnfoldAdminEmailInputWidget)
    phone = forms.CharField(label="Teléfono", max_length=30, required=False, widget=UnfoldAdminTextInputWidget)
    role = forms.ChoiceField(label="Rol", choices=ROLES, widget=UnfoldAdminSelectWidget)

    class Meta:
        model = ValidUser
        fields = ("company", "position", "immediate_superior", "authorised_by", "whatsapp_phone", "confirmed_at")

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError("Ya hay una persona con ese correo.")
        return email

    def save(self, commit: bool = True) -> ValidUser:
        row: ValidUser = super().save(commit=False)
        told = self.cleaned_data
        row.user = User.objects.create_user(
            told["email"],
            full_name=told["full_name"],
            role=told["role"],
            phone=told["phone"],
            time_zone=told["company"].time_zone,
        )
        if commit:
            row.save()
        return row
