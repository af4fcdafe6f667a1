"""`/suggestions/`: what a valid user reads and votes; and the vote (guide 3.13)."""

from collections.abc import Iterable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from api.errors import NOT_FOUND
from api.pagination import PARAMETERS, Ordering, paginate
from api.v1.complaints import NUMBER
from api.v1.docs import PAGE_PARAMETERS, page_of
from api.v1.shapes import Coded, Label, labels
from api.views import ApiView, answer
from core.errors import NotVisible
from surveys import voice_queries
from surveys.models import Voice
from surveys.services import suggestions
from surveys.vocabulary import Decision, VoiceState
from surveys.voice_queries import Card

MOST_WANTED = Ordering("-votes_count", "votes_count", descending=True)
_STATE, _DECISION = labels(VoiceState), labels(Decision)


class SuggestionShape(serializers.Serializer[Any]):
    """Una sugerencia como la lee quien puede votarla: la de otra compañía, en las palabras escritas para todos y sin su autor."""

    number = serializers.CharField()
    subject = serializers.CharField()
    body = serializers.CharField(allow_blank=True)
    state = Coded(VoiceState)
    state_label = Label()
    decision = Coded(Decision, null=True)
    decision_label = Label(null=True)
    is_own_company = serializers.BooleanField()
    votes = serializers.IntegerField()
    voted = serializers.BooleanField()
    may_vote = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True, help_text="Por qué no puede votar.")

    @staticmethod
    def of(card: Card) -> dict[str, Any]:
        row = card.voice
        return {
            "number": row.number,
            "subject": card.subject,
            "body": card.body,
            "state": row.state,
            "state_label": _STATE[row.state],
            "decision": row.decision or None,
            "decision_label": _DECISION.get(row.decision),
            "is_own_company": card.is_own_company,
            "votes": row.votes_count,
            "voted": card.voted,
            "may_vote": bool(card.may_vote),
            "reason": card.may_vote.reason,
        }


class SuggestionList(ApiView):
    accepts = {"GET": PARAMETERS}

    @extend_schema(
        operation_id="suggestions_list",
        parameters=PAGE_PARAMETERS,
        responses=page_of("SuggestionPage", SuggestionShape),
    )
    def get(self, request: Request) -> Response:
        """Las sugerencias que la persona puede votar: las de su compañía y las compartidas, primero las más votadas. La mesa, ninguna."""
        rows = voice_queries.suggestions(self.actor)
        return answer(paginate(rows, request, lambda found: _cards(found, self.actor), MOST_WANTED))


class Ballot(ApiView):
    @extend_schema(operation_id="complaint_vote", parameters=[NUMBER], request=None, responses=SuggestionShape)
    def put(self, request: Request, number: str) -> Response:
        """Vota por la sugerencia. Repetirlo no cuenta dos veces."""
        return self.after(suggestions.vote(self.find(number), by=self.actor))

    @extend_schema(
        operation_id="complaint_take_vote_back", parameters=[NUMBER], request=None, responses={200: SuggestionShape}
    )
    def delete(self, request: Request, number: str) -> Response:
        """Retira el voto, si lo hay."""
        return self.after(suggestions.take_back(self.find(number), by=self.actor))

    def find(self, number: str) -> Voice:
        """One that the caller reads as a suggestion, or sees anyway: then the refusal says why it is not voted."""
        found = voice_queries.readable(self.actor, number)
        if found is None:
            raise NotVisible(NOT_FOUND)
        return found

    def after(self, row: Voice) -> Response:
        kept = voice_queries.suggestions(self.actor).get(pk=row.pk)
        return answer(_cards([kept], self.actor)[0])


def _cards(rows: Iterable[Voice], actor: User) -> list[dict[str, Any]]:
    return [SuggestionShape.of(card) for card in voice_queries.cards(rows, actor)]
