"""The console speaks Spanish only: what its theme leaves in English is translated here."""

import re
from importlib.resources import files

import pytest
from django.conf import settings
from django.utils.translation import gettext, override

THEME = files("unfold") / "templates"
LITERAL = re.compile(r"""\{%\s*(?:trans|translate)\s+(?:"([^"]*)"|'([^']*)')|_\((?:"([^"]*)"|'([^']*)')\)""")
SAME_IN_SPANISH = {"General", "No"}


def literals() -> set[str]:
    found: set[str] = set()
    folders = [THEME]
    while folders:
        for entry in folders.pop().iterdir():
            if entry.is_dir():
                folders.append(entry)
            elif entry.name.endswith(".html"):
                found |= {next(filter(None, hit)) for hit in LITERAL.findall(entry.read_text()) if any(hit)}
    return found


def test_no_text_of_the_theme_stays_in_english():
    texts = literals()
    assert len(texts) > 60
    with override("es-mx"):
        assert {text for text in texts if gettext(text) == text} - SAME_IN_SPANISH == set()


@pytest.mark.django_db
def test_an_english_browser_gets_spanish(client, agent):
    assert settings.LANGUAGES == [("es-mx", "Español")]
    client.force_login(agent)
    page = client.get("/admin/tickets/ticket/", headers={"accept-language": "en-US,en;q=0.9"}).content.decode()
    assert '<html lang="es-mx"' in page
    assert "Ir a una sección" in page
    assert "Search apps" not in page
