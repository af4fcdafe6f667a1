"""Who owns an action, and who is told when it is late. Nobody whom an action is kept from is ever chosen."""

from collections.abc import Collection

from django.db.models import Count, Q

from accounts.models import User
from accounts.roles import Role
from improvements import rules
from improvements.models import CorrectiveAction
from improvements.vocabulary import LIVE

LEVELS: dict[int, str] = {1: Role.SUPERVISOR, 2: Role.MANAGER, 3: Role.DIRECTOR}
"""The way up of a delay (guide 3.5.2)."""
LEVEL_WORDS = {1: "supervisión", 2: "gerencia", 3: "dirección"}


def can_own(person: User) -> bool:
    """An active person of the desk."""
    return person.is_active and person.is_desk


def owner_for(origin: str, kept_from: Collection[int]) -> tuple[User | None, bool]:
    """Whose a new action is: the rule's person, else the supervisor with fewest live actions, else the next role up.

    False beside the person when it was nobody's to be: neither the rule's nor a supervisor's.
    """
    own = rules.of(origin).owner
    if own is not None and can_own(own) and own.pk not in kept_from:
        return own, True
    for level, role in LEVELS.items():
        if (person := _least_busy(role, kept_from)) is not None:
            return person, level == 1
    return _least_busy(Role.ADMIN, kept_from), False


def at_level(level: int, action: CorrectiveAction) -> list[User]:
    """The active people of a level of the way up who may see the action."""
    kept_from = action.kept_from.values("pk")
    return list(User.objects.filter(role=LEVELS[level], is_active=True).exclude(pk__in=kept_from).order_by("pk"))


def _least_busy(role: str, kept_from: Collection[int]) -> User | None:
    load = Count("owned_actions", filter=Q(owned_actions__state__in=LIVE))
    free = User.objects.filter(role=role, is_active=True).exclude(pk__in=list(kept_from))
    return free.annotate(load=load).order_by("load", "pk").first()


def candidates(action: CorrectiveAction | None = None) -> "list[User]":
    """Who may be given an action: the active people of the desk, but those it is kept from. By name."""
    people = User.objects.desk().filter(is_active=True)
    if action is not None:
        people = people.exclude(pk__in=action.kept_from.values("pk"))
    return list(people.order_by("full_name"))


def verifiers(action: CorrectiveAction) -> list[User]:
    """Who may judge its effect, nearest level first: the supervisors who neither own it nor did it, else the managers, else the directors."""
    involved = {action.owner_id, action.implemented_by_id}
    for level in LEVELS:
        if found := [person for person in at_level(level, action) if person.pk not in involved]:
            return found
    return []
