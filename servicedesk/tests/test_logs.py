import pytest
from django.test import RequestFactory

from servicedesk import logs


@pytest.mark.parametrize(
    ("address", "logged"),
    [
        ("/tickets/T0000012/", "GET /tickets/T0000012/"),
        ("/tickets/?q=RFC+XAXX010101000", "GET /tickets/"),
        ("/cuenta/clave/restablecer/3-d2k1a9-0123456789abcdef0123456789abcdef/", "GET /cuenta/clave/restablecer/…/"),
    ],
)
def test_a_request_is_logged_without_its_query_or_its_tokens(rf: RequestFactory, address: str, logged: str) -> None:
    assert logs.RequestLog.format_request(rf.get(address)) == logged


def test_the_address_of_a_caller_is_not_what_the_caller_claims(rf: RequestFactory, settings) -> None:
    request = rf.get("/", headers={"x-forwarded-for": "1.2.3.4"}, REMOTE_ADDR="9.9.9.9")
    assert logs.client_ip(request) == "9.9.9.9"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert logs.client_ip(request) == "1.2.3.4"


def test_an_unknown_style_of_logs_stops_the_start() -> None:
    with pytest.raises(ValueError, match="LOG_FORMAT must be console or json"):
        logs.configure("xml", 20)
