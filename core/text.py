"""Words as people search for them, without accents and case; and what of a text can be seen."""

import re
import unicodedata

JOINERS = "\u200c\u200d"
"""They shape letters and emoji, so they are text; every other invisible character only deceives."""


def fold(text: str) -> str:
    """The text in lower case, without accents and other marks: «Nómina» and «NOMINA» are the same."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).lower()


def words(text: str) -> list[str]:
    """The folded words of a text, of letters and digits."""
    return re.findall(r"[a-z0-9]+", fold(text))


def is_seen(character: str) -> bool:
    """Whether it leaves ink: no control, zero-width or direction character, no space."""
    return not character.isspace() and unicodedata.category(character)[0] != "C"


def one_line(text: str) -> str:
    """The text without control and direction characters, any run of white space one space; empty when nothing of it can be seen."""
    words = ("".join(c for c in word if is_seen(c) or c in JOINERS) for word in text.split())
    return " ".join(filter(None, words)) if any(map(is_seen, text)) else ""


def is_number(text: str) -> bool:
    """Whether it can be a row's id: digits of the keyboard, no more than a column holds. «²» is a digit to Python."""
    return text.isascii() and text.isdigit() and len(text) < 19
