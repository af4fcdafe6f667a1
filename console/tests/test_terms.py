"""The form of the terms: every fault beside its row, in words; and everything that a contract may say, stored as it was said."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.urls import reverse

from console.terms_forms import zones
from core import clock
from customers.models import ServiceTerms
from escalation.models import EscalationRule
from servicedesk.testing import TUESDAY
from sla.models import Target

pytestmark = pytest.mark.django_db

ADD = "/admin/customers/serviceterms/add/"
PREFIXES = ("extension_windows", "closed_days", "targets", "warning_levels", "escalation_rules")
TARGET = {
    "priority": "critical",
    "service_line": "",
    "reaction_minutes": 15,
    "attention_minutes": "",
    "reaction_clock": "",
    "attention_clock": "",
}
RULE = {"clock": "attention", "priority": "", "percent": "", "delay_minutes": "", "level": 2}


def sent(contract: Any, rows: dict[str, list[dict[str, Any]]] | None = None, **values: Any) -> dict[str, Any]:
    """The form of new terms as a browser would send it: `rows` by inline."""
    data = {
        "contract": contract.pk if contract else "",
        "name": "Alborada 2030",
        "valid_from_0": "01/01/2030",
        "valid_from_1": "00:00:00",
        "calendar": "",
        "time_zone": "",
        "validation_hours": "",
        "pauses_for_user": "unknown",
        "pauses_for_vendor": "unknown",
        **values,
    }
    for prefix in PREFIXES:
        given = (rows or {}).get(prefix, [])
        data |= {f"{prefix}-TOTAL_FORMS": len(given), f"{prefix}-INITIAL_FORMS": 0}
        data |= {f"{prefix}-{i}-{name}": value for i, row in enumerate(given) for name, value in row.items()}
    return data


@pytest.fixture
def form(client, admin):
    """`form(data)`: the answer, and by prefix the errors of each row."""
    client.force_login(admin)

    def send(data: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        answer = client.post(ADD, data)
        if answer.status_code == 302:
            return answer, {}
        context = answer.context
        faults = {one.formset.prefix: one.formset for one in context["inline_admin_formsets"]}
        return answer, {"form": context["adminform"].form.errors, **faults}

    return send


def test_everything_that_a_contract_may_say_is_stored(form, contract):
    night = {"weekday": 4, "opens": "22:00", "closes": "06:00", "includes_second_level": "on"}
    day = {"weekday": 5, "opens": "09:00", "closes": "14:00", "works_on_holidays": "on"}
    rows: dict[str, list[dict[str, Any]]] = {
        "extension_windows": [night, day, {**day, "opens": "16:00", "closes": "18:00"}],
        "closed_days": [{"date": "02/05/2030", "name": "Aniversario"}],
        "targets": [TARGET, {**TARGET, "service_line": "technological", "attention_clock": "business"}],
        "warning_levels": [{"percent": 60}],
        "escalation_rules": [
            {**RULE, "percent": 80},
            {**RULE, "delay_minutes": 0},
            {**RULE, "clock": "commitment", "delay_minutes": 60, "level": 3},
        ],
    }
    answer, faults = form(sent(contract, rows, time_zone="America/Tijuana", pauses_for_vendor="true"))
    assert answer.status_code == 302, {name: getattr(one, "errors", one) for name, one in faults.items()}
    terms = ServiceTerms.objects.get(contract=contract)
    assert (terms.time_zone, terms.pauses_for_vendor, terms.pauses_for_user) == ("America/Tijuana", True, None)
    assert list(
        terms.extension_windows.order_by("weekday", "opens").values_list(
            "weekday", "opens", "closes", "includes_second_level", "works_on_holidays"
        )
    ) == [(4, 1320, 360, True, False), (5, 540, 840, False, True), (5, 960, 1080, False, True)]
    assert terms.closed_days.get().date == date(2030, 5, 2)
    assert list(terms.targets.order_by("service_line").values_list("service_line", "attention_clock")) == [
        ("", ""),
        ("technological", "business"),
    ]
    assert list(terms.escalation_rules.order_by("pk").values_list("clock", "percent", "delay_minutes", "level")) == [
        ("attention", 80, None, 2),
        ("attention", None, 0, 2),
        ("commitment", None, 60, 3),
    ]


def test_a_contracts_terms_say_only_what_differs(form, contract):
    rows = {"extension_windows": [{"weekday": 5, "opens": "09:00", "closes": "14:00"}], "targets": [TARGET]}
    answer, _ = form(sent(contract, rows, validation_hours=24, matrix_low_minor="high"))
    assert answer.status_code == 302
    terms = ServiceTerms.objects.get(contract=contract)
    assert list(terms.priority_rules.values_list("urgency", "impact", "priority")) == [("low", "minor", "high")]
    assert (terms.extension_windows.get().opens, terms.targets.get().reaction_minutes) == (540, 15)
    assert (terms.pauses_for_user, terms.calendar, terms.validation_hours) == (None, None, 24)


WINDOW = {"weekday": 5, "opens": "09:00", "closes": "14:00"}


@pytest.mark.parametrize(
    ("prefix", "row", "field", "words"),
    [
        ("extension_windows", WINDOW, "weekday", "mismo horario"),
        ("closed_days", {"date": "02/05/2030", "name": "Aniversario"}, "date", "esa fecha"),
        ("targets", TARGET, "priority", "esa prioridad y esa línea"),
        ("warning_levels", {"percent": 60}, "percent", "ese porcentaje"),
        ("escalation_rules", {**RULE, "percent": 80}, "clock", "repetida"),
    ],
)
def test_a_repeated_row_is_told_so_beside_it(form, contract, prefix, row, field, words):
    answer, faults = form(sent(contract, {prefix: [row, row]}))
    assert answer.status_code == 200
    first, second = faults[prefix].errors
    assert (first, set(second)) == ({}, {field})
    assert words in second[field][0]
    assert words in answer.content.decode()
    assert not ServiceTerms.objects.filter(contract=contract).exists()


def test_the_same_row_twice_is_fine_when_one_of_them_goes(form, contract):
    answer, _ = form(sent(contract, {"warning_levels": [{"percent": 60}, {"percent": 60, "DELETE": "on"}]}))
    assert answer.status_code == 302
    assert ServiceTerms.objects.get(contract=contract).warning_levels.count() == 1


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({}, "percent", "Escriba cuándo"),
        ({"percent": 80, "delay_minutes": 30}, "percent", "no ambos"),
        ({"clock": "commitment", "percent": 80}, "percent", "no tiene porcentaje"),
        ({"clock": "commitment"}, "delay_minutes", "Escriba cuándo"),
        ({"percent": 100}, "percent", "menor"),
        ({"percent": 80, "level": 5}, "level", "menor"),
    ],
)
def test_a_rule_says_exactly_when_and_where_to(form, contract, changes, field, words):
    answer, faults = form(sent(contract, {"escalation_rules": [{**RULE, **changes}]}))
    assert answer.status_code == 200
    assert set(faults["escalation_rules"].errors[0]) == {field}
    assert words in faults["escalation_rules"].errors[0][field][0]
    assert not EscalationRule.objects.filter(terms__contract=contract).exists()


@pytest.mark.parametrize("zone", ["Marte/Olimpo", "America/Mexico City", "../../etc/passwd"])
def test_a_zone_that_does_not_exist_is_refused_in_words(form, contract, zone):
    answer, faults = form(sent(contract, time_zone=zone))
    assert answer.status_code == 200
    assert faults["form"]["time_zone"] == [f"«{zone}» no es una zona horaria. Elija una de la lista."]


def test_the_zones_offered_begin_with_mexico_and_keep_the_stored_one():
    offered = zones("Etc/GMT+6")
    assert offered[0] == ("", "La de la compañía")
    assert (offered[1][0], offered[1][1][0][0]) == ("México", "America/Mexico_City")
    names = [name for _, group in offered[1:] for name, _ in group]
    assert len(names) == len(set(names))
    assert {"America/Tijuana", "America/Bogota", "Europe/Madrid", "Etc/GMT+6"} <= set(names)


def test_two_terms_of_a_contract_do_not_begin_at_once(form, contract, guide):
    assert form(sent(contract))[0].status_code == 302
    answer, faults = form(sent(contract, name="Otras"))
    assert "Ya hay otras condiciones" in faults["form"]["valid_from"][0]
    assert answer.status_code == 200
    assert ServiceTerms.objects.filter(contract=contract).count() == 1


def guide_rows() -> list[dict[str, Any]]:
    return [{**TARGET, "priority": name, "attention_minutes": 60} for name in ("critical", "high", "medium", "low")]


def guide_values(guide: ServiceTerms) -> dict[str, Any]:
    cells = {f"matrix_{r.urgency}_{r.impact}": r.priority for r in guide.priority_rules.all()}
    values = {"calendar": guide.calendar_id, "validation_hours": 72}
    return cells | values | {"pauses_for_user": "true", "pauses_for_vendor": "false"}


def test_the_guides_targets_leave_nothing_out(form, guide):
    rows = {"targets": guide_rows()[:3]}
    answer, faults = form(sent(None, rows, **guide_values(guide)))
    assert answer.status_code == 200
    told = " ".join(faults["targets"].non_form_errors())
    assert "Faltan: baja en soporte funcional; baja en soporte técnico; baja en soporte tecnológico." in told
    assert form(sent(None, {"targets": guide_rows()}, **guide_values(guide)))[0].status_code == 302


def test_the_guides_targets_are_not_emptied_row_by_row(client, admin, guide):
    client.force_login(admin)
    client.post(reverse("admin:customers_serviceterms_new_version", args=[guide.pk]))
    new = ServiceTerms.objects.exclude(pk=guide.pk).get()
    first = new.targets.filter(service_line="").first()
    row = {
        "id": first.pk,
        "priority": first.priority,
        "service_line": "",
        "reaction_minutes": "",
        "attention_minutes": 5,
    }
    data = sent(None, {"targets": [row]}, **guide_values(guide)) | {"targets-INITIAL_FORMS": 1}
    answer = client.post(reverse("admin:customers_serviceterms_change", args=[new.pk]), data)
    assert answer.status_code == 200
    assert Target.objects.get(pk=first.pk).reaction_minutes == first.reaction_minutes


def test_an_agent_adds_no_terms(client, agent, contract):
    client.force_login(agent)
    assert client.post(ADD, sent(contract)).status_code == 403
    assert not ServiceTerms.objects.filter(contract=contract).exists()


def test_new_terms_are_proposed_from_tomorrow_and_say_what_an_empty_choice_means(client, admin, guide):
    client.force_login(admin)
    with clock.at(TUESDAY):
        page = client.get(ADD)
    assert page.context["adminform"].form["valid_from"].value() == datetime(2026, 3, 11, 6, tzinfo=UTC)
    rows = {one.formset.prefix: one.formset.empty_form for one in page.context["inline_admin_formsets"]}
    assert rows["targets"].fields["service_line"].choices[0] == ("", "Cualquiera")
    assert rows["targets"].fields["attention_clock"].choices[0] == ("", "De la guía")
    assert rows["escalation_rules"].fields["priority"].choices[0] == ("", "Cualquiera")
