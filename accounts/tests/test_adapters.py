import pytest
from cryptography.fernet import InvalidToken
from django.test import RequestFactory

from accounts.adapters import AccountAdapter, MFAAdapter


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
