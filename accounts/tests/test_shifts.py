"""Shifts as they are typed on a person's page: hours as on a clock, never two at once, only for who works for the desk."""

import pytest
from django.urls import reverse

from accounts.forms import overlap
from accounts.models import User, WorkShift

pytestmark = pytest.mark.django_db


def page_of(person: User) -> str:
    return reverse("admin:accounts_user_change", args=[person.pk])


def form(person: User, *shifts: tuple[int, str, str]) -> dict[str, object]:
    given: dict[str, object] = {
        "full_name": person.full_name,
        "email": person.email,
        "role": person.role,
        "phone": "",
        "time_zone": person.time_zone,
        "is_active": "on",
        "shifts-TOTAL_FORMS": len(shifts),
        "shifts-INITIAL_FORMS": 0,
    }
    for place, (weekday, starts, ends) in enumerate(shifts):
        given |= {
            f"shifts-{place}-weekday": weekday,
            f"shifts-{place}-starts": starts,
            f"shifts-{place}-ends": ends,
        }
    return given


def stored(person: User) -> list[str]:
    return [str(shift) for shift in person.shifts.all()]


def test_an_administrator_gives_shifts_as_on_a_clock(client, admin, agent):
    client.force_login(admin)
    answer = client.post(
        page_of(agent), form(agent, (0, "9:00", "18:00"), (4, "22:00", "06:00"), (5, "18:30", "24:00"))
    )
    assert answer.status_code == 302
    assert stored(agent) == ["Lunes 9:00 a 18:00", "Viernes 22:00 a 6:00", "Sábado 18:30 a 24:00"]
    assert 'value="18:30"' in client.get(page_of(agent)).content.decode()


@pytest.mark.parametrize(
    ("first", "second", "named"),
    [
        ((0, "09:00", "18:00"), (0, "17:00", "20:00"), "Lunes 9:00 a 18:00"),
        ((4, "22:00", "06:00"), (5, "05:00", "09:00"), "Viernes 22:00 a 6:00"),
        ((6, "22:00", "06:00"), (0, "00:00", "02:00"), "Domingo 22:00 a 6:00"),
        ((0, "00:00", "02:00"), (6, "22:00", "06:00"), "Lunes 0:00 a 2:00"),
        ((2, "08:00", "08:00"), (3, "07:59", "10:00"), "Miércoles 8:00 a 8:00"),
    ],
)
def test_shifts_that_overlap_are_refused_beside_the_hour_and_nothing_typed_is_lost(
    client, admin, agent, first, second, named
):
    client.force_login(admin)
    page = client.post(page_of(agent), form(agent, first, second))
    assert page.status_code == 200
    text = page.content.decode()
    assert f"Este turno se encima con «{named}». Cambie uno de los dos." in text
    assert f'value="{second[1]}"' in text
    assert stored(agent) == []


def test_shifts_that_only_touch_are_taken(client, admin, agent):
    client.force_login(admin)
    shifts = ((6, "22:00", "06:00"), (0, "06:00", "14:00"), (0, "14:00", "22:00"))
    assert client.post(page_of(agent), form(agent, *shifts)).status_code == 302
    assert len(stored(agent)) == 3


def test_a_shift_that_is_being_deleted_is_in_nobodys_way(client, admin, agent):
    old = WorkShift.objects.create(user=agent, weekday=0, starts=540, ends=1080)
    client.force_login(admin)
    given = form(agent, (0, "09:00", "18:00"), (0, "10:00", "19:00"))
    given |= {"shifts-INITIAL_FORMS": 1, "shifts-0-id": old.pk, "shifts-0-user": agent.pk, "shifts-0-DELETE": "on"}
    assert client.post(page_of(agent), given).status_code == 302
    assert stored(agent) == ["Lunes 10:00 a 19:00"]


@pytest.mark.parametrize("text", ["25:00", "9", "mañana"])
def test_an_hour_that_does_not_exist_is_refused(client, admin, agent, text):
    client.force_login(admin)
    page = client.post(page_of(agent), form(agent, (0, text, "18:00")))
    assert "Escriba la hora como 09:00" in page.content.decode()
    assert stored(agent) == []


def test_a_supervisor_reads_shifts_as_sentences_and_changes_none(client, supervisor, agent):
    WorkShift.objects.create(user=agent, weekday=0, starts=540, ends=1080)
    client.force_login(supervisor)
    text = client.get(page_of(agent)).content.decode()
    assert "Lunes 9:00 a 18:00" in text
    assert 'name="shifts-0-starts"' not in text
    assert client.post(page_of(agent), form(agent, (1, "09:00", "18:00"))).status_code == 403
    assert len(stored(agent)) == 1


def test_a_customer_has_no_shifts_whatever_is_posted(client, admin, requester):
    client.force_login(admin)
    assert "Turnos" not in client.get(page_of(requester)).content.decode()
    given = form(requester, (0, "09:00", "18:00"))
    client.post(page_of(requester), given)
    assert not WorkShift.objects.exists()


@pytest.mark.parametrize("who", ["agent", "consultant", "requester", "outsider"])
def test_nobody_else_reaches_a_persons_shifts(client, request, manager, who):
    client.force_login(request.getfixturevalue(who))
    assert client.post(page_of(manager), form(manager, (0, "09:00", "18:00"))).status_code in (302, 403)
    assert not WorkShift.objects.exists()


def test_every_pair_of_shifts_overlaps_as_their_minutes_say():
    """Against a model that writes down the minutes, at the edges that matter."""
    edges = [(day, start, end) for day in (0, 3, 6) for start in (0, 480, 1439) for end in (0, 1, 480, 1440)]

    def minutes(day, start, end):
        stop = end if end > start else end + 1440
        return {(day * 1440 + minute) % (7 * 1440) for minute in range(start, stop)}

    held = {edge: minutes(*edge) for edge in edges}
    for one in edges:
        for other in edges:
            rows = [WorkShift(weekday=d, starts=s, ends=e) for d, s, e in (one, other)]
            assert overlap(*rows) == bool(held[one] & held[other]), (one, other)
