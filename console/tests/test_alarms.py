"""Alarms in the console: told on every page to who supervises, read in a list, and seen to by a person in their own name."""

from datetime import timedelta

import pytest
from django.urls import reverse

from channels.models import OutboundMessage
from core import alarms, caching
from core.models import Alarm
from core.tasks import run_deliveries

pytestmark = pytest.mark.django_db
LIST = "/admin/core/alarm/"
PAGES = ("/admin/tickets/ticket/", "/admin/configuracion/", "/admin/customers/company/")
WATCHERS = ("supervisor", "manager", "director", "admin")


@pytest.fixture
def alarm(ticket, now):
    return alarms.sound("escalation", "e:1", f"{ticket.number}: nadie contesta.", subject=ticket.number, at=now)


def page(client, address):
    return client.get(address).content.decode()


@pytest.mark.parametrize("who", WATCHERS)
def test_every_page_tells_who_supervises_how_many_wait(client, request, alarm, now, who):
    client.force_login(request.getfixturevalue(who))
    for address in (*PAGES, f"/admin/tickets/ticket/{alarm.subject}/change/"):
        text = page(client, address)
        assert "Hay 1 alarma por atender" in text, address
        assert f'href="{LIST}"' in text, address
    alarms.sound("parked", "p:1", "Hay mensajes detenidos.", at=now)
    caching.forget_all()
    assert "Hay 2 alarmas por atender" in page(client, PAGES[0])


@pytest.mark.parametrize("who", ["agent", "consultant", "bpo", "service_delivery"])
def test_the_others_are_told_of_none_and_reach_none(client, request, alarm, who):
    client.force_login(request.getfixturevalue(who))
    assert "1 alarma" not in page(client, PAGES[0])
    assert client.get(LIST).status_code == 403
    assert client.get(f"{LIST}{alarm.pk}/change/").status_code == 403
    assert client.post(f"{LIST}{alarm.pk}/atendida/").status_code == 403
    client.post(LIST, {"action": "settle", "_selected_action": [alarm.pk]})
    assert Alarm.objects.get().settled_at is None


@pytest.mark.parametrize("who", ["requester", "outsider"])
def test_customers_do_not_reach_them(client, request, alarm, who):
    client.force_login(request.getfixturevalue(who))
    for address in (LIST, f"{LIST}{alarm.pk}/change/", f"{LIST}{alarm.pk}/atendida/"):
        assert client.get(address).status_code == 302
        assert client.post(address).status_code == 302
    assert Alarm.objects.get().settled_at is None


def test_without_alarms_no_page_speaks_of_them(client, supervisor, ticket):
    client.force_login(supervisor)
    assert "sd-alarms" not in page(client, PAGES[0]) + page(client, LIST)


def test_the_list_shows_those_that_wait_each_with_its_ticket(client, supervisor, alarm, now):
    alarms.sound("parked", "p:1", "Algo viejo.", at=now - timedelta(days=1))
    alarms.settle("p:1", at=now, by="Julio Bernal Ortiz")
    client.force_login(supervisor)
    text = page(client, LIST)
    assert alarm.text in text
    assert f'href="/admin/tickets/ticket/{alarm.subject}/change/"' in text
    assert "Algo viejo." not in text
    assert "Algo viejo." in page(client, f"{LIST}?situacion=atendidas")
    assert "Julio Bernal Ortiz" in page(client, f"{LIST}?situacion=todas")


def test_an_alarm_about_the_product_leads_to_the_list_that_it_speaks_of(client, supervisor, now):
    OutboundMessage.raise_alarm(at=now)
    alarms.sound("clocks", "clocks:2026-03-11", "Hay 3 diferencias.", at=now)
    alarms.sound("else", "x", "Otra cosa.", at=now)
    client.force_login(supervisor)
    text = page(client, LIST)
    assert "sd-alarms" not in text
    assert 'href="/admin/channels/outboundmessage/?state__exact=parked"' in text
    assert 'href="/admin/sla/clockaudit/"' in text


@pytest.mark.parametrize("way", ["list", "page"])
@pytest.mark.parametrize("who", WATCHERS)
def test_who_sees_to_it_is_on_record_and_the_page_is_silent_at_once(client, request, alarm, who, way, now):
    person = request.getfixturevalue(who)
    client.force_login(person)
    assert "Hay 1 alarma" in page(client, PAGES[0])
    if way == "list":
        answer = client.post(LIST, {"action": "settle", "_selected_action": [alarm.pk]})
    else:
        assert "Marcar como atendida" in page(client, f"{LIST}{alarm.pk}/change/")
        answer = client.post(f"{LIST}{alarm.pk}/atendida/")
    assert answer.status_code == 302
    row = Alarm.objects.get()
    assert (row.settled_at, row.settled_by) == (now, person.full_name)
    assert "alarma por" not in page(client, PAGES[0])
    if way == "page":
        client.post(f"{LIST}{alarm.pk}/atendida/")
        assert "Marcar como atendida" not in page(client, f"{LIST}{alarm.pk}/change/")
    assert Alarm.objects.get().settled_at == now


def test_looking_settles_nothing(client, supervisor, alarm):
    client.force_login(supervisor)
    assert client.get(f"{LIST}{alarm.pk}/atendida/").status_code == 405
    client.get(LIST, {"action": "settle", "_selected_action": [alarm.pk]})
    assert client.post(f"{LIST}{alarm.pk}/change/", {"settled_by": "x"}).status_code == 403
    assert client.post(f"{LIST}add/", {"text": "x"}).status_code == 403
    assert client.post(f"{LIST}999999/atendida/").status_code == 404
    assert Alarm.objects.get().settled_at is None


def test_what_an_alarm_says_is_text(client, supervisor, now):
    alarms.sound("x", "x", "<script>alert(1)</script>", subject='"><b>x', at=now)
    client.force_login(supervisor)
    for address in (LIST, f"{LIST}{Alarm.objects.get().pk}/change/"):
        text = page(client, address)
        assert "&lt;script&gt;alert(1)" in text
        assert "<script>alert(1)" not in text
        assert "<b>x" not in text


def test_counting_them_costs_a_query_now_and_then(client, supervisor, alarm, django_assert_num_queries):
    request = type("Request", (), {"user": supervisor, "path": "/admin/"})()
    from console.alarm_admin import waiting

    caching.forget_all()
    with django_assert_num_queries(1):
        assert waiting(request) == "Hay 1 alarma por atender"
    with django_assert_num_queries(0):
        assert waiting(request) == "Hay 1 alarma por atender"


def test_the_message_that_was_withdrawn_says_why_in_its_list(client, agent, ticket):
    run_deliveries()
    row = OutboundMessage.objects.get()
    row.withdraw("El tiempo está en pausa.")
    client.force_login(agent)
    listing = reverse("admin:channels_outboundmessage_changelist")
    assert row.subject in page(client, f"{listing}?state__exact=withdrawn")
    assert "Retirado" in page(client, listing)
    assert "El tiempo está en pausa." in page(client, reverse("admin:channels_outboundmessage_change", args=[row.pk]))


def test_a_list_without_rows_says_so_and_offers_no_filter_to_take_away(client, supervisor):
    client.force_login(supervisor)
    page = client.get(reverse("admin:core_alarm_changelist")).content.decode()
    assert "No hay alarmas" in page
    assert "Quitar los filtros" not in page
    asked = client.get(reverse("admin:core_alarm_changelist"), {"q": "nada"}).content.decode()
    assert "Nada coincide" in asked
    assert "Quitar los filtros" in asked
