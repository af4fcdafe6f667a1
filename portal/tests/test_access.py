"""Who may come in, and that what is not theirs does not exist for them."""

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.services import system_actor
from customers.models import ValidUser
from portal.urls import urlpatterns
from tickets.models import Attachment
from tickets.services import conversation, triage

pytestmark = pytest.mark.django_db

PASSWORD = "una frase larga de paso"
OPEN = {
    "sign-in",
    "sign-out",
    "validate",
    "escalation",
    "voice-contact",
    "voice-contact-file",
    "survey",
    "nps",
    "contact",
    "gallery",
}


@pytest.fixture(autouse=True)
def no_guesses_so_far():
    cache.clear()


@pytest.fixture
def attachment(ticket, requester):
    upload = SimpleUploadedFile("cap\u202etura.html", b"<script>alert(1)</script>", content_type="text/html")
    return conversation.attach(ticket, by=requester, files=[upload])[0]


def addresses(ticket, attachment):
    """One address for each name of the portal; a new name without arguments here fails."""
    given = {"number": ticket.number, "attachment_id": attachment.pk, "file_id": 1, "item_id": 1, "token": "x"}
    return {
        pattern.name: reverse(
            f"portal:{pattern.name}", kwargs={name: given[name] for name in pattern.pattern.converters}
        )
        for pattern in urlpatterns
    }


def test_nobody_reads_a_page_without_signing_in(client, ticket, attachment):
    for name, address in addresses(ticket, attachment).items():
        if name in OPEN:
            continue
        for answer in (client.get(address), client.post(address)):
            assert answer.status_code in (302, 405), name
            if answer.status_code == 302:
                assert answer["Location"].startswith("/entrar/"), name


def test_the_desk_is_shown_the_way_to_the_console(client, agent, ticket, attachment):
    client.force_login(agent)
    for name, address in addresses(ticket, attachment).items():
        if name in OPEN | {"file", "voice-file", "preview", "suggestions", "vote", "take-back"}:
            continue
        answer = client.get(address)
        assert (name, answer.status_code) == (name, 403)
        assert "/admin/" in answer.content.decode()


@pytest.mark.parametrize("stranger", ["outsider", "colleague"])
def test_a_foreign_ticket_and_an_absent_one_give_the_same_404(client, request, stranger, ticket, attachment):
    client.force_login(request.getfixturevalue(stranger))
    for foreign, absent in [
        (f"/asuntos/{ticket.number}/", "/asuntos/T9999999/"),
        (f"/archivos/{attachment.pk}/", "/archivos/999999/"),
    ]:
        one, other = client.get(foreign), client.get(absent)
        assert (one.status_code, other.status_code) == (404, 404)
        assert one.content == other.content


@pytest.mark.parametrize("act", ["comentar", "aceptar", "rechazar", "cancelar"])
@pytest.mark.parametrize("stranger", ["outsider", "colleague"])
def test_nobody_acts_on_a_foreign_ticket(client, request, stranger, act, ticket, agent):
    triage.open(ticket, by=agent)
    before = ticket.events.count()
    client.force_login(request.getfixturevalue(stranger))
    data = {"message": "hola", "reason": "porque sí"}
    assert client.post(f"/asuntos/{ticket.number}/{act}/", data).status_code == 404
    assert ticket.events.count() == before


def test_no_page_of_a_stranger_holds_a_byte_of_the_ticket(client, outsider, ticket, attachment):
    client.force_login(outsider)
    for address in (
        "/",
        "/asuntos/?vista=compania",
        "/asuntos/?q=nómina",
        "/buscar/?q=timbra",
        f"/buscar/?q={ticket.number}",
    ):
        page = client.get(address).content.decode()
        assert ticket.title not in page
        assert f"/asuntos/{ticket.number}/" not in page
    answer = client.get("/levantar/parecidos/", {"title": ticket.title})
    assert ticket.number not in answer.content.decode()


def test_a_representative_reads_the_tickets_of_the_company(client, representative, ticket):
    client.force_login(representative)
    assert client.get(f"/asuntos/{ticket.number}/").status_code == 200


@pytest.mark.parametrize("number", ["T" + "9" * 15, "T99999999999999999999", "1; DROP TABLE", "%00", "ñ", "0"])
def test_numbers_that_are_none_are_not_found(client, requester, number):
    client.force_login(requester)
    assert client.get(f"/asuntos/{number}/").status_code == 404


def test_a_file_is_handed_out_as_bytes_to_save_and_never_to_run(client, requester, attachment):
    client.force_login(requester)
    answer = client.get(f"/archivos/{attachment.pk}/")
    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="captura.html"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]


def test_a_file_of_an_internal_note_is_not_there_for_the_customer(client, requester, agent, ticket):
    conversation.note(ticket, by=agent, message="Interno.", files=[SimpleUploadedFile("nota.txt", b"x")])
    row = Attachment.objects.get()
    client.force_login(requester)
    assert client.get(f"/archivos/{row.pk}/").status_code == 404
    client.force_login(agent)
    assert client.get(f"/archivos/{row.pk}/").status_code == 200


