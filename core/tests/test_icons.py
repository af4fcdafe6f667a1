"""Icons: outlines of the package, figures of our own, none shown to screen readers."""

import pytest

from core import icons
from core.components import PRIORITIES, STATES


@pytest.mark.parametrize("name", [*(f"st-{state}" for state in STATES), *(f"pr-{one}" for one in PRIORITIES), "logo"])
def test_every_state_and_priority_has_a_figure_of_its_own(name: str) -> None:
    drawn = icons.icon(name)
    assert drawn.startswith("<svg viewBox=")
    assert 'aria-hidden="true"' in drawn
    assert [other for other in icons.GLYPHS if other != name and icons.GLYPHS[other] == icons.GLYPHS[name]] == []


def test_an_outline_takes_the_colour_of_its_text() -> None:
    drawn = icons.icon("clock", "s")
    assert drawn.startswith('<svg class="sd-ic" data-size="s" viewBox="0 0 24 24" fill="none" stroke="currentColor"')
    assert drawn.count("<svg") == 1
    assert drawn.endswith("</svg>")


def test_an_icon_is_read_once() -> None:
    assert icons.icon("clock") is icons.icon("clock")


@pytest.mark.parametrize("name", ["no-such-thing", "../../etc/passwd", ""])
def test_an_unknown_icon_is_refused(name: str) -> None:
    with pytest.raises(icons.UnknownIcon):
        icons.icon(name)
