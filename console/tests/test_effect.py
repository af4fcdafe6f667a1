"""«Efecto»: what terms would do, told before they are applied, and the way to apply them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import caching, clock
from core.leases import WorkState
from customers.models import ServiceTerms
from servicedesk.testing import TUESDAY
from sla import effect
from sla.models import Recalculation, Target
from sla.services import recalculation
from sla.tasks import recalculate
from tickets.models import PriorityRule, Ticket
from tickets.services import intake

pytestmark = pytest.mark.django_db

LATER = TUESDAY + timedelta(minutes=30)


def address(terms: ServiceTerms) -> str:
    return reverse("admin:customers_serviceterms_effect", args=[terms.pk])


@pytest.fixture
def faster(contract) -> ServiceTerms:
    """The contract's terms, since half past ten: two hours of attention for what is high, and a matrix that raises one cell."""
    row = ServiceTerms.objects.create(contract=contract, name="Alborada 2027", valid_from=LATER)
    Target.objects.create(terms=row, priority="high", reaction_minutes=30, attention_minutes=120)
    PriorityRule.objects.create(terms=row, urgency="low", impact="minor", priority="medium")
    caching.forget_all()
    return row


@pytest.fixture
def see(client):
    """`see(person, terms, momento=…)`: the page as they get it half an hour after the cast's ticket."""

    def get(person: Any, terms: ServiceTerms, **query: str) -> Any:
        client.force_login(person)
        with clock.at(LATER):
            return client.get(address(terms), query)

    return get


@pytest.fixture
def apply_as(client):
    def post(person: Any, terms: ServiceTerms, **data: str) -> Any:
        client.force_login(person)
        with clock.at(LATER):
            return client.post(address(terms), {"reason": "Se renovó el contrato.", "sure": "on", **data})

    return post


def cells(answer: Any, group: str, priority: str) -> list[tuple[str, str, bool]]:
    table = next(one for one in answer.context["groups"] if one["name"] == group)
    row = next(one for one in table["rows"] if one["priority"] == priority)
    return [(cell["before"], cell["after"], cell["changed"]) for cell in row["cells"]]


def test_terms_are_compared_with_those_that_they_replace(contract, guide, faster):
    later = ServiceTerms.objects.create(contract=contract, name="2028", valid_from=LATER + timedelta(days=700))
    caching.forget_all()
    assert effect.before(later, at=LATER) == faster
    assert effect.before(faster, at=LATER) == guide
    assert effect.before(faster, at=TUESDAY) == guide
    assert effect.before(guide, at=LATER) == guide


SAME = "soporte funcional y soporte técnico"


def test_the_samples_stand_beside_what_is_in_force_now(see, agent, guide, faster, now):
    answer = see(agent, faster, momento="2026-03-10T10:30")
    assert answer.status_code == 200
    assert (answer.context["old"], answer.context["changed_rows"]) == (guide, 6)
    assert cells(answer, f"Incidente, {SAME}", "high") == [
        ("hoy 11:30", "hoy 11:00", True),
        ("mié 11 mar, 10:30", "hoy 12:30", True),
    ]
    assert cells(answer, "Incidente, soporte tecnológico", "high") == [
        ("hoy 11:30", "hoy 11:00", True),
        ("hoy 14:30", "hoy 12:30", True),
    ]
    assert cells(answer, f"Solicitud, {SAME}", "low")[1] == ("jue 12 mar, 10:30", "jue 12 mar, 10:30", False)
    page = answer.content.decode()
    assert "Vence antes" in page
    assert "Urgencia baja e impacto menor: de baja a <b>media</b>" in page


def test_a_friday_evening_and_a_saturday_are_a_click_away(see, agent, faster):
    friday = see(agent, faster, muestra="viernes")
    assert [(tab["label"], tab["count"]) for tab in friday.context["tabs"]] == [
        ("Ahora", 6), ("Viernes, 18:30", 6), ("Sábado, 11:00", 6),
    ]  # fmt: skip
    assert friday.context["raised"] == "el viernes 13 de marzo, 18:30"
    assert cells(friday, f"Solicitud, {SAME}", "high")[1] == ("mar 17 mar, 18:30", "mar 17 mar, 10:30", True)
    saturday = see(agent, faster, muestra="sabado", momento="2026-12-26T12:00")
    assert saturday.context["raised"].startswith("el sábado 2 de enero")


def test_the_samples_run_on_the_clocks_of_the_terms_own_zone(see, agent, faster):
    ServiceTerms.objects.filter(pk=faster.pk).update(time_zone="America/Tijuana")
    caching.forget_all()
    answer = see(agent, faster, momento="2026-03-10T10:30")
    assert answer.context["moment"].isoformat() == "2026-03-10T10:30:00-07:00"
    assert "Las horas son de Tijuana." in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("ayer", "que existan"),
        ("2026-02-30T10:00", "que existan"),
        ("9999-12-31T23:59", "1900 a 2199"),
    ],
)
def test_a_moment_that_cannot_be_counted_is_told_so(see, agent, faster, typed, words):
    answer = see(agent, faster, momento=typed)
    assert answer.status_code == 200
    assert words in answer.content.decode()


