"""Where declarations are kept."""

from core.props import Component, Prepare, Prop

COMPONENTS: dict[str, Component] = {}


def component(name: str, about: str, /, *, slot: bool = False, prepare: Prepare | None = None, **props: Prop) -> None:
    COMPONENTS[name] = Component(name, about, props, slot, prepare)
