"""Words as people search for them: without accents, without case."""

import re
import unicodedata


def fold(text: str) -> str:
    """The text in lower case, without accents and other marks: «Nómina» and «NOMINA» are the same."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).lower()


def words(text: str) -> list[str]:
    """The folded words of a text, of letters and digits."""
    return re.findall(r"[a-z0-9]+", fold(text))
