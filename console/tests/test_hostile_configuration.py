"""What an administrator types cannot break anybody's pages, and no list of the configuration breaks over its address."""

import pytest
from django.urls import reverse

from console.tests.test_configuration import add, edit, listing
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
