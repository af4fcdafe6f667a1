"""The embedded desk's post."""

import email
from email.policy import default

from channels.models import OutboundMessage
from channels.tasks import send_due


def test_each_mail_is_one_file_that_a_mail_program_opens(ticket, mails, settings, tmp_path):
    settings.EMAIL_BACKEND = "channels.transports.files.EmailBackend"
    settings.MAIL_DIR = tmp_path / "mail"
    [row] = mails()
    assert send_due() == 1
    [path] = settings.MAIL_DIR.iterdir()
    assert path.name.startswith("20260310T160000Z-requester@example.test-")
    assert path.suffix == ".eml"
    mail = email.message_from_bytes(path.read_bytes(), policy=default)
    assert (mail["Subject"], mail["Message-ID"]) == (row.subject, row.message_id)


def test_a_mail_sent_again_replaces_itself(ticket, mails, settings, tmp_path, now):
    settings.EMAIL_BACKEND = "channels.transports.files.EmailBackend"
    settings.MAIL_DIR = tmp_path
    mails()
    send_due()
    OutboundMessage.objects.update(state="pending")
    assert send_due() == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_a_hostile_address_cannot_leave_the_folder(ticket, mails, settings, tmp_path):
    settings.EMAIL_BACKEND = "channels.transports.files.EmailBackend"
    settings.MAIL_DIR = tmp_path / "mail"
    mails()
    OutboundMessage.objects.update(address="../../x@example.test")
    send_due()
    assert [path.parent for path in tmp_path.rglob("*.eml")] == [settings.MAIL_DIR]
