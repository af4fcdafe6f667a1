"""Calendars that counted keep their hours; their closed days may change from today on, and then the open tickets are counted anew."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from core import clock
from core.leases import WorkState
from customers.models import Calendar, CalendarWindow, ClosedDay, ServiceTerms
from servicedesk.testing import TUESDAY
from sla.models import Clock, Recalculation
from sla.tasks import recalculate
from sla.tests.conftest import local
from tickets.models import TicketEvent

pytestmark = pytest.mark.django_db

WEEK = [(day, 540, 1140) for day in range(5)]


def edit(calendar: Calendar) -> str:
    return reverse("admin:customers_calendar_change", args=[calendar.pk])


def rows(prefix: str, *given: dict[str, Any], initial: int = 0) -> dict[str, Any]:
    data: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(given), f"{prefix}-INITIAL_FORMS": initial}
    return data | {f"{prefix}-{i}-{name}": value for i, row in enumerate(given) for name, value in row.items()}


@pytest.fixture
def save(client, admin, now):
    """`save(calendar, {…}, initial=…)`: the calendar's form, sent on the Tuesday with these closed days."""

    def send(calendar: Calendar, *days: dict[str, Any], initial: int = 0, **values: Any) -> Any:
        client.force_login(admin)
        data = {
            "name": calendar.name,
            "observes_holidays": "on",
            **values,
            **rows("closed_days", *days, initial=initial),
        }
        return client.post(edit(calendar), data if "windows-TOTAL_FORMS" in values else data | rows("windows"))

    return send


def of(row: ClosedDay, **changes: Any) -> dict[str, Any]:
    return {"id": row.pk, "date": f"{row.date:%d/%m/%Y}", "name": row.name, **changes}


def faults(answer: Any) -> Any:
    return next(one.formset for one in answer.context["inline_admin_formsets"] if one.formset.prefix == "closed_days")


@pytest.fixture
def other(db: None) -> Calendar:
    """A calendar that nobody's terms use yet."""
    row = Calendar.objects.create(name="Otro", observes_holidays=True)
    CalendarWindow.objects.bulk_create(
        [CalendarWindow(calendar=row, weekday=day, opens=opens, closes=closes) for day, opens, closes in WEEK]
    )
    return row


def test_hours_that_counted_are_only_shown(client, admin, guide, now):
    client.force_login(admin)
    page = client.get(edit(guide.calendar)).content.decode()
    assert "su horario y sus días de descanso obligatorio no se modifican" in page
    assert "cree un calendario nuevo y una versión de las condiciones que lo use" in page
    assert 'name="observes_holidays"' not in page
    assert 'name="windows-0-opens"' not in page
    assert "9:00 a 19:00" in page


def test_a_forged_form_changes_no_hours_that_counted(save, guide):
    window = guide.calendar.windows.first()
    forged = rows("windows", {"id": window.pk, "weekday": 0, "opens": "00:00", "closes": "24:00"}, initial=1)
    save(guide.calendar, **forged, observes_holidays="")
    calendar = Calendar.objects.get(pk=guide.calendar.pk)
    assert sorted(calendar.windows.values_list("weekday", "opens", "closes")) == WEEK
    assert calendar.observes_holidays


def test_hours_that_counted_for_nobody_are_changed(save, other):
    window = other.windows.first()
    given = rows("windows", {"id": window.pk, "weekday": 0, "opens": "08:00", "closes": "20:00"}, initial=1)
    assert save(other, **given).status_code == 302
    assert CalendarWindow.objects.get(pk=window.pk).opens == 480


def test_terms_that_are_not_in_force_yet_freeze_nothing(client, admin, other, contract, now):
    ServiceTerms.objects.create(contract=contract, name="2030", calendar=other, valid_from=now + timedelta(days=1))
    client.force_login(admin)
    assert 'name="windows-0-opens"' in client.get(edit(other)).content.decode()
    with clock.at(now + timedelta(days=1)):
        assert 'name="windows-0-opens"' not in client.get(edit(other)).content.decode()


def test_a_calendar_that_counted_is_not_deleted(client, admin, guide, other, now):
    client.force_login(admin)
    delete = "admin:customers_calendar_delete"
    assert client.post(reverse(delete, args=[guide.calendar.pk]), {"post": "yes"}).status_code == 403
    assert client.post(reverse(delete, args=[other.pk]), {"post": "yes"}).status_code == 302


def test_a_closed_day_reaches_the_open_tickets_and_says_so(save, client, admin, ticket, guide, now):
    answer = save(guide.calendar, {"date": "11/03/2026", "name": "Mudanza"})
    assert answer.status_code == 302
    job = Recalculation.objects.get()
    assert (job.calendar, job.requested_by, job.reason) == (
        guide.calendar, admin, "Se agregó el 11/03/2026 (Mudanza).",
    )  # fmt: skip
    page = client.get(answer["Location"]).content.decode()
    assert f'href="{reverse("admin:sla_recalculation_change", args=[job.pk])}">Ver el avance</a>' in page
    with clock.at(job.next_at):
        recalculate()
    assert Clock.objects.get(ticket=ticket, kind="attention").due_at == local("2026-03-12 10:00")
    assert TicketEvent.objects.get(ticket=ticket, kind="calendar_applied").data["reason"] == job.reason


