"""What each person is told of a corrective action, when, and in which words; and that nobody is told of what is kept from them."""

from datetime import timedelta

import pytest

from accounts.models import WorkShift
from accounts.roles import Role
from channels.messages import actions
from channels.models import OutboundMessage
from channels.tasks import send_due
from core import caching, clock
from core.models import Alarm
from improvements.events import ActionOpened
from improvements.models import CorrectiveAction
from improvements.services import progress, register, sweep
from servicedesk.seeding import improvements
from sla.models import Commitment
from sla.services import commitments
from tickets.services import work

pytestmark = pytest.mark.django_db
SECRET = "canario"


@pytest.fixture(autouse=True)
def rules(guide, now):
    improvements.rules()


@pytest.fixture
def action(agent, supervisor, company):
    """Owned by the only supervisor, opened by an agent, due on Wednesday 25 March."""
    return opened(agent, company)


def opened(by, company=None, **changes):
    values = {"label": "QS000041", "title": "Avisar antes de cada mantenimiento", "problem": "Nadie avisó.", **changes}
    return register.open_for("complaint", source_id=41, by=by, company=company, **values)


def later(days, hours=0.0):
    return clock.at(clock.now() + timedelta(days=days, hours=hours))


def swept():
    sweep.due(clock.now())


def test_the_owner_is_told_at_once_in_their_hours(action, told, mails, supervisor):
    assert told("action_opened") == ["supervisor"]
    mail = mails("action_opened")[0]
    assert mail.subject == f"[{action.number}] Es responsable de una acción: {action.title}"
    assert "La abrió Daniela Ríos Paz, y es suya" in mail.text
    assert "miércoles 25 de marzo de 2026" in mail.text
    assert f"/admin/improvements/correctiveaction/{action.pk}/change/" in mail.html
    assert mail.action_id == action.pk


def test_who_opens_their_own_is_not_told(supervisor, told):
    opened(supervisor)
    assert told() == []


def test_it_waits_for_the_owners_shift(action, agent, manager, mails):
    WorkShift.objects.create(user=manager, weekday=3, starts=480, ends=900)
    caching.forget_all()
    progress.reassign(action, by=action.owner, owner=manager, reason="Es su área.")
    mail = mails("action_reassigned")[0]
    assert mail.next_at.isoformat() == "2026-03-12T14:00:00+00:00", "Thursday at eight"
    assert "la tenía Teresa Olvera Luna. Motivo: Es su área." in mail.text


def test_a_message_that_waited_is_withdrawn_when_it_is_no_longer_so(action, agent, manager, director, mails, office):
    WorkShift.objects.create(user=manager, weekday=3, starts=480, ends=900)
    caching.forget_all()
    progress.reassign(action, by=director, owner=manager)
    mails()
    progress.reassign(action, by=director, owner=agent)
    office.opens()
    with later(3):
        send_due()
    row = OutboundMessage.objects.get(kind="action_reassigned", recipient=manager)
    assert row.last_error == "La persona ya no es responsable de la acción."


def test_the_reminder_goes_to_the_owner_and_the_delay_up(action, told, mails, manager, director, quiet):
    quiet()
    with later(14):
        swept()
        assert told("action_reminder") == ["supervisor"]
        assert "Recordatorio, vence el miércoles 25 de marzo de 2026" in mails("action_reminder")[0].subject
    quiet()
    with later(17):
        swept()
        assert told("action_overdue") == ["supervisor"]
    quiet()
    with later(20):
        swept()
        assert told("action_overdue") == ["manager", "supervisor"]
        own, boss = mails("action_overdue")
        assert "Se avisa también a: gerencia." in own.text
        assert "Impleméntela y anexe la evidencia" in own.text
        assert "La tiene Teresa Olvera Luna, a quien también se le avisa." in boss.text
        assert "Mientras siga atrasada, el aviso sube de nivel." in boss.text
    quiet()
    with later(23):
        swept()
        assert told("action_overdue") == ["director", "supervisor"]
        assert "sube de nivel" not in mails("action_overdue")[0].text, "there is nobody above"


def test_from_the_managers_on_a_delay_reaches_people_at_any_hour(action, mails, manager, director, quiet):
    quiet()
    with later(18, hours=10):
        swept()
        at_night = clock.now()
        assert all(row.next_at > at_night for row in mails("action_overdue")), "supervision hears in the morning"
    quiet()
    with later(30, hours=10):
        swept()
        at_night = clock.now()
        assert [row.next_at for row in mails("action_overdue")] == [at_night] * 3


def test_its_effect_is_for_others_to_verify(action, told, mails, supervisor, manager, director, quiet):
    quiet()
    progress.implement(action, by=supervisor, evidence="Se envió la lista.")
    assert told("action_implemented") == ["manager"], "the supervisor owns it and did it"
    assert "> Se envió la lista." in mails("action_implemented")[0].text
    quiet()
    with later(31):
        swept()
        assert told("action_verify") == ["manager"]
    with later(34):
        swept()
        assert told("action_verify") == ["manager", "manager"]


