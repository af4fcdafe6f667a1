"""What can go wrong in a way that a person should read about. Messages are Spanish; codes and fields are for programs."""

from collections.abc import Mapping, Sequence


class DomainError(Exception):
    """Base of every refusal. `message` is shown as it is; `code` is stable; `field` names the input at fault, if one is."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.field = field


class InvalidInput(DomainError):
    """One or more inputs cannot be used. `errors` maps each field's name to its Spanish message."""

    code = "invalid"

    def __init__(self, errors: Mapping[str, str], *, code: str | None = None) -> None:
        self.errors = dict(errors)
        field, message = next(iter(self.errors.items()))
        super().__init__(message, code=code, field=field)


class Refused(DomainError):
    """The actor may see the object but not do this to it."""

    code = "refused"


class IllegalTransition(DomainError):
    """The ticket's state does not admit the transition. `allowed` names those that this actor may do now."""

    code = "illegal_transition"

    def __init__(self, message: str, *, allowed: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.allowed = list(allowed)


class StaleVersion(DomainError):
    """Somebody else changed the object since the caller read it."""

    code = "stale_version"


class NotVisible(DomainError):
    """Absent, or not for this actor: the two must not be told apart."""

    code = "not_found"
