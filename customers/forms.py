"""Inputs for people: a calendar's hours as on a clock, and a valid user entered together with their account."""

from django import forms
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.models import User
from accounts.roles import CUSTOMER_ROLES
from core.forms import HourField
from customers.models import ValidUser

ROLES = [(role.value, role.label) for role in CUSTOMER_ROLES]


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
