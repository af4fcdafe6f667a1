"""A complaint's page and the lists of complaints and suggestions: what each reader sees and may do (guide 2.2, 3.13)."""

import re
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.services import system_actor
from core import clock
from customers.models import ValidUser
from improvements.models import CorrectiveAction
from surveys.models import Voice, VoiceFile
from surveys.services import hearing, voices
from surveys.services.hearing import Draft

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("matrices", "now")]
CUSTOMERS, AREA = "Dirección de Servicio al Cliente", "Service Delivery"
ANSWER = "Ya hablamos con el equipo y no se repetirá."


@pytest.fixture
def complain(requester):
    """`complain(author=…)`: a complaint of the requester about «Service Delivery»."""

    def build(author=requester, **changes) -> Voice:
        words = {"kind": "complaint", "subject": "Nadie contesta", "body": "Llamé tres veces el lunes."}
        draft = Draft(**{**words, "direction": CUSTOMERS, "area": AREA, **changes})
        return hearing.receive(draft, by=author, channel="web")

    return build


@pytest.fixture
def voice(complain) -> Voice:
    return complain()


@pytest.fixture
def answered(voice) -> Voice:
    return voices.answer(voice, by=system_actor(), name="Paola Quintana Ruiz", text=ANSWER)


def text_of(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def page_of(client, person, row) -> str:
    client.force_login(person)
    return text_of(client.get(f"/quejas/{row.number}/"))


def send(client, row, act, **data):
    return client.post(f"/quejas/{row.number}/{act}/", {"version": row.version, "key": str(uuid.uuid4()), **data})


# -- the page ----------------------------------------------------------------------------------------------------------


def test_the_page_says_who_has_it_and_until_when(client, requester, voice):
    page = page_of(client, requester, voice)
    assert "Recibida, hoy 10:00 Acuse de recibo En análisis Respondida Cerrada" in page
    step = voice.steps.get()
    assert "Paola Quintana Ruiz (Gerente Service Delivery) debe acusar recibo antes de hoy" in page
    assert step.answer_by is not None
    assert "Nivel 1 de 2" in page
    assert "Marta Quiroga Vela" in page


def test_who_stands_in_is_told_from_whom_they_stand_in_for(client, requester, voice):
    voice.steps.update(instead_of="Julio Bernal Ortiz")
    page = page_of(client, requester, voice)
    assert (
        "Paola Quintana Ruiz (Gerente Service Delivery), en ausencia de Julio Bernal Ortiz, debe acusar recibo" in page
    )


def test_an_answer_asks_for_the_customers_word(client, requester, answered):
    page = page_of(client, requester, answered)
    assert "¿Está de acuerdo con la respuesta?" in page
    assert page.count(ANSWER) == 2
    assert "La revisa el nivel 2: Marta Quiroga Vela (Director de Servicio al Cliente)." in page
    assert "Si no responde, se cierra sola" in page


def test_agreeing_closes_it(client, requester, answered):
    client.force_login(requester)
    assert send(client, answered, "conforme")["Location"] == f"/quejas/{answered.number}/"
    answered.refresh_from_db()
    assert (answered.state, answered.ending) == ("closed", "agreed")
    page = page_of(client, requester, answered)
    assert (page.count("Quién la atendió"), page.count("Quién la atiende")) == (1, 0)
    assert "Usted quedó conforme" in page
    assert "Estoy de acuerdo" not in page


def test_an_appeal_goes_to_the_next_level_and_keeps_the_answer_in_the_story(client, requester, answered):
    client.force_login(requester)
    missing = send(client, answered, "inconforme", reason=" ")
    assert missing.status_code == 422
    assert "Escriba con qué no está conforme." in missing.content.decode()
    send(client, answered, "inconforme", reason="Sigue igual.")
    page = page_of(client, requester, answered)
    assert "Nivel 2 de 2" in page
    assert "No está conforme con la respuesta" in page
    assert "Sigue igual." in page
    assert ANSWER in page
    assert Voice.objects.get().state == "in_analysis"


def test_the_last_levels_second_answer_is_final(client, requester, answered):
    for _ in range(2):
        voices.appeal(answered, by=requester, reason="No.")
        voices.answer(answered, by=system_actor(), text="Lo mismo.")
        answered.refresh_from_db()
    page = page_of(client, requester, answered)
    assert "Es la respuesta definitiva" in page
    assert "No estoy conforme" not in page


def test_it_can_be_withdrawn_without_a_reason(client, requester, voice):
    client.force_login(requester)
    send(client, voice, "retirar", reason="")
    voice.refresh_from_db()
    assert voice.ending == "withdrawn"
    assert "Se retiró" in page_of(client, requester, voice)


def test_a_comment_with_its_file_is_read_and_handed_out(client, requester, representative, colleague, outsider, voice):
    client.force_login(requester)
    upload = SimpleUploadedFile("factura.html", b"<script>1</script>", content_type="text/html")
    data = {"text": "Va la prueba.", "files": [upload], "key": str(uuid.uuid4())}
    client.post(f"/quejas/{voice.number}/comentar/", data)
    row = VoiceFile.objects.get()
    address = f"/quejas/archivos/{row.pk}/"
    assert address in client.get(f"/quejas/{voice.number}/").content.decode()
    for person, status in ((requester, 200), (representative, 200), (colleague, 404), (outsider, 404)):
        client.force_login(person)
        assert client.get(address).status_code == status
    client.force_login(requester)
    answer = client.get(address)
    assert b"".join(answer.streaming_content) == b"<script>1</script>"
    assert (answer["Content-Type"], "sandbox" in answer["Content-Security-Policy"]) == (
        "application/octet-stream",
        True,
    )


def test_who_is_pointed_at_reads_no_file_of_it(client, requester, agent, complain, supervisor):
    row = complain(files=[SimpleUploadedFile("a.txt", b"x")])
    file = VoiceFile.objects.get(row=row)
    client.force_login(agent)
    assert client.get(f"/quejas/archivos/{file.pk}/").status_code == 200
    voices.point_at(row, by=supervisor, people=[agent], reason="Es sobre ella.")
    assert client.get(f"/quejas/archivos/{file.pk}/").status_code == 404


def test_sending_a_comment_twice_says_it_once(client, requester, voice):
    client.force_login(requester)
    data = {"text": "Hola.", "key": str(uuid.uuid4())}
    for _ in range(2):
        assert client.post(f"/quejas/{voice.number}/comentar/", data).status_code == 302
    assert voice.entries.filter(kind="comment").count() == 1


def test_an_empty_comment_comes_back(client, requester, voice):
    client.force_login(requester)
    answer = send(client, voice, "comentar", text="")
    assert answer.status_code == 422
    assert "Escriba su comentario." in answer.content.decode()


def test_what_changed_meanwhile_is_said_and_the_words_are_kept(client, requester, answered):
    client.force_login(requester)
    version = answered.version
    voices.comment(answered, by=requester, text="Otra cosa.")
    answer = client.post(f"/quejas/{answered.number}/inconforme/", {"version": version, "reason": "Sigue igual."})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Lo que escribió sigue aquí" in page
    assert page.count("Sigue igual.") >= 1
    assert Voice.objects.get().state == "answered"


def test_words_that_can_no_longer_be_sent_are_shown_to_be_copied(client, requester, voice):
    voices.withdraw(voice, by=requester)
    client.force_login(requester)
    answer = send(client, voice, "comentar", text="Falta <b>esto</b>.")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "cópielo si todavía hace falta" in page
    assert "Falta &lt;b&gt;esto&lt;/b&gt;." in page


def test_what_no_longer_proceeds_is_said(client, requester, voice):
    client.force_login(requester)
    answer = send(client, voice, "conforme")
    assert answer.status_code == 409
    assert "ese paso no procede" in answer.content.decode()


def test_the_representative_reads_and_decides_for_the_company(client, representative, answered):
    page = page_of(client, representative, answered)
    assert "por Lucía Herrera Montaño" in page
    send(client, answered, "conforme")
    answered.refresh_from_db()
    assert answered.ending == "agreed"


@pytest.mark.parametrize("act", ["", "comentar/", "conforme/", "inconforme/", "retirar/"])
@pytest.mark.parametrize("stranger", ["outsider", "colleague"])
def test_a_foreign_one_and_an_absent_one_give_the_same_404(client, request, stranger, act, answered):
    client.force_login(request.getfixturevalue(stranger))
    before = answered.entries.count()
    data = {"text": "hola", "reason": "porque sí", "version": answered.version}
    for method in ("get", "post"):
        one = getattr(client, method)(f"/quejas/{answered.number}/{act}", data)
        other = getattr(client, method)(f"/quejas/QS999999/{act}", data)
        assert (one.status_code, one.content) == (other.status_code, other.content)
        assert one.status_code in (404, 405)
    assert answered.entries.count() == before


@pytest.mark.parametrize("number", ["QS" + "9" * 15, "QS99999999999999999999", "T0000001", "%00", "ñ", "0"])
def test_numbers_that_are_none_are_not_found(client, requester, number):
    client.force_login(requester)
    assert client.get(f"/quejas/{number}/").status_code == 404


def test_who_is_suspended_still_reads_theirs(client, requester, answered):
    ValidUser.objects.filter(user=requester).update(status=ValidUser.Status.SUSPENDED)
    assert ANSWER in page_of(client, requester, answered)


def test_a_note_among_the_desk_is_not_shown(client, requester, agent, voice):
    voices.note(voice, by=agent, text="Revisar la grabación.")
    assert "Revisar la grabación." not in page_of(client, requester, voice)


def test_the_representative_reads_what_was_done(client, representative, requester, manager, supervisor, voice):
    voices.open_action(voice, by=manager, title="Interno", owner=supervisor)
    CorrectiveAction.objects.update(summary="Habrá dos líneas más de teléfono.")
    page = page_of(client, representative, voice)
    assert "Para que no se repita" in page
    assert "Habrá dos líneas más de teléfono." in page
    assert "Interno" not in page
    assert "/mejoras/AC" in client_source(client, representative, voice)


def test_the_author_reads_what_was_done_about_theirs_and_nobody_elses(
    client, requester, colleague, manager, supervisor, voice, complain
):
    voices.open_action(voice, by=manager, title="Interno", owner=supervisor)
    assert "Para que no se repita" not in page_of(client, requester, voice)
    CorrectiveAction.objects.update(summary="Habrá dos líneas más de teléfono.")
    page = page_of(client, requester, voice)
    assert "Habrá dos líneas más de teléfono." in page
    assert "Interno" not in page
    assert "/mejoras/AC" not in client_source(client, requester, voice)
    assert "Habrá dos líneas" not in page_of(client, requester, complain(subject="Otra cosa"))
    client.force_login(colleague)
    assert client.get(f"/quejas/{voice.number}/").status_code == 404


def test_the_ticket_is_linked_only_for_who_sees_it(client, requester, ticket, complain):
    row = complain(ticket=ticket)
    assert f"/asuntos/{ticket.number}/" in client_source(client, requester, row)


def client_source(client, person, row) -> str:
    client.force_login(person)
    return client.get(f"/quejas/{row.number}/").content.decode()


def test_a_level_that_let_its_time_pass_is_said(client, requester, voice):
    step = voice.steps.get()
    client.force_login(requester)
    with clock.at(step.answer_by + timedelta(minutes=1)):
        page = text_of(client.get(f"/quejas/{voice.number}/"))
    assert "debía responderle antes" in page


# -- the list ----------------------------------------------------------------------------------------------------------


def test_the_list_shows_ones_own_and_the_representative_the_companys(
    client, requester, colleague, representative, outsider, complain
):
    complain(subject="De Lucía")
    complain(author=colleague, subject="De Hugo")
    for person, seen in (
        (requester, [True, False]),
        (colleague, [False, True]),
        (representative, [True, True]),
        (outsider, [False, False]),
    ):
        client.force_login(person)
        page = client.get("/quejas/").content.decode()
        assert [words in page for words in ("De Lucía", "De Hugo")] == seen


def test_what_is_open_comes_first_page_after_page(client, requester, complain):
    rows = [complain(subject=f"Queja número {n:02}") for n in range(34)]
    for row in rows[10:]:
        voices.withdraw(row, by=requester)
    expected = [f"Queja número {n:02}" for n in (*range(9, -1, -1), *range(33, 9, -1))]
    client.force_login(requester)
    seen, address = [], "/quejas/"
    pages = []
    while address:
        page = client.get(address).content.decode()
        pages.append(re.findall(r"Queja número \d\d", page))
        seen += pages[-1]
        address = link(page, "Siguientes")
    assert seen == expected
    back = link(page, "Anteriores")
    assert re.findall(r"Queja número \d\d", client.get(back).content.decode()) == pages[-2]


def link(page: str, label: str) -> str:
    found = re.search(rf'href="(\?[^"]+)"[^>]*>{label}', page)
    return f"/quejas/{found[1].replace('&amp;', '&')}" if found else ""


@pytest.mark.parametrize(
    "query", ["vista=nada", "despues=zzz", "despues=a" + "9" * 30, "antes=c1&despues=a2", "antes=%00"]
)
def test_a_damaged_address_is_the_first_page(client, requester, voice, query):
    client.force_login(requester)
    assert client.get(f"/quejas/?{query}").status_code == 200


def test_an_empty_list_says_what_each_is_for(client, requester):
    client.force_login(requester)
    assert "Para qué es una queja" in text_of(client.get("/quejas/"))
    assert "Para qué es una sugerencia" in text_of(client.get("/quejas/?vista=sugerencias"))


def test_an_answered_one_awaits_the_customer_in_my_activity(client, requester, representative, answered):
    client.force_login(requester)
    assert "Respondimos su queja: «Nadie contesta»" in text_of(client.get("/"))
    client.force_login(representative)
    assert "Respondimos su queja" not in text_of(client.get("/"))


def test_the_ticket_and_the_search_lead_to_it(client, requester, colleague, ticket, complain):
    row = complain(ticket=ticket)
    client.force_login(requester)
    for address in (f"/asuntos/{ticket.number}/", f"/buscar/?q={row.number.lower()}"):
        assert f"/quejas/{row.number}/" in client.get(address).content.decode()
    client.force_login(colleague)
    assert row.subject not in client.get(f"/buscar/?q={row.number}").content.decode()


def test_the_ticket_and_the_contact_page_lead_to_the_form(client, requester, ticket):
    client.force_login(requester)
    assert f"/quejas/nueva/?ticket={ticket.number}" in client.get(f"/asuntos/{ticket.number}/").content.decode()
    assert "/quejas/nueva/?tipo=queja" in client.get("/contacto/?lista=quejas").content.decode()


COSTS = {"/quejas/": 9, "/quejas/?vista=sugerencias": 9, "/sugerencias/": 8}


@pytest.mark.parametrize("several", [1, 3])
@pytest.mark.parametrize("address", COSTS)
def test_a_list_costs_the_same_with_one_and_with_three(
    client, representative, ticket, complain, address, several, django_assert_num_queries
):
    for _ in range(several):
        complain(ticket=ticket)
        complain(kind="suggestion")
    client.force_login(representative)
    client.get(address)
    with django_assert_num_queries(COSTS[address]):
        client.get(address)


@pytest.mark.parametrize("several", [1, 3])
def test_a_page_costs_the_same_with_a_long_story(
    client, requester, ticket, complain, several, django_assert_num_queries
):
    row = complain(ticket=ticket)
    for n in range(several):
        voices.comment(row, by=requester, text=f"Va {n}.", files=[SimpleUploadedFile("a.txt", b"x")])
    voices.answer(row, by=system_actor(), text="Ya.")
    client.force_login(requester)
    client.get(f"/quejas/{row.number}/")
    with django_assert_num_queries(15):
        client.get(f"/quejas/{row.number}/")
