"""The console's sign-in: allauth's limits and second factor, the desk only, and leaving by POST."""

import pytest
from django.core.cache import cache
from django.test import Client

pytestmark = pytest.mark.django_db
PASSWORD = "una frase larga 7"


@pytest.fixture(autouse=True)
def no_limits_left_over():
    cache.clear()
    yield
    cache.clear()


def with_password(person):
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])
    return person


def enter(client: Client, person, password=PASSWORD, **more):
    return client.post("/admin/login/", {"login": person.email, "password": password, **more})


def test_a_member_of_the_desk_enters_and_goes_where_they_were_going(client, agent):
    response = enter(client, with_password(agent), next="/admin/customers/company/")
    assert response["Location"] == "/admin/customers/company/"
    assert client.get("/admin/").status_code == 302
    assert client.get("/admin/tickets/ticket/").status_code == 200


@pytest.mark.parametrize("target", ["https://malo.example/", "//malo.example", "javascript:alert(1)"])
def test_the_way_on_is_never_another_site(client, agent, target):
    assert enter(client, with_password(agent), next=target)["Location"] == "/admin/"


@pytest.mark.parametrize("who", ["requester", "representative"])
def test_a_customer_is_told_where_the_portal_is_and_does_not_enter(who, request, client):
    response = enter(client, with_password(request.getfixturevalue(who)))
    assert "Sus tickets están en el portal" in response.content.decode()
    assert client.get("/admin/tickets/ticket/")["Location"].startswith("/admin/login/")
    assert "_auth_user_id" not in client.session


def test_a_customer_with_a_wrong_password_learns_nothing_of_their_account(client, requester):
    text = enter(client, with_password(requester), password="otra cosa 123").content.decode()
    assert "personal de la Mesa" not in text.split("<form", 1)[1]
    assert "Sus tickets están en el portal" not in text


def test_too_many_wrong_passwords_close_the_door_even_to_the_right_one(client, agent):
    with_password(agent)
    for _ in range(6):
        enter(client, agent, password="equivocada 123")
    enter(client, agent)
    assert "_auth_user_id" not in client.session


def test_a_second_factor_is_asked_for(client, agent):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(with_password(agent), generate_totp_secret())
    response = enter(client, agent)
    assert response["Location"].startswith("/cuenta/segundo-factor/entrar/")
    assert "_auth_user_id" not in client.session


def test_signing_out_is_a_post(client, agent):
    client.force_login(agent)
    assert client.get("/admin/logout/").status_code == 405
    assert "_auth_user_id" in client.session
    assert client.post("/admin/logout/")["Location"] == "/admin/login/"
    assert "_auth_user_id" not in client.session


def test_the_console_may_not_be_framed_and_loads_nothing_from_outside(client, agent):
    client.force_login(agent)
    response = client.get("/admin/tickets/ticket/")
    policy = response["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert response["X-Frame-Options"] == "DENY"
    assert "http://" not in policy
    assert "https://" not in policy
    assert "script-src 'self' 'unsafe-eval'" in policy
