from pathlib import Path

import pytest
from django.conf import settings as project

from channels import about, compose
from channels.models import OutboundMessage
from channels.tasks import send_due
from tickets.services import intake

HOSTILE = "Nómina\u202egnp.exe <script>alert(1)</script> \u200b\"><img src=x onerror=alert(2)> {{ data }} {% now 'Y' %}"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("a\r\nBcc: x@y.z", "a Bcc: x@y.z"),
        ("a\u2028b\x0bc\x00d", "a b cd"),
        ("\u202egnp.exe\u2066x", "gnp.exex"),
        ("ni\u00f1o \U0001f44d\U0001f3fd", "niño \U0001f44d\U0001f3fd"),
        ("  dos   espacios ", "dos espacios"),
        ("\ud800", ""),
    ],
)
def test_a_line_is_one_line_without_what_deceives(typed, shown):
    assert compose.line(typed) == shown


def test_text_keeps_its_lines():
    assert compose.plain("uno\r\ndos\rtres\n\tcuatro\x1b[31m") == "uno\ndos\ntres\n\tcuatro[31m"


def test_hostile_text_stays_text(requester, report, mails, post):
    requester.full_name = "Eve\r\nBcc: todos@example.test <b>X</b>"
    requester.save(update_fields=["full_name"])
    ticket = intake.receive(report(title=HOSTILE, description=HOSTILE + "\n.\nFrom: x"), by=requester, channel="web")
    [row] = mails()
    assert "\u202e" not in row.subject + row.text + row.html
    assert row.subject.startswith(f"[{ticket.number}] Recibimos su ticket: Nóminagnp.exe <script>")
    assert "<script" not in row.html
    assert "<img" not in row.html
    assert "{{ data }}" in row.html
    assert "<b>X" not in row.html
    assert "&lt;" not in row.text
    send_due()
    [mail] = post.received
    assert mail["Bcc"] is None
    assert mail["To"].addresses[0].addr_spec == requester.email
    assert mail["Subject"] == row.subject
    assert "\n.\n" in mail.get_body(("plain",)).get_content().replace("\r\n", "\n").replace("> ", "")


def test_a_subject_has_a_limit(ticket, requester):
    ticket.title = "x" * 200
    written = compose.write(
        "message", reader=requester, about=about.ticket(ticket), context={"author": "Daniela", "said": "Hola"}
    )
    assert len(written.subject) == 200
    assert written.subject.endswith("…")


def test_a_zone_that_does_not_exist_is_read_as_the_desks(requester):
    requester.time_zone = "Luna/Tranquilidad"
    assert str(compose.zone_of(requester)) == "America/Mexico_City"


def test_answers_are_invited_only_where_they_are_read(ticket, mails, settings, requester, report):
    [row] = mails()
    assert (row.reply_to, "No lo conteste" in row.text, "Puede contestarlo" in row.text) == ("", True, False)
    settings.MAIL_REPLY_ADDRESS = "mesa@example.test"
    OutboundMessage.objects.all().delete()
    intake.receive(report(), by=requester, channel="web")
    [row] = mails()
    assert row.reply_to.endswith("@example.test")
    assert ("No lo conteste" in row.text, "Puede contestarlo" in row.text) == (False, True)


FOLDER = Path(project.BASE_DIR) / "templates" / "mail"
KINDS = sorted(path.name.removesuffix(".subject.txt") for path in FOLDER.glob("*.subject.txt"))


@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_has_its_three_parts_and_asks_for_nothing_outside(kind):
    html = (FOLDER / f"{kind}.html").read_text()
    assert (FOLDER / f"{kind}.txt").is_file()
    for forbidden in ("<img", "url(", "<script", "<table", "http://", "https://", "|safe"):
        assert forbidden not in html + (FOLDER / "base.html").read_text()