def test_terms_that_leave_something_unsaid_are_told_so(see, agent, guide):
    bare = ServiceTerms.objects.create(name="Guía vacía", valid_from=TUESDAY - timedelta(days=1))
    caching.forget_all()
    answer = see(agent, bare)
    assert answer.status_code == 200
    assert "Todavía no se puede calcular" in answer.content.decode()


def test_how_many_would_change_is_worked_out_ticket_by_ticket(see, agent, requester, report, ticket, faster, now):
    for impact in ("minor", "extensive"):
        intake.receive(report(impact=impact, urgency="low"), by=requester, channel="web")
    answer = see(agent, faster)
    # The high one has other times, the low one another priority; the medium one stays.
    assert answer.context["told"] == "Cambiarían 2 de 3 tickets abiertos."
    assert {row.version for row in Ticket.objects.all()} == {1}


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (effect.Effect(0, False, 0, 0, 0), "Ningún ticket abierto tomaría estas condiciones."),
        (effect.Effect(3, False, 3, 0, 0), "Ninguno de los 3 tickets abiertos cambiaría."),
        (effect.Effect(1, False, 1, 1, 0), "El único ticket abierto cambiaría."),
        (effect.Effect(1, False, 1, 0, 0), "El único ticket abierto no cambiaría."),
        (
            effect.Effect(13_482, False, 2_000, 1_733, 0),
            "De los 2,000 más antiguos de 13,482 tickets abiertos cambiarían 1,733; los demás no se revisaron aquí.",
        ),
        (
            effect.Effect(100_000, True, 2_000, 5, 0),
            "De los 2,000 más antiguos de más de 100,000 tickets abiertos cambiarían 5; los demás no se revisaron aquí.",
        ),
    ],
)
def test_no_more_is_told_than_was_looked_at(found, words):
    from console.views.effect import told

    assert told(found) == words


def test_what_is_looked_at_is_bounded_and_costs_as_many_queries_for_many(requester, report, faster, now, monkeypatch):
    counted = []
    for size in (2, 10):
        for _ in range(size):
            intake.receive(report(), by=requester, channel="web")
        effect.on_open_tickets(faster, at=LATER)  # warms the configuration
        with CaptureQueriesContext(connection) as queries:
            found = effect.on_open_tickets(faster, at=LATER)
        counted.append((len(queries), found.total - found.changed))
    assert counted[0] == counted[1]
    assert counted[0][1] == 0
    monkeypatch.setattr(effect, "SLICE", 4)
    found = effect.on_open_tickets(faster, at=LATER, most=6)
    assert (found.total, found.looked_at, found.changed, found.is_whole) == (12, 6, 6, False)


def test_an_administrator_applies_them_with_a_reason(apply_as, see, admin, ticket, faster):
    answer = apply_as(admin, faster)
    job = Recalculation.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse("admin:sla_recalculation_change", args=[job.pk]))
    assert (job.terms, job.reason, job.requested_by, job.next_at) == (faster, "Se renovó el contrato.", admin, LATER)
    assert "Ver el avance" in see(admin, faster).content.decode()
    with clock.at(LATER):
        recalculate()
    assert Ticket.objects.get().terms == faster
    assert see(admin, faster).context["told"] == "Ningún ticket abierto tomaría estas condiciones."


@pytest.mark.parametrize(
    ("data", "field", "words"),
    [({"reason": "  "}, "reason", "Escriba por qué"), ({"sure": None}, "sure", "Marque la casilla")],
)
def test_without_a_reason_or_a_confirmation_nothing_is_applied_and_nothing_typed_is_lost(
    client, admin, ticket, faster, data, field, words
):
    client.force_login(admin)
    sent = {"reason": "Se renovó el contrato.", "sure": "on", **data}
    with clock.at(LATER):
        answer = client.post(address(faster), {name: value for name, value in sent.items() if value is not None})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    page = answer.content.decode()
    assert words in page
    assert (sent["reason"].strip() in page) is True
    assert not Recalculation.objects.exists()


def test_it_is_not_applied_twice_nor_when_others_replaced_it(apply_as, see, admin, contract, ticket, faster):
    apply_as(admin, faster)
    again = apply_as(admin, faster)
    assert again.status_code == 422
    assert "Ya hay un recálculo pendiente" in again.content.decode()
    assert Recalculation.objects.count() == 1
    Recalculation.objects.update(state=WorkState.DONE)
    ServiceTerms.objects.filter(pk=faster.pk).update(valid_from=LATER - timedelta(minutes=1))
    ServiceTerms.objects.create(contract=contract, name="Otras", valid_from=LATER)
    page = see(admin, ServiceTerms.objects.get(pk=faster.pk)).content.decode()
    assert "Otras condiciones más recientes las sustituyeron" in page
    assert 'name="reason"' not in page


