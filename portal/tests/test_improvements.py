"""«Mejoras»: a company's representatives read what was written for them, and nobody reads anything else."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from improvements.services import progress, register
from portal import improvements as pages
from servicedesk.seeding import improvements

pytestmark = pytest.mark.django_db
LIST = "/mejoras/"
SECRET = "canario"


@pytest.fixture(autouse=True)
def rules(guide, now):
    improvements.rules()


@pytest.fixture
def told(supervisor, company):
    """`told(n, "Resumen")`: an open action of the company with that summary, everything else of it secret."""

    def make(source_id=1, summary="Avisamos antes de cada mantenimiento.", of=company):
        row = register.open_for(
            "complaint",
            source_id=source_id,
            by=supervisor,
            company=of,
            label=f"L {SECRET}",
            title=f"T {SECRET}",
            problem=f"P {SECRET}",
        )
        return progress.summarise(row, by=supervisor, summary=summary)

    return make


def read(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def test_a_representative_reads_what_is_done_and_by_when(client, representative, supervisor, manager, told):
    row = told()
    client.force_login(representative)
    text = read(client, LIST)
    assert row.summary in text
    assert "Quedará a más tardar el miércoles 25 de marzo." in text
    assert "En curso" in text
    with clock.at(clock.now() + timedelta(days=16)):
        text = read(client, f"{LIST}{row.number}/")
        assert "Debía quedar el miércoles 25 de marzo y todavía no está. Seguimos en ello." in text
        assert "Atrasada" in text
    row = progress.implement(row, by=supervisor, evidence=f"E {SECRET}")
    text = read(client, f"{LIST}{row.number}/")
    assert "Quedó hecha el martes 10 de marzo. Comprobaremos que funciona a más tardar el jueves 9 de abril." in text
    progress.verify(row, by=manager, is_effective=True, text=f"V {SECRET}")
    text = read(client, f"{LIST}{row.number}/")
    assert "El martes 10 de marzo comprobamos que funciona." in text
    assert "Terminada" in text
    for page in (text, read(client, LIST)):
        assert SECRET not in page
        assert supervisor.full_name not in page


def test_without_anything_to_tell_the_page_says_what_will_be_there(client, representative, told):
    told(summary="")
    client.force_login(representative)
    assert "Todavía no hay mejoras que contarle" in read(client, LIST)
    assert "Mejoras para su compañía" in read(client, "/"), "in the account's menu"


def test_nobody_else_finds_it(client, representative, requester, colleague, outsider, agent, told):
    row, hidden = told(), told(2, "")
    address = f"{LIST}{row.number}/"
    for person in (requester, colleague):
        client.force_login(person)
        assert LIST not in read(client, "/")
        read(client, LIST, 404)
        read(client, address, 404)
    client.force_login(outsider)
    assert row.summary not in read(client, LIST)
    assert read(client, address, 404).replace(row.number, "AC999999") == read(client, f"{LIST}AC999999/", 404).replace(
        row.number, "AC999999"
    )
    client.force_login(agent)
    read(client, LIST, 403)
    client.force_login(representative)
    for number in (hidden.number, "AC999999", "AC" + "9" * 18, "x", "T0000001", "%00"):
        read(client, f"{LIST}{number}/", 404)
    client.logout()
    assert client.get(address).status_code == 302


def test_a_long_summary_is_told_whole_under_its_beginning(client, representative, told):
    row = told(summary="Palabra " * 60 + "final.\n\nOtro párrafo <b>claro</b>.")
    client.force_login(representative)
    text = read(client, f"{LIST}{row.number}/")
    assert "final." in text
    assert "&lt;b&gt;claro&lt;/b&gt;" in text
    assert pages.tell(row, representative, now=clock.now()).heading.endswith("…")


def test_pages_follow_one_another_whatever_is_asked(client, representative, told, manager, monkeypatch):
    monkeypatch.setattr(pages, "PAGE", 2)
    rows = [told(n, f"Resumen {n}.") for n in range(1, 6)]
    progress.cancel(rows[4], by=manager, reason="x")
    client.force_login(representative)
    first = read(client, LIST)
    assert first.index("Resumen 4.") < first.index("Resumen 3.")
    second = read(client, f"{LIST}?despues=a{rows[2].pk}")
    assert second.index("Resumen 2.") < second.index("Resumen 1.")
    third = read(client, f"{LIST}?despues=a{rows[0].pk}")
    assert "Resumen 5." in third
    assert "Resumen 1." not in third
    back = read(client, f"{LIST}?antes=c{rows[4].pk}")
    assert back.index("Resumen 2.") < back.index("Resumen 1.")
    for hostile in ("?despues=a" + "9" * 30, "?despues=z1", "?antes=", "?antes=a²", "?despues=%00"):
        read(client, LIST + hostile)


def test_the_list_costs_the_same_however_long(client, representative, told):
    client.force_login(representative)

    def cost():
        with CaptureQueriesContext(connection) as asked:
            read(client, LIST)
        return len(asked)

    told(1)
    read(client, LIST)
    one = cost()
    told(2)
    told(3)
    assert cost() == one == LIST_QUERIES


LIST_QUERIES = 6
"""Session, person, their company (the page's and the rule's), what is under way, what has ended."""
