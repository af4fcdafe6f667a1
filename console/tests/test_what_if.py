"""«¿Qué pasaría si…?»: what the form says is what the preview answers, faults stand beside their inputs, and nothing is lost or stored."""

from datetime import date
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import caching
from customers.models import ExtensionWindow, ServiceTerms, TermsClosedDay
from servicedesk.seeding.standard import GUIDE_DATE
from sla.models import Target
from sla.preview import preview
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/niveles/simulador/"
CASE = {
    "kind": "incident",
    "service_line": "functional",
    "priority": "high",
    "created_at": "2026-03-13T18:30",
}


@pytest.fixture(autouse=True)
def working_tuesday(now, guide):
    return now


@pytest.fixture
def ask(client, agent):
    def get(by=agent, **given):
        client.force_login(by)
        return client.get(ADDRESS, given, follow=True)

    return get


@pytest.fixture
def own_terms(contract):
    terms = ServiceTerms.objects.create(
        contract=contract, name="Condiciones propias", valid_from=GUIDE_DATE, pauses_for_vendor=True
    )
    Target.objects.create(terms=terms, priority="high", reaction_minutes=15, attention_clock="calendar")
    Target.objects.create(terms=terms, priority="high", service_line="technical", reaction_minutes=20)
    ExtensionWindow.objects.create(terms=terms, weekday=5, opens=540, closes=1440, includes_second_level=True)
    TermsClosedDay.objects.create(terms=terms, date=date(2026, 3, 17), name="Aniversario")
    caching.forget_all()
    return terms


def told(page):
    """(title, [due of each clock]) of every column."""
    return [(column.title, [answer.due for answer in column.answers]) for column in page.context["columns"]]


def faults(page):
    return {name: errors[0] for name, errors in page.context["form"].errors.items()}


def test_without_anything_it_is_an_example_by_the_guide_from_now(ask):
    assert told(ask()) == [("Por la guía", ["Vence hoy 11:00", "Vence mañana, miércoles 11 de marzo, 10:00"])]


def test_it_says_what_the_preview_says(ask, agent, company, contract):
    asked = {**CASE, "created_at": "2026-03-13T18:30:00-06:00", "contract": contract.pk}
    found = preview(asked, actor=agent)
    page = ask(**CASE, contract="mn-001")
    assert told(page) == [
        ("Contrato MN-001", ["Vence el martes 17 de marzo, 9:30", "Vence el martes 17 de marzo, 18:30"]),
    ]
    ledgers = [answer.ledger for answer in page.context["columns"][0].answers]
    assert [len(ledger["rows"]) for ledger in ledgers] == [len(found.ledger[k].rows) for k in ("reaction", "attention")]
    assert "Natalicio de Benito Juárez" in page.content.decode()
    assert told(ask(**CASE, company="alborada"))[0][0] == "Grupo Alborada"


def test_moments_are_the_companys_wall_clock(ask, company, contract):
    company.time_zone = "America/Tijuana"
    company.save()
    page = ask(**{**CASE, "created_at": "2026-03-10T10:00"}, company=company.name)
    assert told(page)[0][1][0] == "Vence hoy 11:00"
    assert "Las horas son de Tijuana." in page.content.decode()


def test_pauses_move_the_attention_and_their_cause_is_told(ask):
    pauses = {
        "pause-0-start": "2026-03-17T10:00", "pause-0-end": "2026-03-17T12:00", "pause-0-cause": "user",
        "pause-1-start": "2026-03-17T13:00", "pause-1-end": "2026-03-17T14:00", "pause-1-cause": "vendor",
    }  # fmt: skip
    page = ask(**CASE, **pauses)
    assert told(page)[0][1][1] == "Vence el miércoles 18 de marzo, 10:30"
    text = page.content.decode()
    assert "En pausa: pendiente por usuario. Duró 2 h hábiles" in text
    assert "En horario; pendiente por proveedor no pausa" in text
    assert len(page.context["form"].pauses) == 4
    page = ask(**CASE, **{"pause-5-start": "2026-03-17T10:00"})
    assert told(page)[0][1][1] == "En pausa: sin plazo hasta que se reanude"


def test_tried_terms_stand_beside_what_was_signed(ask, contract):
    tried = {
        "tries": "on",
        "window-0-day": "office",
        "window-0-opens": "7:00",
        "window-0-closes": "9:00",
        "override-high-attention_minutes": "120",
        "override-high-attention_clock": "business",
        "closed_days": "2026-03-17 Inventario\n\n2026-03-18",
        "pauses_for_user": "false",
    }
    page = ask(**CASE, contract="MN-001", **tried)
    assert told(page) == [
        ("Contrato MN-001", ["Vence el martes 17 de marzo, 9:30", "Vence el martes 17 de marzo, 18:30"]),
        ("Con otras condiciones", ["Vence el jueves 19 de marzo, 7:30", "Vence el jueves 19 de marzo, 10:30"]),
    ]
    assert [answer.difference for answer in page.context["columns"][1].answers] == [
        "1 día y 22 h después",
        "1 día y 16 h después",
    ]
    text = page.content.decode()
    assert "Día inhábil: Inventario" in text
    assert "Condiciones de prueba: extensión de horario" in text
    assert told(ask(**CASE, contract="MN-001", **{**tried, "tries": ""}))[1:] == []


def test_the_same_terms_make_no_difference(ask):
    page = ask(**CASE, tries="on")
    assert [answer.difference for answer in page.context["columns"][1].answers] == ["Igual que lo firmado"] * 2


def test_impact_and_urgency_give_the_priority(ask):
    given = {**CASE, "priority": "", "impact": "significant", "urgency": "high"}
    assert ask(**given).context["columns"][0].priority == "Alta"


