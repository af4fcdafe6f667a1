"""Alarms and reactions about a complaint or an action say nothing to whom it is kept from (guide 3.13.1; docs/decisions/0014)."""

import pytest
from django.test import Client

from console.alarm_admin import waiting
from core import alarms, caching
from core.models import Alarm, Delivery
from surveys.services import voices

pytestmark = pytest.mark.django_db
LIST = "/admin/core/alarm/"
REACTIONS = "/admin/core/delivery/"
HEADS = ("supervisor", "manager", "director", "admin")


def text(person, address: str) -> str:
    client = Client()
    client.force_login(person)
    return client.get(address).content.decode()


def told(person) -> str:
    caching.forget_all()
    return waiting(type("Request", (), {"user": person, "path": "/admin/"})())


@pytest.fixture
def kept(complaint, request):
    """The person that the complaint points at, who owned its action; and the action's number."""

    def point(who: str):
        person = request.getfixturevalue(who)
        head = request.getfixturevalue("director" if who == "supervisor" else "supervisor")
        action = voices.open_action(complaint, by=head, owner=person)
        voices.point_at(complaint, by=head, people=[person], reason="Es de quien se queja.")
        alarms.sound(
            "voice", "voice:1:1", f"{complaint.number}: nadie.", subject=complaint.number, at=complaint.created_at
        )
        return person, head, action

    return point


@pytest.mark.parametrize("who", HEADS)
def test_whom_it_points_at_meets_no_alarm_of_it_nor_of_its_action(complaint, kept, who):
    person, head, action = kept(who)
    alarms.sound("clocks", "c", "Hay 3 diferencias.", at=complaint.created_at)
    rows = {row.subject: row for row in Alarm.objects.all()}
    assert set(rows) == {complaint.number, action.number, ""}
    everything = text(person, f"{LIST}?situacion=todas")
    for number in (complaint.number, action.number):
        assert number in text(head, LIST)
        assert number not in everything
        client = Client()
        client.force_login(person)
        assert client.get(f"{LIST}{rows[number].pk}/change/").status_code == 302
        assert client.post(f"{LIST}{rows[number].pk}/atendida/").status_code == 404
        client.post(LIST, {"action": "settle", "_selected_action": [rows[number].pk]})
        rows[number].refresh_from_db()
        assert rows[number].settled_at is None
    assert "Hay 3 diferencias." in everything
    assert told(person) == "Hay 1 alarma por atender"
    assert told(head) == "Hay 3 alarmas por atender"


@pytest.mark.parametrize("who", ["supervisor", "admin"])
def test_whom_it_points_at_meets_no_reaction_of_it(complaint, kept, who):
    person, _, _ = kept(who)
    other = Delivery.objects.create(event_id="e1", event="Something", handler="x.y", payload={"ticket_id": 1})
    seen = {
        row.pk for row in Delivery.objects.exclude(payload__has_key="voice_id").exclude(payload__has_key="action_id")
    }
    assert other.pk in seen
    assert Delivery.objects.count() > len(seen)
    client = Client()
    client.force_login(person)
    shown = client.get(REACTIONS).context["cl"].queryset
    assert {row.pk for row in shown} == seen
    for row in Delivery.objects.exclude(pk__in=seen):
        assert client.get(f"{REACTIONS}{row.pk}/change/").status_code == 302
