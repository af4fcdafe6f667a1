"""How the console's theme is dressed: our palette, our style sheets, the links of one's own account."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

WEIGHTS = ("50", "100", "200", "300", "400", "500", "600", "700", "800", "900", "950")
BASE = "#fbfaf8 #f6f5f1 #dfdcd3 #b8bfcd #98a1b2 #61656f #474b56 #2c3342 #202632 #171b24 #0f1219"
PRIMARY = "#f3f6fd #e9eefb #cfd9fb #a3baff #6f8ff0 #3c61d8 #1c43b0 #15358f #16296b #131b38 #0d1120"


def base(request: HttpRequest) -> dict[str, str]:
    return dict(zip(WEIGHTS, BASE.split(), strict=True))


def primary(request: HttpRequest) -> dict[str, str]:
    return dict(zip(WEIGHTS, PRIMARY.split(), strict=True))


def tokens(request: HttpRequest) -> str:
    return static("sd/tokens.css")


def parts(request: HttpRequest) -> str:
    return static("sd/ui.css")


def own(request: HttpRequest) -> str:
    return static("sd/console.css")


def first_error(request: HttpRequest) -> str:
    return static("sd/first-error.js")


def favicon(request: HttpRequest) -> str:
    return static("sd/icon.svg")


def account(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {"title": "Cambiar contraseña", "link": reverse("account_change_password")},
        {"title": "Segundo factor", "link": reverse("mfa_index")},
    ]
