"""How a component declares what it takes. A component is a template of `templates/ui/`; a prop is one of its inputs.

The mechanism only; the declarations themselves are in `core/components/`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, is_dataclass
from typing import Any, Final

REQUIRED: Final = object()
Values = dict[str, Any]
Prepare = Callable[[Values], Values]


class PropError(ValueError):
    """A component was asked for something it does not declare, or without something it needs."""


@dataclass(frozen=True)
class Prop:
    """One input. `choices` empty means any value; `default` REQUIRED means it must be given."""

    default: object = REQUIRED
    choices: tuple[object, ...] = ()
    note: str = ""

    @property
    def required(self) -> bool:
        return self.default is REQUIRED


def need(note: str = "") -> Prop:
    return Prop(note=note)


def maybe(note: str = "", default: object = "") -> Prop:
    return Prop(default=default, note=note)


def flag(note: str = "", *, default: bool = False) -> Prop:
    return Prop(default=default, choices=(True, False), note=note)


def one_of(*values: object, note: str = "") -> Prop:
    """A required value out of `values`."""
    return Prop(choices=values, note=note)


def variant(*values: object, note: str = "") -> Prop:
    """An optional value out of `values`; the first is the default."""
    return Prop(default=values[0], choices=values, note=note)


LEVEL = variant(2, 1, 3, 4, note="heading level")


@dataclass(frozen=True)
class Component:
    """A declared component. `slot` says whether it takes content; `prepare` turns its props into what its template draws."""

    name: str
    about: str
    props: Mapping[str, Prop] = field(default_factory=dict)
    slot: bool = False
    prepare: Prepare | None = None

    @property
    def template(self) -> str:
        return f"ui/{self.name}.html"

    @property
    def declared(self) -> list[tuple[str, Prop]]:
        """The props in the order of their declaration, for a template (which would look «items» up as a prop)."""
        return list(self.props.items())

    def check_names(self, given: Mapping[str, object]) -> None:
        """Raise PropError when a given name is not declared."""
        unknown = sorted(set(given) - set(self.props))
        if unknown:
            raise PropError(f"ui {self.name!r} has no prop {', '.join(unknown)}; it takes {', '.join(self.props)}")

    def check_required(self, given: Mapping[str, object]) -> None:
        """Raise PropError when a required prop is absent."""
        missing = [name for name, prop in self.props.items() if prop.required and name not in given]
        if missing:
            raise PropError(f"ui {self.name!r} needs {', '.join(missing)}")

    def check_value(self, name: str, value: object) -> None:
        """Raise PropError when the prop has choices and `value` is none of them."""
        choices = self.props[name].choices
        if choices and value not in choices:
            allowed = ", ".join(repr(choice) for choice in choices)
            raise PropError(f"ui {self.name!r}: {name} is {value!r}, not one of {allowed}")

    def complete(self, given: Mapping[str, object]) -> Values:
        """All props with their values: checked, and the defaults filled in."""
        self.check_names(given)
        self.check_required(given)
        values: Values = {}
        for name, prop in self.props.items():
            value = given.get(name, prop.default)
            if value is None:
                if prop.required:
                    raise PropError(f"ui {self.name!r} needs {name}: what was given does not exist or is None")
                value = prop.default
            self.check_value(name, value)
            values[name] = value
        return self.prepare(values) if self.prepare else values


def as_props(source: object) -> Values:
    """The props held by a mapping or a dataclass instance, as `props=` takes them."""
    if isinstance(source, Mapping):
        return dict(source)
    if is_dataclass(source) and not isinstance(source, type):
        return {name: getattr(source, name) for name in source.__dataclass_fields__}
    raise PropError(f"props= takes a mapping or a dataclass, not {type(source).__name__}")
