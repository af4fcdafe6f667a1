"""One's own account: the second factor's pages are the desk's, in its words; and how the framework writes a date."""

from datetime import UTC, date, datetime

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.utils import formats, timezone

pytestmark = pytest.mark.django_db


def confirm(client, person) -> None:
    person.set_password("muy-larga-y-propia-2026")
    person.save(update_fields=["password"])
    client.force_login(person)
    client.post("/cuenta/confirmar-identidad/", {"password": "muy-larga-y-propia-2026"})


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/cuenta/segundo-factor/", "Activar el segundo factor"),
        ("/cuenta/segundo-factor/aplicacion/activar/", "Código QR con la clave"),
    ],
)
def test_the_second_factors_pages_are_dressed(client, agent, address, words):
    confirm(client, agent)
    page = client.get(address)
    assert page.status_code == 200
    text = page.content.decode()
    assert words in text
    assert 'class="sd-head"' in text


def test_who_has_a_second_factor_reads_their_codes_and_may_leave_it(client, agent):
    confirm(client, agent)
    TOTP.activate(agent, "JBSWY3DPEHPK3PXP")
    assert "Su cuenta pide un código al entrar" in client.get("/cuenta/segundo-factor/").content.decode()
    off = client.get("/cuenta/segundo-factor/aplicacion/desactivar/").content.decode()
    assert "Desactivar el segundo factor" in off
    assert "Generar los códigos" in client.get("/cuenta/segundo-factor/codigos/nuevos/").content.decode()


def test_dates_are_short_and_in_lower_case():
    with timezone.override(UTC):
        assert formats.date_format(date(2026, 9, 24), "DATE_FORMAT") == "24 sep 2026"
        moment = formats.date_format(datetime(2026, 9, 24, 5, 52, tzinfo=UTC), "DATETIME_FORMAT")
    assert moment == "24 sep 2026, 5:52"
