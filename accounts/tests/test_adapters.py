import pytest
from allauth.core import context
from cryptography.fernet import InvalidToken
from django.test import RequestFactory

from accounts.adapters import AccountAdapter, MFAAdapter
from accounts.models import User
from accounts.roles import Role


def test_second_factor_secrets_are_not_stored_in_clear() -> None:
    stored = MFAAdapter().encrypt("JBSWY3DPEHPK3PXP")
    assert "JBSWY3DPEHPK3PXP" not in stored
    assert MFAAdapter().decrypt(stored) == "JBSWY3DPEHPK3PXP"


def test_they_outlive_a_change_of_the_key_that_keeps_the_old_one(settings) -> None:
    stored = MFAAdapter().encrypt("JBSWY3DPEHPK3PXP")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a new key, quite different"
    assert MFAAdapter().decrypt(stored) == "JBSWY3DPEHPK3PXP"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(InvalidToken):
        MFAAdapter().decrypt(stored)


def test_nobody_signs_up_alone(rf: RequestFactory) -> None:
    assert AccountAdapter().is_open_for_signup(rf.get("/")) is False


@pytest.mark.django_db
@pytest.mark.parametrize(("password", "accepted"), [("una clave larga", True), ("otra clave larga", False)])
def test_a_person_confirms_who_they_are_with_their_password(rf: RequestFactory, password: str, accepted: bool) -> None:
    person = User.objects.create_user("ana@example.com", "una clave larga", full_name="Ana", role=Role.AGENT)
    with context.request_context(rf.post("/")):
        assert AccountAdapter().reauthenticate(person, password) is accepted
