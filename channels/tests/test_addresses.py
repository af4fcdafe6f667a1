import pytest

from channels import addresses
from tickets.services import intake


def test_without_a_mailbox_there_is_no_reply_address(ticket):
    assert addresses.reply_address(ticket) == ""


def test_the_reply_address_names_and_signs_the_ticket(ticket, settings):
    settings.MAIL_REPLY_ADDRESS = "mesa@example.test"
    address = addresses.reply_address(ticket)
    local, _, host = address.partition("@")
    assert host == "example.test"
    assert local.startswith(f"mesa+{ticket.number.lower()}-")
    assert len(local) <= 64
    assert addresses.is_signed(ticket, address)
    assert addresses.is_signed(ticket, address.upper())


def test_only_the_tickets_own_address_is_signed(ticket, requester, report, settings):
    settings.MAIL_REPLY_ADDRESS = "mesa@example.test"
    other = intake.receive(report(), by=requester, channel="web")
    assert not addresses.is_signed(ticket, addresses.reply_address(other))
    forged = addresses.reply_address(other).replace(other.number.lower(), ticket.number.lower())
    assert not addresses.is_signed(ticket, forged)


@pytest.mark.parametrize("address", ["", "@", "mesa@x", "mesa+@x", "mesa+t0000001-@x", "mesa+t0000001-\ud800@x", "+-@"])
def test_nonsense_is_not_signed(ticket, address):
    assert not addresses.is_signed(ticket, address)


def test_a_reply_address_outlives_a_change_of_the_secret_key(ticket, settings):
    settings.MAIL_REPLY_ADDRESS = "mesa@example.test"
    address = addresses.reply_address(ticket)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-key-" * 5
    assert addresses.is_signed(ticket, address)
    settings.SECRET_KEY_FALLBACKS = []
    assert not addresses.is_signed(ticket, address)
