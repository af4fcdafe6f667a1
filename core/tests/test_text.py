"""What of a text can be seen, and what can be a number."""

import pytest

from core.text import is_number, one_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  Ana\n\tRíos ", "Ana Ríos"),
        ("Ana\u202e soiR", "Ana soiR"),
        ("👩\u200d💻 de guardia", "👩\u200d💻 de guardia"),
        ("\u200d\u200b \x07", ""),
        ("", ""),
    ],
)
def test_a_line_keeps_what_can_be_seen(text, line):
    assert one_line(text) == line


@pytest.mark.parametrize(
    ("text", "expected"), [("7", True), ("²", False), ("١", False), ("-1", False), ("", False), ("9" * 19, False)]
)
def test_a_number_is_written_with_the_digits_of_the_keyboard(text, expected):
    assert is_number(text) is expected