def test_days_are_moved_and_removed_from_today_on(save, guide):
    first = ClosedDay.objects.create(calendar=guide.calendar, date=date(2026, 3, 10), name="Hoy")
    second = ClosedDay.objects.create(calendar=guide.calendar, date=date(2026, 4, 1), name="Puente")
    answer = save(guide.calendar, of(first, DELETE="on"), of(second, date="02/04/2026"), initial=2)
    assert answer.status_code == 302, faults(answer).errors
    assert list(guide.calendar.closed_days.values_list("date", "name")) == [(date(2026, 4, 2), "Puente")]
    assert (
        Recalculation.objects.get().reason == "El 01/04/2026 pasó al 02/04/2026 (Puente); se quitó el 10/03/2026 (Hoy)."
    )


def test_what_was_counted_is_neither_added_changed_nor_removed(save, guide):
    answer = save(guide.calendar, {"date": "09/03/2026", "name": "Ayer"})
    assert faults(answer).errors == [{"date": ["Ya pasó y así se contó: sólo se agregan días de hoy en adelante."]}]
    past = ClosedDay.objects.create(calendar=guide.calendar, date=date(2026, 3, 9), name="Ayer")
    for changes in ({"DELETE": "on"}, {"date": "20/03/2026"}, {"name": "Antier"}):
        answer = save(guide.calendar, of(past, **changes), initial=1)
        assert answer.status_code == 200, changes
        assert faults(answer).non_form_errors() == ["El 09/03/2026 ya pasó y así se contó: no se cambia ni se quita."]
        assert "no se cambia ni se quita" in answer.content.decode()
    assert list(guide.calendar.closed_days.values_list("date", "name")) == [(date(2026, 3, 9), "Ayer")]
    assert not Recalculation.objects.exists()


def test_today_is_the_desks(save, client, guide):
    """At ten in the evening of the 10th in Mexico it is the 11th in UTC."""
    with clock.at(TUESDAY + timedelta(hours=12)):
        assert save(guide.calendar, {"date": "10/03/2026", "name": "Hoy"}).status_code == 302
    assert guide.calendar.closed_days.count() == 1


def test_the_past_of_a_calendar_that_counts_for_nobody_is_free(save, other):
    assert save(other, {"date": "09/03/2026", "name": "Ayer"}).status_code == 302
    assert other.closed_days.count() == 1
    assert not Recalculation.objects.exists()


def test_another_name_alone_counts_nothing_anew(save, guide):
    row = ClosedDay.objects.create(calendar=guide.calendar, date=date(2026, 4, 1), name="Puente")
    assert save(guide.calendar, of(row, name="Aniversario"), initial=1).status_code == 302
    assert guide.calendar.closed_days.get().name == "Aniversario"
    assert not Recalculation.objects.exists()


def test_the_same_day_twice_is_told_beside_it(save, guide):
    day = {"date": "11/03/2026", "name": "Mudanza"}
    answer = save(guide.calendar, day, day)
    assert faults(answer).errors == [{}, {"date": ["Ya hay un renglón de esa fecha."]}]
    assert not guide.calendar.closed_days.exists()


def test_days_edited_again_begin_the_pending_one_again(save, guide):
    save(guide.calendar, {"date": "11/03/2026", "name": "Mudanza"})
    Recalculation.objects.update(cursor=7, done=3, total=9, lease_token="x")
    row = guide.calendar.closed_days.get()
    save(guide.calendar, of(row), {"date": "12/03/2026", "name": "Mudanza"}, initial=1)
    job = Recalculation.objects.get()
    assert (job.cursor, job.done, job.total, job.lease_token, job.state) == (0, 0, None, "", WorkState.PENDING)
    assert job.reason == "Se agregó el 12/03/2026 (Mudanza)."


def test_how_many_tickets_it_counts_is_said_before(client, admin, ticket, guide):
    client.force_login(admin)
    assert "Cuenta los tiempos de un ticket abierto." in client.get(edit(guide.calendar)).content.decode()


def test_the_recalculation_of_days_is_not_taken_back(save, client, admin, guide):
    save(guide.calendar, {"date": "11/03/2026", "name": "Mudanza"})
    job = Recalculation.objects.get()
    assert "Retirar" not in client.get(reverse("admin:sla_recalculation_change", args=[job.pk])).content.decode()
    client.post(reverse("admin:sla_recalculation_withdraw", args=[job.pk]))
    assert Recalculation.objects.get().state == WorkState.PENDING


@pytest.mark.parametrize("who", ["agent", "supervisor", "consultant", "outsider"])
def test_who_is_no_administrator_changes_no_day(who, request, client, guide, now):
    client.force_login(request.getfixturevalue(who))
    data = {"name": "x", "observes_holidays": "on", **rows("closed_days", {"date": "11/03/2026", "name": "x"})}
    assert client.post(edit(guide.calendar), data | rows("windows")).status_code in (302, 403)
    assert not ClosedDay.objects.exists()
    assert not Recalculation.objects.exists()