def test_another_supervisor_is_asked_first(action, told, supervisor, manager, quiet, django_user_model):
    django_user_model.objects.create_user("otra@example.test", full_name="Otra", role=Role.SUPERVISOR)
    quiet()
    progress.implement(action, by=supervisor, evidence="x")
    assert told("action_implemented") == ["otra"]


def test_what_failed_and_what_closed_is_told_to_the_owner(action, told, mails, supervisor, manager, quiet):
    row = progress.implement(action, by=supervisor, evidence="x")
    row = progress.verify(row, by=manager, is_effective=False, text="Volvió a pasar.")
    assert told("action_failed") == ["supervisor"]
    assert "> Volvió a pasar." in mails("action_failed")[0].text
    row = progress.implement(row, by=supervisor, evidence="y")
    progress.verify(row, by=manager, is_effective=True, text="Ya no pasa.")
    assert told("action_closed") == ["supervisor"]
    assert told("action_done") == [], "nothing is written for the customer"


def test_the_companys_representatives_read_the_summary_and_nothing_of_the_desk(
    agent, supervisor, manager, representative, requester, outsider, company, told, mails
):
    row = opened(agent, company, title=f"Título {SECRET}", problem=f"Problema {SECRET}")
    row = progress.plan(row, by=supervisor, cause=f"Causa {SECRET}", plan=f"Plan {SECRET}")
    row = progress.summarise(row, by=supervisor, summary="Ahora avisamos con 48 horas.")
    row = progress.implement(row, by=supervisor, evidence=f"Evidencia {SECRET}")
    progress.verify(row, by=manager, is_effective=True, text=f"Efecto {SECRET}")
    assert told("action_done") == ["representative"]
    mail = mails("action_done")[0]
    assert SECRET not in mail.text + mail.html + mail.subject
    assert "Ahora avisamos con 48 horas." in mail.text
    assert f"/mejoras/{row.number}/" in mail.text
    customers = {requester.email, outsider.email, representative.email}
    assert {row.address for row in mails()} & customers == {representative.email}


def test_nobody_is_told_of_what_is_kept_from_them(agent, supervisor, manager, director, company, mails):
    row = opened(agent, company, kept_from=[supervisor], title=f"Título {SECRET}")
    assert row.owner == manager
    progress.summarise(row, by=director, summary="Avisamos.")
    for days in (14, 17, 20, 23):
        with later(days):
            swept()
            mails()
    with later(24):
        row = progress.implement(row, by=manager, evidence=f"x {SECRET}")
        progress.verify(row, by=director, is_effective=False, text="No.")
        mails()
    assert not OutboundMessage.objects.filter(recipient=supervisor).exists()
    assert not Alarm.objects.filter(text__contains=SECRET).exists()


def test_telling_twice_tells_once(action, mails):
    mails()
    entry = action.entries.get()
    event = ActionOpened(action_id=action.pk, entry_id=entry.pk, event_id="e" * 32)
    for _ in range(2):
        actions.opened(event)
    assert OutboundMessage.objects.filter(event_id="e" * 32).count() == 1


def test_hostile_words_reach_a_mail_as_text(agent, supervisor, company, mails):
    row = opened(agent, company, title="<script>alert(1)</script>\u202e", problem="<img src=x onerror=1>{{ 7|add:7 }}")
    mail = mails("action_opened")[0]
    assert "<script>" not in mail.html
    assert "<img src=x" not in mail.html
    assert "\u202e" not in mail.subject + mail.text + mail.html
    assert row.number in mail.subject


def test_a_broken_promise_opens_one_action_for_its_company_and_joins_the_next(
    ticket, agent, consultant, group, supervisor, mails, now
):
    from tickets.services import triage

    triage.open(ticket, by=agent)
    row = triage.assign(ticket, by=agent, group=group)
    work.start(row, by=consultant, message="Va.", committed_for=now + timedelta(hours=2))
    with later(0, hours=3):
        commitments.sweep(clock.now())
        mails()
        mails()
        found = CorrectiveAction.objects.get()
        promise = Commitment.objects.get()
        assert [(s.origin, s.source_id, s.ticket) for s in found.sources.all()] == [("promise", promise.pk, ticket)]
        assert (found.company, found.owner) == (ticket.company, supervisor)
        assert ticket.number in found.problem
        assert found.due_on.isoformat() == "2026-03-25"
    assert OutboundMessage.objects.filter(kind="action_opened").count() == 1


def test_where_the_rule_says_no_a_broken_promise_opens_nothing(ticket, agent, consultant, group, mails, now):
    from improvements.models import OriginRule
    from tickets.services import triage

    OriginRule.objects.filter(origin="promise").update(opens_itself=False)
    caching.forget_all()
    triage.open(ticket, by=agent)
    row = triage.assign(ticket, by=agent, group=group)
    work.start(row, by=consultant, message="Va.", committed_for=now + timedelta(hours=2))
    with later(0, hours=3):
        commitments.sweep(clock.now())
        mails()
    assert not CorrectiveAction.objects.exists()
