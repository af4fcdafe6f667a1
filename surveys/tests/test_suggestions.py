"""Votes and sharing: who, how often, and that the count is true."""

import threading

import pytest
from django.db import connection

from accounts.models import User
from accounts.roles import Role
from core.errors import IllegalTransition, InvalidInput, NotVisible, Refused
from customers.models import ValidUser
from surveys import voice_queries
from surveys.models import Voice, Vote
from surveys.services import suggestions, voices


def numbers(person: User) -> list[str]:
    return [card.number for card in voice_queries.cards(voice_queries.suggestions(person), person)]


@pytest.mark.django_db
def test_colleagues_vote_once_and_take_it_back(suggestion, colleague, representative):
    for _ in range(2):
        assert suggestions.vote(suggestion, by=colleague).votes_count == 1
    assert suggestions.vote(suggestion, by=representative).votes_count == 2
    for _ in range(2):
        assert suggestions.take_back(suggestion, by=colleague).votes_count == 1
    assert Voice.objects.get().version == suggestion.version


@pytest.mark.django_db
def test_another_company_votes_only_what_is_shared(suggestion, supervisor, outsider, colleague):
    with pytest.raises(NotVisible):
        suggestions.vote(suggestion, by=outsider)
    suggestions.share(suggestion, by=supervisor, subject="Avisos", body="Al cerrar un ticket.")
    assert suggestions.vote(suggestion, by=outsider).votes_count == 1
    [card] = voice_queries.cards(voice_queries.suggestions(outsider), outsider)
    assert (card.subject, card.body, card.voted, card.is_own_company) == ("Avisos", "Al cerrar un ticket.", True, False)
    [own] = voice_queries.cards(voice_queries.suggestions(colleague), colleague)
    assert (own.subject, own.is_own_company) == (suggestion.subject, True)
    suggestions.unshare(suggestion, by=supervisor)
    assert numbers(outsider) == []
    assert Voice.objects.get().votes_count == 1


@pytest.mark.django_db
@pytest.mark.parametrize("said", ["Lo pide Grupo Alborada", "Lo pide LUCÍA HERRERA MONTAÑO"])
def test_what_is_shared_names_neither_the_company_nor_the_author(suggestion, supervisor, said):
    with pytest.raises(InvalidInput) as caught:
        suggestions.share(suggestion, by=supervisor, subject="Avisos", body=said)
    assert set(caught.value.errors) == {"body"}
    with pytest.raises(InvalidInput) as caught:
        suggestions.share(suggestion, by=supervisor, subject="", body=" ")
    assert set(caught.value.errors) == {"subject", "body"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("decision", "may"), [("later", True), ("accepted", False), ("done", False), ("declined", False)]
)
def test_closed_it_is_voted_only_while_it_will_be_looked_at_again(
    suggestion, manager, requester, colleague, decision, may
):
    row = voices.answer(suggestion, by=manager, text="Ya.", decision=decision)
    suggestions.vote(row, by=colleague)
    row = voices.agree(row, by=requester)
    suggestions_may = voice_queries.cards(voice_queries.suggestions(colleague), colleague)[0].may_vote
    assert bool(suggestions_may) is may
    if may:
        assert suggestions.take_back(row, by=colleague).votes_count == 0
    else:
        with pytest.raises(Refused):
            suggestions.take_back(row, by=colleague)


@pytest.mark.django_db
def test_a_withdrawn_one_is_not_voted(suggestion, manager, requester, colleague):
    row = voices.answer(suggestion, by=manager, text="Ya.", decision="later")
    row = voices.withdraw(row, by=requester)
    with pytest.raises(Refused):
        suggestions.vote(row, by=colleague)


@pytest.mark.django_db
def test_the_suspended_and_the_desk_do_not_vote(suggestion, colleague, agent):
    ValidUser.objects.filter(user=colleague).update(status="suspended")
    for person in (colleague, agent):
        with pytest.raises((Refused, NotVisible)):
            suggestions.vote(suggestion, by=person)


@pytest.mark.django_db
def test_complaints_are_not_among_them(complaint, colleague, requester):
    assert numbers(colleague) == numbers(requester) == []


@pytest.mark.django_db
def test_a_closed_suggestion_is_neither_commented_nor_shared(suggestion, manager, requester):
    row = voices.agree(voices.answer(suggestion, by=manager, text="Ya.", decision="done"), by=requester)
    with pytest.raises(IllegalTransition):
        voices.comment(row, by=requester, text="Otra cosa")
    with pytest.raises(Refused):
        suggestions.share(row, by=manager, subject="Avisos", body="Ya.")


@pytest.mark.django_db(transaction=True)
def test_the_count_is_true_however_many_vote_at_once(suggestion, company):
    people = []
    for index in range(6):
        person = User.objects.create_user(f"v{index}@example.test", full_name=f"Persona {index}", role=Role.REQUESTER)
        ValidUser.objects.create(user=person, company=company)
        people.append(person)
    ready, faults = threading.Barrier(12), []

    def run(person: User) -> None:
        try:
            ready.wait(20)
            suggestions.vote(suggestion, by=person)
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    # Each of them twice, all at the same time.
    threads = [threading.Thread(target=run, args=(person,)) for person in people for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    assert Vote.objects.count() == Voice.objects.get().votes_count == 6
