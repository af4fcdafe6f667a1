"""What the customer says by telephone about their own complaint, written down by the desk in their name (guide 3.13)."""

import pytest

from core.errors import InvalidInput, Refused
from surveys.models import Voice
from surveys.services import voices
from surveys.voice_sentences import quote, sentence

pytestmark = pytest.mark.django_db
HOW = "Lo dijo Lucía por teléfono el martes a las 10:20."


@pytest.fixture
def answered(complaint, supervisor) -> Voice:
    return voices.answer(complaint, by=supervisor, text="Ya contestamos todas las llamadas.")


ACTS = {
    "agree": "quedó conforme con la respuesta",
    "appeal": "no quedó conforme con la respuesta",
    "withdraw": "la retiró",
}


@pytest.mark.parametrize("name", ACTS)
def test_an_agent_writes_down_what_the_customer_said_in_their_name(answered, agent, requester, name):
    row = getattr(voices, name)(answered, by=agent, reason=HOW)
    entry = row.entries.get(kind=name)
    assert (entry.actor, entry.name) == (agent, requester.full_name)
    assert sentence(entry, agent) == f"Lucía Herrera Montaño {ACTS[name]}" + (f" (lo anotó {agent.full_name})")
    assert agent.full_name not in sentence(entry, requester)
    assert quote(entry) == HOW


@pytest.mark.parametrize("name", ACTS)
def test_without_how_they_said_it_nothing_is_written_down(answered, agent, name):
    with pytest.raises(InvalidInput) as caught:
        getattr(voices, name)(answered, by=agent, reason="  ")
    assert "reason" in caught.value.errors
    assert Voice.objects.get(pk=answered.pk).version == answered.version


def test_the_customer_need_not_say_why_they_agree(answered, requester):
    row = voices.agree(answered, by=requester)
    assert row.entries.get(kind="agree").data == {"ending": "agreed"}


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("who", ["bpo", "admin"])
def test_who_does_not_work_on_it_writes_nothing_down(answered, name, who, request):
    with pytest.raises(Refused):
        getattr(voices, name)(answered, by=request.getfixturevalue(who), reason=HOW)
