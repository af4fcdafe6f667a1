"""A complaint's life: acknowledged, analysed, answered, agreed or appealed, and what each step leaves behind."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core import caching, clock
from core.errors import IllegalTransition, InvalidInput, NotVisible, Refused, StaleVersion
from core.models import Alarm
from escalation.models import Absence, Contact, Level
from improvements.models import CorrectiveAction
from servicedesk.seeding.escalation import BUSINESS, CUSTOMERS, OPERATIONS
from surveys import policy, voice_queries
from surveys.models import Voice, VoiceFile
from surveys.services import hearing, voices, waiting

pytestmark = pytest.mark.django_db
WHY = "No responde lo que pregunté."


def story(voice: Voice) -> list[str]:
    return list(voice.entries.order_by("sequence").values_list("kind", flat=True))


def way(voice: Voice) -> list[tuple[int, str, str]]:
    return list(voice.steps.order_by("number").values_list("level", "cause", "name"))


def contact(role: str) -> Contact:
    found = Level.objects.get(role=role).contact
    assert found is not None
    return found


def due(row: Voice) -> datetime:
    """Its next moment."""
    assert row.next_at is not None
    return row.next_at


def answered(voice: Voice, by) -> Voice:
    return voices.answer(voice, by=by, text="Ya contestamos.")


def test_it_is_received_and_the_first_level_told(complaint, requester, now):
    assert (complaint.state, complaint.level, complaint.version) == ("received", 1, 2)
    assert (complaint.author, complaint.recorded_by, complaint.company) == (
        requester,
        requester,
        requester.valid_user.company,
    )
    assert story(complaint) == ["receive", "level_told"]
    assert way(complaint) == [(1, "received", "Julio Bernal Ortiz")]
    step = complaint.steps.get()
    row = complaint.levels[0]
    assert complaint.next_at == step.acknowledge_by == now + timedelta(minutes=row["acknowledge_minutes"])
    assert [rung["level"] for rung in complaint.levels] == [1, 2]


def test_it_goes_from_hand_to_hand_to_the_customers_agreement(complaint, manager, requester, now):
    voices.acknowledge(complaint, by=manager)
    voices.analyse(complaint, by=manager)
    row = voices.answer(complaint, by=manager, text="  Ya contestamos.  ")
    assert (row.state, row.answer_text, row.answered_by) == ("answered", "Ya contestamos.", manager.full_name)
    row = voices.agree(row, by=requester)
    assert (row.state, row.ending, row.closed_at, row.next_at) == ("closed", "agreed", now, None)
    assert story(row) == ["receive", "level_told", "acknowledge", "analyse", "answer", "agree"]


def test_an_answer_acknowledges_too(complaint, agent, now):
    row = answered(complaint, agent)
    step = row.steps.get()
    assert (step.acknowledged_at, step.answered_at, row.acknowledged_at) == (now, now, now)
    # An agent writes down what the contact said.
    assert row.answered_by == "Julio Bernal Ortiz"
    assert row.entries.get(kind="answer").data["recorded_by"] == agent.full_name


def test_an_appeal_goes_to_the_next_level_and_twice_to_the_last(complaint, manager, director, requester, now):
    answered(complaint, manager)
    row = voices.appeal(complaint, by=requester, reason=WHY)
    assert (row.state, row.level, row.appeals, row.answer_text) == ("in_analysis", 2, 1, "")
    assert way(row)[-1] == (2, "appeal", "Marta Quiroga Vela")
    answered(row, director)
    row = voices.appeal(row, by=requester, reason=WHY)
    assert (row.level, row.appeals) == (2, 2)
    row = answered(row, director)
    with pytest.raises(IllegalTransition) as refused:
        voices.appeal(row, by=requester, reason=WHY)
    assert "respuesta definitiva" in refused.value.message
    assert voice_queries.detail(row, requester).is_final
    with clock.at(due(row)):
        waiting.sweep(due(row))
    assert Voice.objects.get().ending == "final"


def test_silence_for_three_business_days_closes_it(complaint, manager, now):
    row = answered(complaint, manager)
    # Tuesday 10:00 local: Friday at the same time.
    assert row.next_at == now + timedelta(days=3)
    waiting.sweep(due(row) - timedelta(microseconds=1))
    assert Voice.objects.get().state == "answered"
    waiting.sweep(due(row))
    kept = Voice.objects.get()
    assert (kept.state, kept.ending, kept.entries.last().kind) == ("closed", "silent", "close_unanswered")


def test_three_business_days_leave_out_the_weekend_and_begin_at_the_next_opening(complaint, manager):
    # Friday 20:00 local: from Monday 9:00, until Thursday 9:00.
    with clock.at(datetime(2026, 3, 14, 2, 0, tzinfo=UTC)):
        row = answered(complaint, manager)
    # Monday 16 March is a holiday of the law.
    assert row.next_at == datetime(2026, 3, 20, 15, 0, tzinfo=UTC)


def test_a_comment_gives_the_customer_their_days_again(complaint, manager, requester, now):
    row = answered(complaint, manager)
    with clock.at(now + timedelta(days=1)):
        row = voices.comment(row, by=requester, text="¿Desde cuándo?")
    # Wednesday; Monday is a holiday of the law.
    assert row.next_at == now + timedelta(days=7)
    assert row.state == "answered"


def test_it_is_withdrawn_at_any_time_before_the_end(complaint, representative, manager, now):
    row = voices.withdraw(complaint, by=representative, reason="Ya lo vimos en persona.")
    assert (row.state, row.ending) == ("closed", "withdrawn")
    with pytest.raises(IllegalTransition):
        voices.withdraw(row, by=representative)
    assert policy.available(representative, row) == []


def test_it_is_sent_to_another_area_and_begins_there_again(complaint, agent, manager, requester, now):
    voices.acknowledge(complaint, by=manager)
    row = voices.reroute(
        complaint, by=agent, direction=OPERATIONS, area="Infraestructura", reason="Fue una caída del enlace."
    )
    assert (row.direction, row.area, row.level, row.state) == (OPERATIONS, "Infraestructura", 1, "acknowledged")
    assert way(row)[-1] == (1, "rerouted", "Elsa Navarro Pino")
    assert row.next_at == row.steps.last().acknowledge_by
    row = voices.acknowledge(row, by=agent)
    assert row.next_at == row.steps.last().answer_by
    with pytest.raises(InvalidInput):
        voices.reroute(row, by=agent, direction=OPERATIONS, area="Infraestructura", reason=WHY)
    with pytest.raises(InvalidInput):
        voices.reroute(row, by=agent, direction=BUSINESS, area="Infraestructura", reason=WHY)


def test_notes_stay_among_the_desk(complaint, agent, requester, now):
    voices.note(complaint, by=agent, text="Llamar al cliente el jueves.")
    assert not any("jueves" in line.quote for line in voice_queries.detail(complaint, requester).lines)
    assert any("jueves" in line.quote for line in voice_queries.detail(complaint, agent).lines)
    with pytest.raises(Refused):
        voices.note(complaint, by=requester, text="Yo también")


def test_a_contact_who_is_away_is_stood_in_for(requester, matrices, draft, now):
    away, other = contact("Gerente Mesa de Servicio"), contact("Gerente Service Delivery")
    Absence.objects.create(contact=away, substitute=other, starts_on=date(2026, 3, 9), ends_on=date(2026, 3, 13))
    step = hearing.receive(draft(), by=requester, channel="web").steps.get()
    assert (step.name, step.instead_of) == ("Paola Quintana Ruiz", "Julio Bernal Ortiz")


def test_a_level_without_anybody_is_passed_and_an_alarm_sounds(requester, matrices, draft, now):
    Contact.objects.filter(pk=contact("Gerente Mesa de Servicio").pk).update(email="")
    caching.forget_all()
    row = hearing.receive(draft(), by=requester, channel="web")
    assert way(row) == [(1, "received", ""), (2, "unreachable", "Marta Quiroga Vela")]
    assert story(row) == ["receive", "level_unreachable", "level_told"]
    assert Alarm.objects.get(settled_at=None).subject == row.number


def test_an_alarm_is_over_once_somebody_has_it_in_hand(requester, agent, guide, draft, now):
    row = hearing.receive(draft(), by=requester, channel="web")
    assert Alarm.objects.filter(settled_at=None).exists()
    voices.acknowledge(row, by=agent)
    assert not Alarm.objects.filter(settled_at=None).exists()


def test_without_a_matrix_it_is_answered_and_appealed_once_all_the_same(requester, agent, guide, draft, now):
    row = hearing.receive(draft(), by=requester, channel="web")
    row = voices.appeal(voices.answer(row, by=agent, text="Ya."), by=requester, reason=WHY)
    assert (row.state, row.next_at) == ("in_analysis", None)
    row = voices.answer(row, by=agent, text="Ya, de veras.")
    with pytest.raises(IllegalTransition):
        voices.appeal(row, by=requester, reason=WHY)


def test_a_suggestion_is_not_answered_without_a_decision(suggestion, manager, now):
    with pytest.raises(InvalidInput) as wrong:
        voices.answer(suggestion, by=manager, text="")
    assert set(wrong.value.errors) == {"text", "decision"}
    row = voices.answer(suggestion, by=manager, text="Lo haremos en mayo.", decision="accepted")
    assert row.decision == "accepted"


def test_a_complaint_has_no_decision(complaint, manager, now):
    assert voices.answer(complaint, by=manager, text="Ya.", decision="accepted").decision == ""


def test_an_old_version_is_refused(complaint, manager, now):
    with pytest.raises(StaleVersion):
        voices.acknowledge(complaint, by=manager, version=complaint.version - 1)


def test_files_come_with_it_and_with_a_comment(requester, matrices, draft, colleague, outsider, now):
    first, second = SimpleUploadedFile("a.txt", b"uno"), SimpleUploadedFile("b.txt", b"dos")
    with clock.at(now):
        row = hearing.receive(draft(files=[first]), by=requester, channel="web")
    with clock.at(now + timedelta(hours=1)):
        voices.comment(row, by=requester, text="Otra más", files=[second])
    lines = {line.entry.kind: [file.name for file in line.files] for line in voice_queries.detail(row, requester).lines}
    assert (lines["receive"], lines["comment"]) == (["a.txt"], ["b.txt"])
    for person in (colleague, outsider):
        assert not VoiceFile.objects.visible_to(person).exists()


def test_an_action_answers_to_it_once(complaint, supervisor, requester, now):
    action = voices.open_action(complaint, by=supervisor)
    assert voices.open_action(complaint, by=supervisor) == action
    assert CorrectiveAction.objects.count() == 1
    assert (action.origin, action.title, action.company) == ("complaint", complaint.subject, complaint.company)
    with pytest.raises(Refused):
        voices.open_action(complaint, by=requester)


def test_others_find_nothing(complaint, colleague, outsider, consultant, now):
    for person in (colleague, outsider, consultant):
        assert not Voice.objects.visible_to(person).exists()
        assert policy.available(person, complaint) == []
        with pytest.raises(NotVisible):
            voices.withdraw(complaint, by=person)


def test_a_desk_that_is_told_by_phone_writes_it_down(requester, agent, consultant, matrices, draft, now):
    row = hearing.receive(draft(author=requester), by=agent, channel="phone")
    assert (row.author, row.recorded_by, row.channel) == (requester, agent, "phone")
    own = hearing.receive(draft(author=requester), by=consultant, channel="email")
    assert list(Voice.objects.visible_to(consultant)) == [own]
    assert Voice.objects.visible_to(requester).count() == 2


def test_the_directions_name_is_part_of_the_area(requester, matrices, draft, now):
    with pytest.raises(InvalidInput) as wrong:
        hearing.receive(draft(direction=CUSTOMERS, area="Infraestructura"), by=requester, channel="web")
    assert set(wrong.value.errors) == {"area"}


@pytest.mark.parametrize("count", [1, 3])
def test_one_of_them_costs_the_same_however_much_was_said(
    complaint, agent, supervisor, count, now, django_assert_num_queries
):
    for _ in range(count):
        voices.comment(complaint, by=agent, text="Hola", files=[SimpleUploadedFile("a.txt", b"x")])
        voices.note(complaint, by=agent, text="Ojo")
    row = Voice.objects.get()
    with django_assert_num_queries(5):
        assert len(voice_queries.detail(row, supervisor).lines) == 2 + 2 * count


def test_the_rule_of_complaints_opens_an_action_by_itself(requester, supervisor, matrices, draft, now):
    from core.tasks import run_deliveries
    from improvements.models import OriginRule

    OriginRule.objects.update_or_create(origin="complaint", defaults={"opens_itself": True})
    caching.forget_all()
    row = hearing.receive(draft(), by=requester, channel="web")
    for _ in range(2):
        run_deliveries()
    [line] = voice_queries.detail(row, supervisor).actions
    assert (line.title, line.owner) == (row.subject, supervisor)
    assert story(row)[-1] == "open_action"


@pytest.mark.parametrize("act", [voices.agree, voices.withdraw])
def test_nobody_writes_down_that_the_customer_was_content_with_their_own_answer(complaint, agent, supervisor, act, now):
    row = voices.answer(complaint, by=agent, text="Ya.")
    with pytest.raises(Refused) as caught:
        act(row, by=agent, reason="Lo dijo por teléfono.")
    assert "Usted la respondió" in caught.value.message
    assert act(row, by=supervisor, reason="Lo dijo por teléfono.").state == "closed"
