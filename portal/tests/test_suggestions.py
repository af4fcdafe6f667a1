"""The board of suggestions: who reads which words, and votes (guide 3.13)."""

import re

import pytest

from accounts.services import system_actor
from surveys.models import Voice
from surveys.services import hearing, suggestions, voices
from surveys.services.hearing import Draft

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("matrices", "now")]


@pytest.fixture
def suggest(requester):
    def build(subject="Avisar por mensaje", author=requester, body="No siempre vemos el correo.") -> Voice:
        draft = Draft(
            kind="suggestion",
            subject=subject,
            body=body,
            direction="Dirección de Servicio al Cliente",
            area="Service Delivery",
        )
        return hearing.receive(draft, by=author, channel="web")

    return build


@pytest.fixture
def shared(suggest, supervisor) -> Voice:
    """Of the requester's company, in other words for everybody."""
    row = suggest()
    return suggestions.share(row, by=supervisor, subject="Avisos por mensaje", body="Además del correo.")


def source_of(client, person, address="/sugerencias/") -> str:
    client.force_login(person)
    return client.get(address).content.decode()


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_company_reads_its_own_and_others_only_what_was_shared(
    client, requester, colleague, outsider, suggest, shared
):
    suggest(subject="Sólo para nosotros")
    voices.answer(shared, by=system_actor(), name="Paola", text="Lo haremos en mayo.", decision="accepted")
    ours = source_of(client, colleague)
    assert "Avisar por mensaje" in ours
    assert "Sólo para nosotros" in ours
    assert "Lucía Herrera Montaño" in ours
    assert "Lo haremos en mayo." in ours
    theirs = source_of(client, outsider)
    assert "Avisos por mensaje" in theirs
    assert "Además del correo." in theirs
    assert "De otra compañía" in theirs
    assert "Se hará" in theirs
    for secret in ("Avisar por mensaje", "No siempre vemos", "Sólo para nosotros", "Lucía", "Alborada", "en mayo"):
        assert secret not in theirs
    assert client.get(f"/quejas/{shared.number}/").status_code == 404


def test_what_is_no_longer_shared_or_was_withdrawn_is_gone(client, requester, outsider, supervisor, suggest, shared):
    suggestions.unshare(shared, by=supervisor)
    assert "Avisos por mensaje" not in source_of(client, outsider)
    voices.withdraw(shared, by=requester)
    assert "Avisar por mensaje" not in source_of(client, requester)


def test_one_click_votes_and_another_takes_it_back(client, outsider, shared):
    client.force_login(outsider)
    for _ in range(2):
        answer = client.post(f"/sugerencias/{shared.number}/votar/", {"back": "?orden=nuevas"})
        assert answer["Location"] == f"/sugerencias/?orden=nuevas#{shared.number}"
    shared.refresh_from_db()
    assert shared.votes_count == 1
    page = client.get("/sugerencias/").content.decode()
    assert "Contamos su voto." in page
    assert "1 voto " in text_of(page)
    client.post(f"/sugerencias/{shared.number}/quitar-voto/")
    shared.refresh_from_db()
    assert shared.votes_count == 0


def test_with_scripts_only_the_votes_change(client, outsider, shared):
    client.force_login(outsider)
    answer = client.post(f"/sugerencias/{shared.number}/votar/", headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert "<html" not in page
    assert "Quitar mi voto" in page
    assert "Contamos su voto." in page
    assert "Lucía" not in page


def test_ones_own_and_what_was_decided_take_no_votes(client, requester, colleague, supervisor, shared):
    client.force_login(requester)
    assert "Votar" not in source_of(client, requester).replace("Ideas para votar", "")
    answer = client.post(f"/sugerencias/{shared.number}/votar/", follow=True)
    assert "La sugerencia es suya" in answer.content.decode()
    voices.answer(shared, by=system_actor(), text="No.", decision="declined")
    voices.agree(shared, by=requester)
    client.force_login(colleague)
    client.post(f"/sugerencias/{shared.number}/votar/")
    shared.refresh_from_db()
    assert shared.votes_count == 0
    assert "No se hará" in source_of(client, colleague, "/sugerencias/?orden=decididas")
    assert "Avisar por mensaje" not in source_of(client, colleague)


@pytest.mark.parametrize("act", ["votar", "quitar-voto"])
def test_what_somebody_may_not_read_is_not_there_to_vote_for(client, outsider, suggest, act):
    row = suggest()
    client.force_login(outsider)
    foreign, absent = (client.post(f"/sugerencias/{number}/{act}/") for number in (row.number, "QS999999"))
    assert (foreign.status_code, foreign.content) == (absent.status_code, absent.content) == (404, absent.content)
    assert client.get(f"/sugerencias/{row.number}/{act}/").status_code == 405
    row.refresh_from_db()
    assert row.votes_count == 0


def test_a_complaint_is_nobodys_idea(client, requester, suggest):
    Voice.objects.filter(pk=suggest().pk).update(kind="complaint")
    assert "Avisar por mensaje" not in source_of(client, requester)


@pytest.mark.parametrize("back", ["https://malo.example/", "//malo.example", "?despues=1-x\r\nX: y", "x" * 9000])
def test_one_is_never_led_elsewhere(client, outsider, shared, back):
    client.force_login(outsider)
    answer = client.post(f"/sugerencias/{shared.number}/votar/", {"back": back})
    assert answer["Location"].startswith("/sugerencias/?orden=votadas")


def test_orders_and_pages(client, requester, colleague, suggest):
    rows = [suggest(subject=f"Idea {n:02}") for n in range(20)]
    for row in rows[:3]:
        suggestions.vote(row, by=colleague)
    by_votes = [f"Idea {n:02}" for n in (2, 1, 0, *range(19, 2, -1))]
    newest = [f"Idea {n:02}" for n in range(19, -1, -1)]
    for order, expected in (("votadas", by_votes), ("nuevas", newest)):
        first = source_of(client, requester, f"/sugerencias/?orden={order}")
        following = re.search(r'href="(\?[^"]+despues[^"]+)"', first)
        second = source_of(client, requester, f"/sugerencias/{following[1].replace('&amp;', '&')}")
        seen = [re.findall(r"sd-title\"[^>]*>(Idea \d\d)", page) for page in (first, second)]
        assert seen[0] + seen[1] == expected
        back = re.search(r'href="(\?[^"]+antes[^"]+)"', second)
        again = source_of(client, requester, f"/sugerencias/{back[1].replace('&amp;', '&')}")
        assert re.findall(r"sd-title\"[^>]*>(Idea \d\d)", again) == seen[0]


@pytest.mark.parametrize("query", ["orden=x", "despues=1", "despues=9999999999999-1", "antes=a-b", "despues=%00"])
def test_a_damaged_address_is_the_first_page(client, requester, shared, query):
    client.force_login(requester)
    assert client.get(f"/sugerencias/?{query}").status_code == 200


def test_hostile_texts_are_shown_as_text(client, colleague, suggest):
    suggest(subject="<script>alert(1)</script>", body="<img src=x onerror=alert(1)>" * 30)
    page = source_of(client, colleague)
    assert "<script>alert" not in page
    assert "<img src=x" not in page
