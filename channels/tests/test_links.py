from datetime import timedelta

import pytest
from django.core import signing

from channels import links
from core import clock
from core.errors import NotVisible, Refused
from tickets.models import Ticket
from tickets.services import conversation, resolution, triage


@pytest.fixture
def solved(ticket, agent):
    triage.open(ticket, by=agent)
    resolution.solve(ticket, by=agent, solution_type="workaround", solution="Reinicie la sesión.")
    return Ticket.objects.select_related("terms").get(pk=ticket.pk)


def test_the_link_names_its_person_and_solution(solved, requester, settings):
    token = links.validation_token(solved, requester)
    found = links.read_validation(token)
    assert (found.ticket, found.user) == (solved, requester)
    assert links.validation_url(solved, requester) == f"{settings.SITE_URL}/validar/{token}/"
    assert links.ticket_url(solved) == f"{settings.SITE_URL}/asuntos/{solved.number}/"


def test_a_link_lives_until_a_day_after_the_time_to_validate(solved, requester, now):
    token = links.validation_token(solved, requester)
    with clock.at(now + timedelta(hours=96) - timedelta(seconds=1)):
        assert links.read_validation(token).ticket == solved
    with clock.at(now + timedelta(hours=96)), pytest.raises(Refused) as refused:
        links.read_validation(token)
    assert refused.value.code == "expired"


def test_a_question_of_the_customer_leaves_the_link_alive(solved, requester, now):
    conversation.reply(solved, by=requester, message="¿Hay que reiniciar también el equipo?")
    row = Ticket.objects.select_related("terms").get(pk=solved.pk)
    assert row.validation_due_at is None
    assert links.read_validation(links.validation_token(row, requester)).ticket == row


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "ñ\ud800", "../..", "x" * 5000])
def test_what_is_not_ours_is_not_told_apart(db, token):
    with pytest.raises(NotVisible):
        links.read_validation(token)


def test_a_token_signed_for_something_else_is_refused(solved, requester):
    other = signing.dumps([solved.key, requester.pk, solved.solved_at.isoformat(), 2**33], salt="other")
    with pytest.raises(NotVisible):
        links.read_validation(other)


def test_a_changed_token_is_refused(solved, requester, outsider):
    _, stamp, signature = links.validation_token(solved, requester).split(":")
    foreign = links.validation_token(solved, outsider).split(":")[0]
    with pytest.raises(NotVisible):
        links.read_validation(f"{foreign}:{stamp}:{signature}")


def test_somebody_who_may_no_longer_see_the_ticket_is_refused(solved, requester, outsider):
    with pytest.raises(NotVisible):
        links.read_validation(links.validation_token(solved, outsider))
    token = links.validation_token(solved, requester)
    requester.is_active = False
    requester.save(update_fields=["is_active"])
    with pytest.raises(NotVisible):
        links.read_validation(token)


def test_the_link_of_a_refused_solution_does_not_serve_for_the_next_one(solved, requester, agent, now):
    token = links.validation_token(solved, requester)
    resolution.refuse(solved, by=requester, reason="No.")
    with pytest.raises(Refused) as refused:
        links.read_validation(token)
    assert refused.value.code == "superseded"
    with clock.at(now + timedelta(hours=1)):
        resolution.solve(solved, by=agent, solution_type="definitive", solution="Otra.")
        with pytest.raises(Refused) as refused:
            links.read_validation(token)
    assert refused.value.code == "superseded"


def test_after_the_end_the_link_says_how_it_ended(solved, requester):
    token = links.validation_token(solved, requester)
    resolution.accept(solved, by=requester)
    with pytest.raises(Refused, match="cerrado, aprobado por el cliente") as refused:
        links.read_validation(token)
    assert refused.value.code == "closed"


def test_a_link_outlives_a_change_of_the_secret_key(solved, requester, settings):
    token = links.validation_token(solved, requester)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-key-" * 5
    assert links.read_validation(token).user == requester
