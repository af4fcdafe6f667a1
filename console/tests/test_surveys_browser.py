"""The pages of the satisfaction surveys in a real browser: accessible in both themes, and within a telephone."""

from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from console.tests.test_browser import complaints, sign_in  # noqa: F401  (fixtures)
from console.tests.test_levels_browser import WIDTHS, broken
from servicedesk.seeding import improvements, surveys
from surveys.models import Questionnaire, Survey, SurveyLimits
from surveys.tests.asking import closed, graded

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = ("resultados/", "", "?nota=bajas", "?compania=nadie", "?nota=3")


@pytest.fixture
def answered(guide, report, requester, agent, consultant, supervisor):
    surveys.everything()
    improvements.rules()
    SurveyLimits.objects.update(days_between=0, most_per_month=100, least_answers=2)
    rows = [Survey.objects.get(ticket=closed(report, requester, agent, consultant)) for _ in range(3)]
    graded(rows[0], 5, "Muy claro todo.")
    graded(rows[1], 1, "Volvió a fallar.")
    return rows


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_keep_the_floor_of_accessibility(
    page: Page,
    live_server,
    sign_in,  # noqa: F811
    complaints,  # noqa: F811
    supervisor,
    answered,
    theme: Literal["light", "dark"],
    width: str,
):
    page.set_viewport_size(WIDTHS[width])
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    sign_in(supervisor)
    questionnaire = Questionnaire.objects.get()
    addresses = [f"/admin/surveys/survey/{name}" for name in (*PAGES, f"{answered[1].pk}/change/")]
    for address in (*addresses, f"/admin/surveys/questionnaire/{questionnaire.pk}/vista/"):
        page.goto(live_server.url + address)
        assert broken(page) == [], address
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide, address
    assert complaints == []


def test_a_questionnaire_is_copied_written_and_published(
    page: Page,
    live_server,
    sign_in,  # noqa: F811
    supervisor,
    answered,
):
    sign_in(supervisor)
    page.goto(f"{live_server.url}/admin/surveys/questionnaire/{Questionnaire.objects.get().pk}/change/")
    page.get_by_role("button", name="Nueva versión").click()
    page.locator("#id_questions-0-text").fill("¿Cómo estuvo todo?")
    page.get_by_role("button", name="Guardar y revisar para publicar").click()
    expect(page.get_by_role("group", name="¿Cómo estuvo todo?")).to_be_visible()
    page.get_by_role("button", name="Publicar la versión 2").click()
    expect(page.get_by_text("Lo publicado no se modifica")).to_be_visible()
    newest = Questionnaire.objects.get(version=2)
    assert newest.published_by == supervisor
    assert newest.questions.get(position=1).text == "¿Cómo estuvo todo?"
