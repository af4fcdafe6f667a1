"""The signed link by which a level of the matrix acknowledges and answers."""

from datetime import date, timedelta

import pytest
from django.core import signing

from channels import links
from core import clock
from core.errors import NotVisible, Refused
from escalation.models import Contact, EscalationStep
from escalation.services import answering, raising
from servicedesk.seeding import escalation
from tickets.models import Ticket
from tickets.services import ending, intake, resolution, triage

WHY = "Nadie me ha contestado."


@pytest.fixture
def opened(ticket, agent, guide) -> Ticket:
    escalation.everything(guide)
    return triage.open(ticket, by=agent)


@pytest.fixture
def step(opened, requester) -> EscalationStep:
    return raising.escalate(opened, by=requester, reason=WHY).steps.select_related("contact").get()


def refusal(token: str) -> Refused:
    with pytest.raises(Refused) as refused:
        links.read_escalation(token)
    return refused.value


def test_the_link_names_its_level_and_ticket(step, opened, settings):
    token = links.escalation_token(step)
    found = links.read_escalation(token)
    assert (found, found.escalation.ticket) == (step, opened)
    assert links.escalation_url(step).startswith(f"{settings.SITE_URL}/escalamiento/")
    assert step.contact.email not in signing.b64_decode(token.split(":")[0].encode()).decode()


def test_it_lives_until_a_week_after_the_time_to_answer(step):
    token = links.escalation_token(step)
    with clock.at(step.answer_by + timedelta(days=7, seconds=-1)):
        assert links.read_escalation(token) == step
    with clock.at(step.answer_by + timedelta(days=7)):
        assert refusal(token).code == "expired"


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "ñ\ud800", "../..", "x" * 5000])
def test_what_is_not_ours_is_not_told_apart(db, token):
    with pytest.raises(NotVisible):
        links.read_escalation(token)


@pytest.mark.parametrize("salt", ["other", links.SALT])
def test_a_token_signed_for_something_else_is_refused(step, opened, salt):
    whole = signing.loads(links.escalation_token(step), salt=links.ESCALATION_SALT)
    with pytest.raises(NotVisible):
        links.read_escalation(signing.dumps(whole, salt=salt))


def test_the_link_of_a_level_serves_on_its_own_ticket_alone(step, report, requester, agent):
    other = triage.open(intake.receive(report(title="Otro asunto"), by=requester, channel="web"), by=agent)
    theirs = raising.escalate(other, by=requester, reason=WHY).steps.get()
    _, _, mark, expires = signing.loads(links.escalation_token(step), salt=links.ESCALATION_SALT)
    crossed = signing.dumps([other.key, step.pk, mark, expires], salt=links.ESCALATION_SALT)
    with pytest.raises(NotVisible):
        links.read_escalation(crossed)
    _, stamp, signature = links.escalation_token(step).split(":")
    foreign = links.escalation_token(theirs).split(":")[0]
    with pytest.raises(NotVisible):
        links.read_escalation(f"{foreign}:{stamp}:{signature}")


def test_an_answered_level_owes_nothing_and_the_link_says_who_answered(step, supervisor, now):
    token = links.escalation_token(step)
    with clock.at(now + timedelta(minutes=20)):
        answering.answer(step, by=supervisor, text="Lo veo hoy.")
        refused = refusal(token)
    assert refused.code == "done"
    assert refused.message.startswith("Teresa Olvera Luna respondió hoy 10:20")


def test_an_acknowledged_level_still_owes_its_answer(step, supervisor):
    token = links.escalation_token(step)
    answering.acknowledge(step, by=supervisor)
    assert links.read_escalation(token).acknowledged_by == supervisor.full_name


def test_a_level_that_was_passed_is_told_who_has_it_now_and_why(step, opened, requester, now):
    token = links.escalation_token(step)
    with clock.at(now + timedelta(hours=5)):
        raising.escalate(opened, by=requester, reason="Sigue igual")
        refused = refusal(token)
    assert refused.code == "superseded"
    assert "subió hoy 15:00 al nivel 3, Julio Bernal Ortiz (Gerente de Mesa de Servicio)" in refused.message
    assert "lo pidió Lucía Herrera Montaño" in refused.message
    assert "Sigue igual" not in refused.message


def test_a_solution_ends_it_and_a_refused_solution_does_not_bring_it_back(step, opened, agent, requester, desk_group):
    token = links.escalation_token(step)
    row = triage.assign(opened, by=agent, group=desk_group, assignee=agent)
    row = resolution.solve(row, by=agent, solution_type="definitive", solution="Listo.")
    refused = refusal(token)
    assert refused.code == "ended"
    assert "se solucionó (Daniela Ríos Paz, hoy 10:00)" in refused.message
    resolution.refuse(row, by=requester, reason="Sigue fallando.")
    assert "volvió a revisión" in refusal(token).message


def test_the_end_of_the_ticket_is_told_in_words(step, opened, requester):
    ending.cancel(opened, by=requester, cause="customer_request", reason="Ya no hace falta")
    refused = refusal(links.escalation_token(step))
    assert refused.code == "ended"
    assert "terminó, cancelado (Lucía Herrera Montaño, hoy 10:00)" in refused.message


def test_whoever_lost_the_account_or_the_place_answers_no_more(step, consultant, requester):
    token, teresa = links.escalation_token(step), Contact.objects.get(pk=step.contact_id)
    for user, active in ((consultant, True), (consultant, False), (requester, True)):
        user.is_active = active
        user.save(update_fields=["is_active"])
        Contact.objects.filter(pk=teresa.pk).update(user=user)
        if user == consultant and active:
            assert links.read_escalation(token) == step
            continue
        with pytest.raises(NotVisible):
            links.read_escalation(token)
    Contact.objects.filter(pk=teresa.pk).update(user=None, valid_until=date(2026, 3, 9))
    with pytest.raises(NotVisible):
        links.read_escalation(token)


def test_a_link_sent_to_an_old_address_is_dead_and_a_new_one_serves(step):
    old = links.escalation_token(step)
    Contact.objects.filter(pk=step.contact_id).update(email="Nueva@mesa.example")
    assert refusal(old).code == "moved"
    fresh = EscalationStep.objects.get(pk=step.pk)
    assert links.read_escalation(links.escalation_token(fresh)) == step


def test_a_level_that_has_nobody_has_no_link(opened, requester):
    Contact.objects.update(email="")
    step = raising.escalate(opened, by=requester, reason=WHY).steps.latest("number")
    with pytest.raises(ValueError, match="somebody to tell"):
        links.escalation_token(step)


def test_no_link_is_shown_to_somebody_else(step):
    url = links.escalation_url(step)
    assert links.without_keys(f'Responda: {url}\n<a href="{url}">') == (
        f"Responda: {url.partition('/escalamiento/')[0]}/escalamiento/…/\n"
        f'<a href="{url.partition("/escalamiento/")[0]}/escalamiento/…/">'
    )


def test_a_link_outlives_a_change_of_the_secret_key(step, settings):
    token = links.escalation_token(step)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-key-" * 5
    assert links.read_escalation(token) == step