def test_who_left_the_company_sees_nothing_any_more(client, requester, ticket, attachment):
    client.force_login(requester)
    ValidUser.objects.filter(user=requester).delete()
    assert client.get(f"/asuntos/{ticket.number}/").status_code == 404
    assert client.get(f"/archivos/{attachment.pk}/").status_code == 404
    assert ticket.title not in client.get("/").content.decode()


def test_a_deactivated_person_is_out_at_once(client, requester, ticket):
    client.force_login(requester)
    requester.is_active = False
    requester.save(update_fields=["is_active"])
    assert client.get(f"/asuntos/{ticket.number}/").status_code == 302


def test_pages_forbid_framing_and_keep_out_of_caches(client, requester):
    client.force_login(requester)
    answer = client.get("/")
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "private, no-store"


@pytest.fixture
def signed_up(requester):
    requester.set_password(PASSWORD)
    requester.save(update_fields=["password"])
    return requester


def test_a_customer_signs_in_by_mail_and_goes_on_where_they_were_going(client, signed_up):
    answer = client.post(
        "/entrar/", {"login": signed_up.email.upper(), "password": PASSWORD, "next": "/asuntos/?vista=cerrados"}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/asuntos/?vista=cerrados")
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "target", ["https://malo.example/", "//malo.example", "javascript:alert(1)", "\\\\malo.example"]
)
def test_the_sign_in_leads_to_no_other_site(client, signed_up, target):
    answer = client.post("/entrar/", {"login": signed_up.email, "password": PASSWORD, "next": target})
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_the_desk_is_refused_at_the_customers_door_only_after_its_password(client, agent):
    agent.set_password(PASSWORD)
    agent.save(update_fields=["password"])
    wrong = client.post("/entrar/", {"login": agent.email, "password": "otra cosa distinta"}).content.decode()
    right = client.post("/entrar/", {"login": agent.email, "password": PASSWORD}).content.decode()
    assert "/admin/" not in wrong
    assert "entra por la consola, en /admin/" in right
    assert client.get("/").status_code == 302


def test_empty_fields_are_explained_in_place(client):
    page = client.post("/entrar/", {}).content.decode()
    assert "Escriba su correo." in page
    assert "Escriba su contraseña." in page


def test_guessing_a_password_is_stopped(client, signed_up):
    for _ in range(5):
        client.post("/entrar/", {"login": signed_up.email, "password": "no es ésta"})
    client.post("/entrar/", {"login": signed_up.email, "password": PASSWORD})
    assert client.get("/").status_code == 302


def test_going_out_takes_a_post(client, requester):
    client.force_login(requester)
    assert "¿Quiere salir?" in client.get("/salir/").content.decode()
    assert client.get("/").status_code == 200
    assert client.post("/salir/")["Location"] == "/entrar/"
    assert client.get("/").status_code == 302


def test_changing_the_password_ends_the_session(client, signed_up):
    client.force_login(signed_up)
    new = "otra frase muy distinta"
    data = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client.post("/cuenta/clave/", data).status_code == 302
    assert client.get("/").status_code == 302
    assert client.post("/entrar/", {"login": signed_up.email, "password": new})["Location"] == "/"


def test_a_forgotten_password_answers_the_same_to_strangers_and_mails_only_people(client, signed_up, mailoutbox):
    for address in ("nadie@example.test", signed_up.email):
        assert (
            client.post("/cuenta/clave/olvidada/", {"email": address})["Location"] == "/cuenta/clave/olvidada/enviada/"
        )
    assert [message.to for message in mailoutbox] == [[signed_up.email]]
    link = next(word for word in mailoutbox[0].body.split() if "/cuenta/clave/restablecer/" in word)
    assert "Mesa de Servicio" in mailoutbox[0].body
    form = client.get(link, follow=True)
    assert "Elegir otra contraseña" in form.content.decode()


def test_a_page_that_failed_csrf_says_what_to_do(requester):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(requester)
    answer = strict.post("/levantar/", {"title": "x"})
    assert answer.status_code == 403
    assert "La página caducó" in answer.content.decode()


def test_a_fragment_asked_for_without_a_session_sends_to_the_sign_in(client):
    answer = client.get("/levantar/parecidos/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/entrar/")


def test_a_forgotten_password_is_answered_alike_and_only_people_get_a_link(client, requester, mailoutbox):
    answers = [
        client.post("/cuenta/clave/olvidada/", {"email": email})
        for email in (requester.email, "nadie@example.com", system_actor().email)
    ]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {
        (302, "/cuenta/clave/olvidada/enviada/")
    }
    assert [mail.to for mail in mailoutbox] == [[requester.email]]