@pytest.mark.parametrize("who", ["agent", "supervisor", "manager", "bpo"])
def test_others_see_the_effect_and_apply_nothing(who, request, see, apply_as, ticket, faster):
    person = request.getfixturevalue(who)
    page = see(person, faster)
    assert page.status_code == 200
    assert 'name="reason"' not in page.content.decode()
    assert apply_as(person, faster).status_code == 403
    assert not Recalculation.objects.exists()


@pytest.mark.parametrize("who", ["consultant", "requester", "representative", "outsider"])
def test_who_may_not_see_the_terms_sees_no_effect(who, request, client, ticket, faster):
    client.force_login(request.getfixturevalue(who))
    assert client.get(address(faster)).status_code in (302, 403)
    assert client.post(address(faster), {"reason": "x", "sure": "on"}).status_code in (302, 403)
    assert not Recalculation.objects.exists()


def test_terms_to_come_say_when_they_will_be_applied(see, apply_as, admin, contract, ticket):
    coming = ServiceTerms.objects.create(
        contract=contract, name="2027", valid_from=datetime.fromisoformat("2027-01-01T06:00Z")
    )
    assert "Se aplicarán el 1 de enero de 2027, 0:00" in see(admin, coming).content.decode()
    apply_as(admin, coming)
    assert Recalculation.objects.get().next_at == coming.valid_from


def test_the_form_of_the_terms_leads_there(client, agent, guide):
    client.force_login(agent)
    page = client.get(reverse("admin:customers_serviceterms_change", args=[guide.pk])).content.decode()
    assert f'href="{address(guide)}"' in page


# ── The recalculation's own pages ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def job(admin, ticket, faster) -> Recalculation:
    return recalculation.request(by=admin, terms=faster, reason="Se renovó el contrato.", at=LATER)


def of_job(name: str, job: Recalculation) -> str:
    return reverse(f"admin:sla_recalculation_{name}", args=[job.pk])


def test_the_page_asks_for_itself_until_it_is_done(client, agent, job):
    client.force_login(agent)
    with clock.at(LATER):
        page = client.get(of_job("change", job)).content.decode()
        assert f'hx-get="{of_job("progress", job)}" hx-trigger="every 3s"' in page
        assert "Por empezar" in page
        recalculate()
        part = client.get(of_job("progress", job)).content.decode()
    assert "hx-get" not in part
    assert "Terminado" in part
    assert "<b>1</b> de 1 tickets abiertos" in part


def test_the_list_says_how_far_each_is(client, agent, job):
    client.force_login(agent)
    Recalculation.objects.update(total=400, done=100)
    page = client.get(reverse("admin:sla_recalculation_changelist")).content.decode()
    assert "En curso, 25 %" in page
    assert "100 de 400" in page


def test_what_failed_is_told(client, agent, supervisor, job):
    Recalculation.objects.update(state=WorkState.PARKED, last_error="OperationalError: disco lleno", attempts=8)
    client.force_login(agent)
    page = client.get(of_job("change", job)).content.decode()
    assert "disco lleno" in page
    assert "Seguir desde donde se quedó" not in page
    assert client.post(of_job("retry", job)).status_code == 403
    client.force_login(supervisor)
    assert "Seguir desde donde se quedó" in client.get(of_job("change", job)).content.decode()
    assert client.post(of_job("retry", job)).status_code == 302
    assert Recalculation.objects.get().state == WorkState.PENDING


def test_the_tickets_that_could_not_be_done_are_named(client, agent, job, now):
    Ticket.objects.update(version=0)
    with clock.at(LATER):
        recalculate()
    client.force_login(agent)
    page = client.get(of_job("change", job)).content.decode()
    assert "Hubo tickets con los que no se pudo" in page
    assert Ticket.objects.get().number in page


def test_only_an_administrator_takes_back_what_has_not_begun(client, supervisor, admin, job):
    client.force_login(supervisor)
    assert "Retirar" not in client.get(of_job("change", job)).content.decode()
    client.post(of_job("withdraw", job))
    assert Recalculation.objects.get().state == WorkState.PENDING
    client.force_login(admin)
    assert "Retirar" in client.get(of_job("change", job)).content.decode()
    assert client.get(of_job("withdraw", job)).status_code == 405
    client.post(of_job("withdraw", job))
    assert Recalculation.objects.get().state == WorkState.WITHDRAWN


@pytest.mark.parametrize("who", ["consultant", "bpo", "requester", "outsider"])
def test_others_see_no_recalculation(who, request, client, job):
    client.force_login(request.getfixturevalue(who))
    for name in ("change", "progress"):
        assert client.get(of_job(name, job)).status_code in (302, 403), name
    for name in ("retry", "withdraw"):
        assert client.post(of_job(name, job)).status_code in (302, 403), name
    assert Recalculation.objects.get().state == WorkState.PENDING


def test_a_recalculation_that_does_not_exist_is_not_found(client, admin):
    client.force_login(admin)
    for text in ("999", "abc", "9" * 40):
        assert client.get(f"/admin/sla/recalculation/{text}/change/").status_code == 404
