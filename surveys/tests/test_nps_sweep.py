"""Waves, reminders and the end of a campaign, on time, late and doubled; and what the mails say."""

from datetime import timedelta

import pytest

from channels import wanted
from channels.models import OutboundMessage
from core import clock
from core.tasks import run_deliveries
from customers.models import ValidUser
from surveys import tokens
from surveys.models import NpsInvitation
from surveys.services import campaigns, nps, nps_sweep
from surveys.tasks import sweep_nps
from surveys.tests.nps_cast import of, passing, people, running
from surveys.vocabulary import LeftOut

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def sent(kind: str = "nps_invited") -> int:
    return OutboundMessage.objects.filter(kind=kind).count()


def test_a_wave_goes_out_on_its_day_at_ten_and_not_before(supervisor, requester, outsider):
    running(supervisor, waves=2)
    passing(0.99)
    assert sent() == 0
    passing(1)
    first = NpsInvitation.objects.get(wave=1)
    assert (first.state, first.invited_at) == ("invited", clock.now() + timedelta(days=1))
    assert (sent(), NpsInvitation.objects.get(wave=2).state) == (1, "planned")
    passing(8)
    assert sent() == 2


def test_nobody_is_written_to_at_night(supervisor, requester):
    requester.time_zone = "Asia/Tokyo"
    requester.save()
    running(supervisor)
    passing(1)
    row = of(requester)
    assert (sent(), row.state, row.next_at.isoformat()) == (0, "planned", "2026-03-11T23:00:00+00:00")
    passing(1.3)
    assert sent() == 1


def test_the_mail_asks_the_guides_question_with_eleven_links_and_says_nothing_else(supervisor, requester, contract):
    running(supervisor)
    passing(1)
    mail = OutboundMessage.objects.get()
    token = tokens.nps_token(of(requester))
    assert mail.address == requester.email
    for part in (mail.text, mail.html):
        assert "¿Cuán probable es que recomiende el producto o servicio de MásNegocio?" in part
        assert [f"/nps/{token}/?v={score}" in part for score in range(11)] == [True] * 11
        assert "Muy improbable" in part
        assert "Definitivamente lo recomendaría" in part
        assert "viernes 10 de abril" in part
        assert "Teresa" not in part


def test_reminders_come_at_their_distance_and_stop_with_the_answer(supervisor, requester, colleague):
    running(supervisor, reminders=2, remind_days=7)
    passing(1)
    nps.answer(of(colleague), score=9, at=clock.now() + timedelta(days=2))
    for day, told in ((7.9, 0), (8, 1), (14.9, 1), (15, 2), (29, 2)):
        passing(day)
        assert sent("nps_reminded") == told, day
    assert set(OutboundMessage.objects.filter(kind="nps_reminded").values_list("address", flat=True)) == {
        requester.email
    }
    assert of(requester).next_at is None


def test_a_late_reminder_moves_the_next_and_never_two_leave_at_once(supervisor, requester):
    running(supervisor, reminders=2, remind_days=7)
    passing(1)
    passing(20)
    passing(20)
    assert (sent("nps_reminded"), of(requester).reminders) == (1, 1)
    passing(26.9)
    assert sent("nps_reminded") == 1
    passing(27)
    assert sent("nps_reminded") == 2


def test_a_doubled_sweep_sends_nothing_twice(supervisor, requester):
    running(supervisor)
    with clock.at(clock.now() + timedelta(days=1)):
        assert sweep_nps() == 1
        assert sweep_nps() == 0
        run_deliveries()
        run_deliveries()
    assert sent() == 1


def test_whoever_left_meanwhile_is_not_asked(supervisor, requester, colleague, outsider):
    running(supervisor)
    ValidUser.objects.filter(user=requester).update(status="suspended")
    colleague.is_active = False
    colleague.save()
    ValidUser.objects.filter(user=outsider).update(company=of(requester).company)
    passing(1)
    assert sent() == 0
    assert {row.left_out for row in NpsInvitation.objects.all()} == {LeftOut.INACTIVE}


def test_a_wave_that_was_held_up_into_another_year_is_not_sent(supervisor, requester):
    late = {
        "opens_on": clock.now().date().replace(month=12, day=30),
        "closes_on": clock.now().date().replace(year=2027),
    }
    running(supervisor, **late)
    with clock.at(clock.now().replace(year=2027, month=1, day=2)):
        sweep_nps()
    assert (of(requester).state, of(requester).left_out) == ("left_out", LeftOut.CLOSED)


def test_what_was_answered_or_closed_before_the_mail_left_is_withdrawn(supervisor, requester, colleague):
    row = running(supervisor)
    passing(1)
    mail = OutboundMessage.objects.get(address=requester.email)
    at = clock.now() + timedelta(days=1.1)
    assert wanted.objection(mail, at=at) == ""
    nps.answer(of(requester), score=9, at=at)
    assert "ya se contestó" in wanted.objection(mail, at=at)
    other = OutboundMessage.objects.get(address=colleague.email)
    campaigns.close(row, by=supervisor)
    assert "terminó" in wanted.objection(other, at=at)


def test_an_event_told_after_the_answer_writes_no_mail(supervisor, requester):
    running(supervisor)
    with clock.at(clock.now() + timedelta(days=1)):
        sweep_nps()
        nps.answer(of(requester), score=9)
        run_deliveries()
    assert sent() == 0


@pytest.mark.parametrize("count", [1, 30])
def test_a_batch_costs_the_same_queries_whatever_its_size(supervisor, company, count, django_assert_num_queries):
    people(company, count)
    running(supervisor)
    with clock.at(clock.now() + timedelta(days=1)), django_assert_num_queries(12, exact=False):
        assert nps_sweep.mails(clock.now()).looked == count


def test_a_large_wave_leaves_over_minutes_and_takes_half_of_the_mail(supervisor, company, settings):
    settings.MAIL_PER_MINUTE = 20
    people(company, 25)
    running(supervisor)
    with clock.at(clock.now() + timedelta(days=1)):
        assert [sweep_nps() for _ in range(4)] == [10, 10, 5, 0]
        run_deliveries()
    assert sent() == 25
