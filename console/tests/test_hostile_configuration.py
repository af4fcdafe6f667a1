"""What an administrator types cannot break anybody's pages, and no list of the configuration breaks over its address."""

import pytest
from django.urls import reverse

from console.tests.test_configuration import add, edit, listing
from customers.models import Service
from tickets.models import CatalogCategory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("zone", ["Marte/Base", "../../etc/passwd", "America/Mexico_City\x00"])
def test_a_zone_that_is_none_is_refused_beside_its_field(client, admin, agent, zone):
    client.force_login(admin)
    sent = {"email": agent.email, "full_name": agent.full_name, "role": "agent", "time_zone": zone, "is_active": "on"}
    answer = client.post(edit(agent), sent)
    assert set(answer.context["adminform"].form.errors) == {"time_zone"}
    agent.refresh_from_db()
    assert agent.time_zone == "America/Mexico_City"


@pytest.mark.parametrize(
    "changes",
    [
        {"icon": "no-hay"},
        {"fields": '[{"name": "a", "label": "A", "type": "choice", "options": 5}]'},
        {"fields": '[{"name": "a", "label": "A", "type": "choice", "options": [1]}]'},
        {"fields": '[{"name": "a", "label": "A", "type": "choice", "options": [["x"]]}]'},
        {"fields": '[{"name": "a", "label": {"x": 1}}]'},
    ],
)
def test_a_catalogue_item_that_would_break_the_portal_is_refused(client, admin, guide, changes):
    category = CatalogCategory.objects.create(name="Aplicación")
    client.force_login(admin)
    sent = {
        "category": category.pk, "name": "Error", "icon": "document-text", "position": 0, "kind": "incident",
        "service_line": "functional", "default_impact": "minor", "default_urgency": "low", "fields": "[]",
    }  # fmt: skip
    answer = client.post(add("tickets_catalogitem"), {**sent, **changes})
    assert set(answer.context["adminform"].form.errors) == set(changes)
    assert client.post(add("tickets_catalogitem"), sent).status_code == 302


@pytest.mark.parametrize("name", ["q", "is_active__exact"])
def test_a_filter_that_no_database_takes_is_a_bad_request(client, admin, company, name):
    client.force_login(admin)
    assert client.get(listing("customers_company"), {name: "\x00"}).status_code == 400


@pytest.mark.parametrize("text", ["a" * 60_000, "a " * 5_000])
def test_a_search_as_long_as_a_book_is_cut_and_answered(client, admin, company, text):
    client.force_login(admin)
    assert client.get(listing("customers_company"), {"q": text}).status_code == 200
    found = {"app_label": "customers", "model_name": "validuser", "field_name": "company", "term": text}
    assert client.get(reverse("admin:autocomplete"), found).status_code == 200


def test_the_chooser_of_a_page_asks_for_what_the_console_answers(client, admin, contract, guide):
    """By the names that the page itself sends, not by ours."""
    client.force_login(admin)
    widget = client.get(add("customers_serviceterms")).context["adminform"].form.fields["contract"].widget
    asked = widget.widget.build_attrs({})
    names = {name: asked[f"data-{name.replace('_', '-')}"] for name in ("app_label", "model_name", "field_name")}
    answer = client.get(reverse("admin:autocomplete"), {**names, "term": contract.number})
    assert [row["id"] for row in answer.json()["results"]] == [str(contract.pk)]


@pytest.mark.parametrize("pk", ["²", "١", "9" * 40])
@pytest.mark.parametrize("model", ["escalation_matrix", "customers_serviceterms", "customers_calendar"])
def test_an_address_with_a_number_that_is_none_leads_to_no_row(client, admin, guide, model, pk):
    client.force_login(admin)
    answer = client.get(reverse(f"admin:{model}_change", args=["0"]).replace("/0/", f"/{pk}/"))
    assert answer.status_code in (200, 302)


@pytest.mark.parametrize("moment", ["0001-01-01", "1899-12-30", "2200-01-02", "9999-12-31"])
def test_a_moment_that_cannot_be_counted_is_refused_beside_its_field(client, admin, guide, moment):
    client.force_login(admin)
    sent = {**_rows("extension_windows", "closed_days", "targets", "warning_levels", "escalation_rules")}
    sent |= {"name": "Siempre", "valid_from_0": moment, "valid_from_1": "23:59", "validation_hours": "72"}
    answer = client.post(add("customers_serviceterms"), sent)
    assert "valid_from" in answer.context["adminform"].form.errors


def test_more_hours_to_validate_than_a_year_has_are_refused(client, admin, contract):
    client.force_login(admin)
    sent = {**_rows("extension_windows", "closed_days", "targets", "warning_levels", "escalation_rules")}
    sent |= {"contract": contract.pk, "name": "Sin prisa", "validation_hours": str(10**12)}
    sent |= {"valid_from_0": "2190-01-01", "valid_from_1": "00:00"}
    answer = client.post(add("customers_serviceterms"), sent)
    assert set(answer.context["adminform"].form.errors) == {"validation_hours"}


def _rows(*names: str) -> dict[str, str]:
    """No rows in any of the sets."""
    return {f"{name}-{which}_FORMS": "0" for name in names for which in ("TOTAL", "INITIAL")}


@pytest.mark.parametrize("chosen", ["x", "²", "-1"])
def test_a_choice_that_is_none_is_refused_beside_its_field(client, admin, company, chosen):
    client.force_login(admin)
    answer = client.post(add("customers_contract"), {"company": chosen, "services": [chosen], "number": "1"})
    assert {"company", "services"} <= set(answer.context["adminform"].form.errors)


@pytest.mark.parametrize(
    ("typed", "stored"), [("Una\r\nBcc: x@y.mx", "Una Bcc: x@y.mx"), ("\u202eUna\u200b  más ", "Una más")]
)
def test_what_cannot_be_seen_of_a_line_is_not_stored(client, admin, typed, stored):
    client.force_login(admin)
    assert client.post(add("customers_service"), {"name": typed, "is_active": "on"}).status_code == 302
    assert Service.objects.get().name == stored


@pytest.mark.parametrize("typed", ["\u200b\u202e", "a\x00b"])
def test_a_line_without_anything_to_see_is_refused(client, admin, typed):
    client.force_login(admin)
    answer = client.post(add("customers_service"), {"name": typed, "is_active": "on"})
    assert set(answer.context["adminform"].form.errors) == {"name"}
