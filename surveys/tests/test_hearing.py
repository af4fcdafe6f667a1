"""Who may complain, of what, and what is made of hostile input."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.errors import InvalidInput, Refused
from customers.models import Contract, ValidUser
from surveys.models import Voice, VoiceFile
from surveys.services import hearing
from tickets.services import intake

pytestmark = pytest.mark.django_db


def refused(draft, by, channel: str = "web") -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        hearing.receive(draft, by=by, channel=channel)
    assert not Voice.objects.exists()
    return caught.value


def test_who_is_no_valid_user_does_not_complain(requester, agent, matrices, draft, now):
    with pytest.raises(Refused) as caught:
        hearing.receive(draft(), by=agent, channel="web")
    assert caught.value.code == "not_valid_user"
    ValidUser.objects.update(status="suspended")
    with pytest.raises(Refused) as caught:
        hearing.receive(draft(), by=requester, channel="web")
    assert caught.value.code == "suspended"


def test_nor_without_a_contract_in_force(requester, matrices, draft, now):
    Contract.objects.update(ends_on="2026-03-09")
    with pytest.raises(Refused) as caught:
        hearing.receive(draft(), by=requester, channel="web")
    assert caught.value.code == "no_contract"


def test_a_representative_speaks_for_a_colleague_and_a_requester_does_not(
    requester, colleague, representative, outsider, matrices, draft, now
):
    row = hearing.receive(draft(author=requester), by=representative, channel="web")
    assert (row.author, row.recorded_by) == (requester, representative)
    for by, author in ((requester, colleague), (requester, outsider), (representative, outsider)):
        with pytest.raises(InvalidInput) as caught:
            hearing.receive(draft(author=author), by=by, channel="web")
        assert set(caught.value.errors) == {"author"}


def test_every_fault_is_named_at_once(requester, matrices, draft, now):
    wrong = draft(kind="", subject=" ", body="", area="Ninguna", files=[SimpleUploadedFile("vacio.txt", b"")])
    assert set(refused(wrong, requester).errors) == {"kind", "subject", "body", "area", "files"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"body": "x" * 2_000_000}, "body"),
        ({"subject": "x" * 201}, "subject"),
        ({"subject": "\u202e\u200b\x00"}, "subject"),
        ({"body": "\x00\u200b \n"}, "body"),
        ({"direction": "x" * 5000}, "direction"),
        ({"area": "Infraestructura"}, "area"),
    ],
)
def test_what_cannot_be_kept_is_refused_on_its_field(requester, matrices, draft, now, change, field):
    assert set(refused(draft(**change), requester).errors) == {field}


def test_control_characters_are_left_out_and_markup_is_text(requester, matrices, draft, now):
    row = hearing.receive(
        draft(subject="Una\x00 \u202elínea\r\ndos", body="<script>alert(1)</script>\x00\r\nfin \ud800"),
        by=requester,
        channel="web",
    )
    assert row.subject == "Una línea dos"
    assert row.body == "<script>alert(1)</script>\nfin ?"


def test_a_ticket_is_the_authors_to_see(requester, colleague, representative, outsider, report, matrices, draft, now):
    theirs = intake.receive(report(), by=outsider, channel="web")
    of_a_colleague = intake.receive(report(), by=colleague, channel="web")
    for ticket in (theirs, of_a_colleague):
        assert set(refused(draft(ticket=ticket), requester).errors) == {"ticket"}
    row = hearing.receive(draft(ticket=of_a_colleague), by=representative, channel="web")
    assert row.ticket == of_a_colleague


def test_the_desk_does_not_attach_a_ticket_that_the_author_does_not_see(
    requester, agent, outsider, report, matrices, draft, now
):
    theirs = intake.receive(report(), by=outsider, channel="web")
    assert set(refused(draft(ticket=theirs, author=requester), agent, "phone").errors) == {"ticket"}


def test_whatsapp_needs_the_contract(requester, agent, matrices, draft, contract, now):
    assert set(refused(draft(author=requester), agent, "whatsapp").errors) == {"channel"}
    contract.whatsapp_authorised = True
    contract.save()
    assert hearing.receive(draft(author=requester), by=agent, channel="whatsapp").channel == "whatsapp"


def test_too_many_files_keep_nothing(requester, matrices, draft, now):
    files = [SimpleUploadedFile(f"{i}.txt", b"x") for i in range(11)]
    assert set(refused(draft(files=files), requester).errors) == {"files"}
    assert not VoiceFile.objects.exists()


def test_a_files_name_shows_no_path(requester, matrices, draft, now):
    hearing.receive(draft(files=[SimpleUploadedFile("..\\..\\a\u202etxt.exe", b"x")]), by=requester, channel="web")
    row = VoiceFile.objects.get()
    assert row.name == "atxt.exe"
    assert "exe" not in row.file.name
