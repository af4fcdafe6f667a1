"""Signing in, and the forms of one's own account, in the portal's words."""

from typing import Any

from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
)
from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.roles import Role

NOT_CUSTOMER = "Esta entrada es para clientes. El personal de la Mesa de Servicio entra por la consola, en /admin/."


class SignInForm(LoginForm):
    """allauth's form in the portal's words. Says that an account belongs to the desk only to whoever knows its password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login, password = self.fields["login"], self.fields["password"]
        login.label, password.label, password.help_text = "Correo de trabajo", "Contraseña", ""
        login.error_messages["required"] = "Escriba su correo."
        login.error_messages["invalid"] = "Escriba un correo completo, como nombre@compania.com."
        password.error_messages["required"] = "Escriba su contraseña."
        login.widget.attrs = {"autocomplete": "username", "inputmode": "email", "autofocus": True}
        password.widget.attrs = {"autocomplete": "current-password"}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if self.user is not None and not self.user.is_customer:
            raise ValidationError(NOT_CUSTOMER, code="not_customer")
        return cleaned


class PlainFields:
    """Labels say what a field is, so no placeholder repeats it; the password's rules in one sentence."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.help_text = RULES if name == "password1" else ""


RULES = "Al menos 12 caracteres; ni su nombre, ni su correo, ni una contraseña de uso común."


class ChangePassword(PlainFields, ChangePasswordForm):
    pass


class SetPassword(PlainFields, SetPasswordForm):
    pass


class ForgottenPassword(PlainFields, ResetPasswordForm):
    users: list[User]

    def clean_email(self) -> str:
        """SYSTEM is nobody, so nobody may choose a password for it."""
        email: str = super().clean_email()
        self.users = [person for person in self.users if person.role != Role.SYSTEM]
        return email


class NewPassword(PlainFields, ResetPasswordKeyForm):
    pass


class ConfirmIdentity(PlainFields, ReauthenticateForm):
    pass
