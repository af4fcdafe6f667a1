"""Sending, against a real mail server."""

from datetime import timedelta

import pytest

from channels.models import PATIENCE, OutboundMessage, Route, message_id_for
from channels.tasks import BATCH, send_due
from core import clock
from core.leases import LEASE, WorkState


@pytest.fixture
def write(db):
    """`write(3)`: rows ready to go, oldest first."""

    def rows(count, address="persona{}@example.test", **values):
        return [
            OutboundMessage.objects.create(
                event_id=f"event{number:027}",
                kind="message",
                address=address.format(number),
                name="Lucía Herrera",
                subject=f"Mensaje {number}",
                text="La nómina ya se timbró: ¿la revisó?\n",
                html="<p>La nómina ya se timbró</p>",
                message_id=message_id_for(f"event{number:027}", address.format(number), "email", "mesa.test"),
                thread_id="<hilo@mesa.test>",
                **values,
            )
            for number in range(count)
        ]

    return rows


def states():
    return list(OutboundMessage.objects.order_by("pk").values_list("state", flat=True))


def test_a_message_is_sent_once_and_noted(post, write, now):
    [row] = write(1)
    assert send_due() == 1
    assert send_due() == 0
    [mail] = post.received
    assert mail["Message-ID"] == row.message_id
    row.refresh_from_db()
    assert (row.state, row.done_at, row.attempts, row.last_error) == (WorkState.DONE, now, 1, "")


def test_a_mail_says_that_a_program_wrote_it_and_keeps_to_its_thread(post, write, now):
    write(1, reply_to="mesa+t0000001-abc@mesa.test")
    send_due()
    [mail] = post.received
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert (mail["In-Reply-To"], mail["References"]) == ("<hilo@mesa.test>", "<hilo@mesa.test>")
    assert mail["Reply-To"] == "mesa+t0000001-abc@mesa.test"
    assert mail["To"] == "Lucía Herrera <persona0@example.test>"
    assert mail["Date"].datetime == now


def test_spanish_arrives_as_it_was_written(post, write):
    write(1)
    send_due()
    [mail] = post.received
    assert mail.get_body(("plain",)).get_content().splitlines() == ["La nómina ya se timbró: ¿la revisó?"]
    assert mail.get_body(("html",)).get_content().strip() == "<p>La nómina ya se timbró</p>"


def test_one_connection_carries_many_messages_in_order(post, write):
    rows = write(5)
    assert send_due() == 5
    assert [mail["Message-ID"] for mail in post.received] == [row.message_id for row in rows]
    assert post.connections == 1


def test_while_the_server_is_down_everything_waits_and_then_leaves_in_order(office, write, now):
    rows = write(3)
    for hours in range(24):
        with clock.at(now + timedelta(hours=hours)):
            assert send_due() == 0
    assert states() == [WorkState.PENDING] * 3
    assert set(OutboundMessage.objects.values_list("attempts", "next_at")) == {(0, row.next_at) for row in rows}
    route = Route.objects.get()
    assert (route.failures, route.failing_since) == (24, now)
    office.opens()
    with clock.at(now + timedelta(hours=25)):
        assert send_due() == 3
    assert [mail["Subject"] for mail in office.received] == ["Mensaje 0", "Mensaje 1", "Mensaje 2"]
    route.refresh_from_db()
    assert (route.failures, route.failing_since, route.last_error) == (0, None, "")


def test_a_server_that_does_not_answer_is_left_alone_for_a_while(office, write, now):
    write(1)
    send_due()
    route = Route.objects.get()
    assert route.closed_until == now + Route.SHORTEST_REST
    with clock.at(now + Route.SHORTEST_REST - timedelta(seconds=1)):
        send_due()
    route.refresh_from_db()
    assert route.failures == 1
    with clock.at(now + Route.SHORTEST_REST):
        send_due()
    route.refresh_from_db()
    assert route.failures == 2


def test_what_the_server_will_never_take_is_parked_and_the_rest_goes_on(post, write):
    write(3)
    post.answers["persona1@example.test"] = "550 5.1.1 no existe"
    assert send_due() == 2
    assert states() == [WorkState.DONE, WorkState.PARKED, WorkState.DONE]
    assert OutboundMessage.objects.parked().get().last_error == "550 5.1.1 no existe"


def test_what_the_server_does_not_take_now_is_tried_again_later_for_a_day(post, write, now):
    [row] = write(1)
    post.answers[row.address] = "451 4.7.1 lista gris"
    send_due()
    row.refresh_from_db()
    assert (row.state, row.next_at, row.attempts) == (WorkState.PENDING, now + timedelta(minutes=1), 1)
    tries, at = 1, row.next_at
    while row.state == WorkState.PENDING:
        with clock.at(at):
            send_due()
        row.refresh_from_db()
        tries, at = tries + 1, row.next_at
    assert (tries, row.state) == (PATIENCE, WorkState.PARKED)
    assert at - now > timedelta(hours=20)


def test_a_message_on_which_the_server_hangs_up_does_not_hold_the_others(post, write, now):
    write(3)
    post.hangs_up_on.add("persona0@example.test")
    assert send_due() == 2
    assert states() == [WorkState.PENDING, WorkState.DONE, WorkState.DONE]
    assert [mail["Subject"] for mail in post.received] == ["Mensaje 1", "Mensaje 2"]


def test_a_sender_that_dies_after_the_servers_answer_repeats_the_same_mail(post, write, now):
    [row] = write(1)
    post.interrupts_after = 1
    with pytest.raises(KeyboardInterrupt):
        send_due()
    assert states() == [WorkState.PENDING]
    with clock.at(now + LEASE - timedelta(seconds=1)):
        assert send_due() == 0
    with clock.at(now + LEASE + timedelta(seconds=1)):
        assert send_due() == 1
    first, second = post.received
    assert first["Message-ID"] == second["Message-ID"] == row.message_id
    assert first.as_bytes() == second.as_bytes()
    assert states() == [WorkState.DONE]


def test_the_late_note_of_a_sender_that_lost_its_lease_is_refused(write, now):
    write(1)
    [slow] = OutboundMessage.objects.all().claim(limit=1, at=now)
    [other] = OutboundMessage.objects.all().claim(limit=1, at=now + LEASE + timedelta(seconds=1))
    assert slow.finish(at=now) is False
    assert slow.put_back() is False
    assert other.finish(at=now) is True


def test_only_one_sender_has_the_route(post, write, now):
    write(1)
    assert Route.take("email", "another", at=now) is not None
    assert send_due() == 0
    with clock.at(now + Route.LEASE + timedelta(seconds=1)):
        assert send_due() == 1


def test_a_full_batch_rests_for_its_share_of_the_minute(post, write, now, settings):
    settings.MAIL_PER_MINUTE = 60
    write(BATCH + 1)
    assert send_due() == BATCH
    assert send_due() == 0
    with clock.at(now + timedelta(seconds=BATCH)):
        assert send_due() == 1


def test_a_parked_message_can_be_given_another_set_of_tries(post, write, now):
    [row] = write(1)
    post.answers[row.address] = "550 lleno"
    send_due()
    row.refresh_from_db()
    post.answers.clear()
    row.replay(at=now)
    assert send_due() == 1
    row.refresh_from_db()
    assert (row.state, row.attempts) == (WorkState.DONE, 1)
