"""Whoever represents a company raises tickets for its people; nobody else does."""

import pytest

from customers.models import ValidUser
from portal.tests.test_raising import filled
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


def names(page) -> list[str]:
    form = page.context["form"]
    return [label for _, label in form.fields["requester"].choices] if "requester" in form.fields else []


def test_a_representative_raises_a_ticket_for_a_colleague(client, representative, requester, colleague, outsider, now):
    client.force_login(representative)
    offered = names(client.get("/levantar/"))
    assert offered[0] == f"{representative.full_name} (usted)"
    assert sorted(offered[1:]) == sorted([requester.full_name, colleague.full_name])
    answer = client.post("/levantar/", filled(requester=requester.pk))
    row = Ticket.objects.get()
    assert (row.requester, answer["Location"]) == (requester, f"/asuntos/{row.number}/")
    assert f"a nombre de {requester.full_name}" in client.get(answer["Location"]).content.decode()


def test_without_a_choice_the_ticket_is_the_representatives_own(client, representative, requester, now):
    client.force_login(representative)
    client.post("/levantar/", filled(requester=""))
    assert Ticket.objects.get().requester == representative


def test_a_suspended_colleague_is_not_offered_nor_accepted(client, representative, requester, now):
    ValidUser.objects.filter(user=requester).update(status=ValidUser.Status.SUSPENDED)
    client.force_login(representative)
    answer = client.post("/levantar/", filled(requester=requester.pk))
    assert not Ticket.objects.exists()
    assert requester.full_name not in names(answer)


def test_a_foreigner_is_refused_beside_the_field(client, representative, requester, outsider, now):
    client.force_login(representative)
    answer = client.post("/levantar/", filled(requester=outsider.pk))
    assert answer.status_code == 422
    assert answer.context["form"].errors["requester"] == ["Elija a una persona de la lista."]


def test_a_requester_chooses_nobody_whatever_they_send(client, requester, colleague, now):
    client.force_login(requester)
    assert names(client.get("/levantar/")) == []
    client.post("/levantar/", filled(requester=colleague.pk))
    assert Ticket.objects.get().requester == requester
