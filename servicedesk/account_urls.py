"""The pages of one's own account that the product offers. Sign-in and sign-out are the front ends' own; signing up does not exist."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from django.urls import path
from django.views.generic import RedirectView

urlpatterns = [
    # allauth sends people to its own names; these two lead on to the portal's pages.
    path("entrar/", RedirectView.as_view(url="/entrar/", query_string=True), name="account_login"),
    path("salir/", RedirectView.as_view(url="/salir/"), name="account_logout"),
    path("inactiva/", account.account_inactive, name="account_inactive"),
    path("confirmar-identidad/", account.reauthenticate, name="account_reauthenticate"),
    path("clave/", account.password_change, name="account_change_password"),
    path("clave/nueva/", account.password_set, name="account_set_password"),
    path("clave/olvidada/", account.password_reset, name="account_reset_password"),
    path("clave/olvidada/enviada/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "clave/restablecer/<slug:uidb36>-<str:key>/",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "clave/restablecida/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("segundo-factor/", mfa.index, name="mfa_index"),
    path("segundo-factor/entrar/", mfa.authenticate, name="mfa_authenticate"),
    path("segundo-factor/confirmar/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("segundo-factor/aplicacion/activar/", totp.activate_totp, name="mfa_activate_totp"),
    path("segundo-factor/aplicacion/desactivar/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("segundo-factor/codigos/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("segundo-factor/codigos/nuevos/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("segundo-factor/codigos/descargar/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
]