def test_every_fault_stands_beside_its_input_in_plain_spanish(ask, contract, outsider):
    page = ask(
        **{**CASE, "kind": "x", "priority": "high", "impact": "minor", "created_at": "ayer"},
        company="nadie", contract="MN",
        **{"pause-0-end": "2026-03-17T10:00", "pause-2-start": "2026-03-17T10:00", "pause-2-end": "2026-03-16T10:00"},
        tries="on",
        **{"window-1-day": "sat", "window-1-opens": "25:00", "window-2-opens": "9:00", "window-2-closes": "10:00"},
        **{"override-high-attention_minutes": "mucho", "override-low-reaction_clock": "lunar"},
        closed_days="3/4/2026\n\n2026-02-30 Nunca",
    )  # fmt: skip
    assert page.status_code == 200
    assert page.context["columns"] == []
    assert faults(page) == {
        "company": "Ninguna compañía se llama así.",
        "contract": "Hay más de uno: «MN-001», «MN-002». Escríbalo completo.",
        "kind": "Elija una de las opciones.",
        "impact": "Dé la prioridad, o impacto y urgencia, no ambos.",
        "created_at": "Escriba fecha y hora, como 2026-03-31 18:30.",
        "pause-0-start": "Escriba fecha y hora, como 2026-03-31 18:30.",
        "pause-2-end": "La pausa no puede terminar antes de empezar.",
        "window-1-opens": "Debe ser apertura y cierre, como «19:00» y «24:00».",
        "window-2-day": "Elija una de las opciones.",
        "override-high-attention_minutes": "Debe ser un número entero de 1 a 527040.",
        "override-low-reaction_clock": "Elija una de las opciones.",
        "closed_days": "Renglón 3: escriba la fecha como 3/4/2026 y, si quiere, su nombre después.",
    }
    text = page.content.decode()
    assert all(f'value="{typed}"' in text for typed in ("nadie", "MN", "ayer", "25:00", "mucho"))
    assert "2026-02-30 Nunca</textarea>" in text


def test_a_priority_that_is_missing_is_asked_for(ask):
    assert faults(ask(**{**CASE, "priority": ""})) == {"priority": "Elija la prioridad, o el impacto y la urgencia."}


def test_a_date_outside_the_calendar_is_refused(ask):
    assert set(faults(ask(**{**CASE, "created_at": "2198-12-31T10:00", "priority": "low"}))) <= {"created_at"}
    assert faults(ask(**{**CASE, "created_at": "0001-01-01T00:00"})) == {
        "created_at": "Escriba fecha y hora, como 2026-03-31 18:30."
    }


def test_the_address_loses_its_empty_inputs_so_that_it_can_be_shared(client, agent):
    client.force_login(agent)
    response = client.get(ADDRESS, {**CASE, "company": "", "pause-0-start": " "})
    assert response["Location"] == f"{ADDRESS}?{urlencode(CASE)}"


def test_the_contracts_own_terms_can_be_copied_and_changed(ask, client, own_terms):
    page = ask(**CASE, company="alborada")
    copied = client.get(ADDRESS + page.context["copy_url"])
    given = {name: values[0] for name, values in parse_qs(urlsplit(copied["Location"]).query).items()}
    assert given == {
        **CASE,
        "company": "alborada",
        "tries": "on",
        "closed_days": "17/3/2026 Aniversario",
        "window-0-day": "sat",
        "window-0-opens": "09:00",
        "window-0-closes": "24:00",
        "window-0-second": "on",
        "override-high-reaction_minutes": "15",
        "override-high-attention_clock": "calendar",
        "pauses_for_vendor": "true",
    }
    page = ask(**given)
    assert [answer.difference for answer in page.context["columns"][1].answers] == ["Igual que lo firmado"] * 2


def test_by_the_guide_there_is_nothing_to_copy(ask, contract):
    assert ask(**CASE, company="alborada").context["copy_url"] == ""
    assert ask(**CASE).context["copy_url"] == ""


@pytest.mark.parametrize("role", ["agent", "consultant", "supervisor", "bpo", "service_delivery", "admin"])
def test_the_whole_desk_may_ask(ask, role, request, contract):
    assert len(told(ask(by=request.getfixturevalue(role), **CASE, contract="MN-001"))) == 1


def test_a_customer_is_shown_the_portal(ask, requester):
    assert ask(by=requester, **CASE).status_code == 403


@pytest.mark.parametrize(
    "given",
    [
        {"pause-99-start": "2026-03-17T10:00"},
        {"pause-x-start": "1", "pause--1-start": "1", "pause-²-start": "1"},
        {"kind": "\x00", "company": "\x00"},
        {"company": "x" * 5000},
        {"closed_days": "2026-04-03 x\n" * 3000, "tries": "on"},
        {"override-high-attention_minutes": "9" * 500, "tries": "on"},
        {"override-high-attention_minutes": "500000", "tries": "on"},
        {"window-0-day": "mon", "window-0-opens": "<script>", "tries": "on"},
    ],
)
def test_hostile_addresses_are_answered(ask, given):
    page = ask(**{**CASE, **given})
    assert page.status_code == 200
    assert "<script>" not in page.content.decode().split("resultado")[0].split("<form")[-1]


def test_it_stores_nothing_and_costs_the_same_whatever_is_asked(ask, contract):
    def cost(**given):
        ask(**CASE, contract="MN-001", **given)
        with CaptureQueriesContext(connection) as asked:
            ask(**CASE, contract="MN-001", **given)
        return len(asked)

    one = cost(tries="on")
    many = {
        f"pause-{n}-{edge}": f"2026-03-{17 + n}T10:0{step}"
        for n in range(5)
        for step, edge in enumerate(("start", "end"))
    }
    assert cost(tries="on", **many) == one
    assert Ticket.objects.count() == 0
