import pytest
from django.test import Client


def policy(client: Client, address: str) -> dict[str, str]:
    header = client.get(address)["Content-Security-Policy"]
    return {name: value for name, _, value in (part.strip().partition(" ") for part in header.split(";"))}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/entrar/", "/cuenta/clave/olvidada/", "/api/v1/", "/no-existe"])
def test_the_policy_is_strict(client: Client, address: str) -> None:
    found = policy(client, address)
    assert (found["default-src"], found["script-src"], found["style-src"]) == ("'none'", "'self'", "'self'")
    assert (found["frame-ancestors"], found["base-uri"], found["form-action"]) == ("'none'", "'none'", "'self'")


@pytest.mark.django_db
def test_only_the_console_may_evaluate_expressions(client: Client) -> None:
    found = policy(client, "/admin/")
    assert (found["script-src"], found["style-src"]) == ("'self' 'unsafe-eval'", "'self' 'unsafe-inline'")
    assert (found["default-src"], found["frame-ancestors"]) == ("'none'", "'none'")
    assert "unsafe" not in str(policy(client, "/administracion/"))


@pytest.mark.django_db
def test_every_answer_carries_the_other_guards(client: Client) -> None:
    response = client.get("/entrar/")
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
