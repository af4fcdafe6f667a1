"""Questionnaires in the console: drafts are written, published ones only read, and who may do either."""

import pytest

from servicedesk.seeding import surveys
from surveys.models import Question, Questionnaire, SurveyLimits
from surveys.questionnaires import in_force

pytestmark = pytest.mark.django_db
LIST = "/admin/surveys/questionnaire/"
LIMITS = "/admin/surveys/surveylimits/"


@pytest.fixture(autouse=True)
def seeded(guide, now):
    surveys.everything()


@pytest.fixture
def published() -> Questionnaire:
    return Questionnaire.objects.get()


def form_of(draft, **changes):
    """What the draft's page sends, with some values changed: `rows` are its questions, each a mapping."""
    questions = list(draft.questions.order_by("position"))
    rows = [
        {
            "id": one.pk,
            "position": one.position,
            "kind": one.kind,
            "text": one.text,
            "options": one.options,
            **({"is_required": "on"} if one.is_required else {}),
        }
        for one in questions
    ]
    for index, change in changes.pop("rows", {}).items():
        while len(rows) <= index:
            rows.append({})
        rows[index] = {name: value for name, value in {**rows[index], **change}.items() if value is not None}
    sent = {name: getattr(draft, name) for name in (
        "title", "intro", "thanks", "sample_percent", "low_score", "expires_days", "remind_days", "reminders",
    )}  # fmt: skip
    sent |= {"questions-TOTAL_FORMS": len(rows), "questions-INITIAL_FORMS": len(questions)}
    for index, row in enumerate(rows):
        sent |= {f"questions-{index}-{name}": value for name, value in {"questionnaire": draft.pk, **row}.items()}
    return {**sent, **changes}


@pytest.fixture
def draft(client, supervisor, published) -> Questionnaire:
    client.force_login(supervisor)
    client.post(f"{LIST}{published.pk}/nueva-version/")
    return Questionnaire.objects.get(published_at=None)


@pytest.mark.parametrize("role", ["supervisor", "manager", "director", "admin"])
def test_whoever_supervises_writes_and_publishes(client, request, published, role):
    person = request.getfixturevalue(role)
    client.force_login(person)
    client.post(f"{LIST}{published.pk}/nueva-version/")
    draft = Questionnaire.objects.get(published_at=None)
    assert (draft.version, draft.questions.count(), draft.intro) == (2, 4, published.intro)
    client.post(f"{LIST}{draft.pk}/vista/")
    draft.refresh_from_db()
    assert draft.published_by == person
    assert in_force("functional") == draft


@pytest.mark.parametrize("role", ["agent", "consultant", "bpo", "requester", "service_delivery"])
def test_nobody_else_does(client, request, published, role):
    client.force_login(request.getfixturevalue(role))
    for address in (f"{LIST}{published.pk}/nueva-version/", f"{LIST}{published.pk}/vista/", f"{LIST}add/"):
        assert client.post(address, {"service_line": "technical"}).status_code in (302, 403, 404)
    assert Questionnaire.objects.count() == 1
    client.post(f"{LIMITS}1/change/", {"days_between": 0, "most_per_month": 9, "least_answers": 1})
    assert SurveyLimits.objects.get().days_between == 7


def test_a_published_version_is_only_read(client, supervisor, published):
    client.force_login(supervisor)
    page = client.get(f"{LIST}{published.pk}/change/").content.decode()
    assert "Lo publicado no se modifica" in page
    assert client.post(f"{LIST}{published.pk}/change/", form_of(published, title="Otro")).status_code == 403
    assert client.post(f"{LIST}{published.pk}/delete/", {"post": "yes"}).status_code == 403
    published.refresh_from_db()
    assert published.title == "Encuesta de satisfacción de servicio"


def test_a_new_version_copies_and_leaves_the_old_as_it_was(client, draft, published):
    texts = list(published.questions.order_by("position").values_list("text", flat=True))
    changes = {"rows": {0: {"text": "¿Qué tal?"}}, "title": "Nueva"}
    assert client.post(f"{LIST}{draft.pk}/change/", form_of(draft, **changes)).status_code == 302
    draft.refresh_from_db()
    assert (draft.title, draft.questions.get(position=1).text) == ("Nueva", "¿Qué tal?")
    assert list(published.questions.order_by("position").values_list("text", flat=True)) == texts


def test_a_second_new_version_is_the_draft_that_there_is(client, draft, published):
    client.post(f"{LIST}{published.pk}/nueva-version/")
    assert Questionnaire.objects.filter(published_at=None).count() == 1


def test_a_line_gets_its_own_as_a_copy_of_the_general_one(client, supervisor):
    client.force_login(supervisor)
    answer = client.post(f"{LIST}add/", {"service_line": "technical"}, follow=True)
    row = Questionnaire.objects.get(service_line="technical")
    assert answer.redirect_chain[-1][0] == f"{LIST}{row.pk}/change/"
    assert (row.version, row.published_at, row.questions.count()) == (1, None, 4)
    assert in_force("technical").service_line == ""


def test_questions_may_change_places_be_added_and_go(client, draft):
    first, second, third, _ = draft.questions.order_by("position")
    rows = {
        1: {"position": 3}, 2: {"position": 2}, 3: {"DELETE": "on"},
        4: {"position": 4, "kind": "choice", "text": "¿Por dónde?", "options": "Correo\nPortal", "id": ""},
    }  # fmt: skip
    assert client.post(f"{LIST}{draft.pk}/change/", form_of(draft, rows=rows)).status_code == 302
    found = list(draft.questions.order_by("position").values_list("position", "text"))
    assert found == [(1, first.text), (2, third.text), (3, second.text), (4, "¿Por dónde?")]


@pytest.mark.parametrize(
    ("row", "change", "fault"),
    [
        (0, {"kind": "text"}, "La primera pregunta es la calificación"),
        (0, {"is_required": None}, "La primera pregunta es obligatoria"),
        (1, {"position": 1}, "La primera pregunta es obligatoria"),
        (1, {"position": 3}, "Hay otra pregunta con el orden 3."),
        (1, {"kind": "choice", "options": "Una"}, "Escriba al menos dos opciones distintas"),
        (1, {"options": "a\nb"}, "Sólo «Una opción» lleva opciones"),
    ],
)
def test_faults_are_told_beside_their_question_and_nothing_is_stored(client, draft, row, change, fault):
    before = list(draft.questions.order_by("pk").values_list("position", "kind", "options"))
    answer = client.post(f"{LIST}{draft.pk}/change/", form_of(draft, rows={row: change}, title="Se queda"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert fault in page
    assert "Se queda" in page
    assert list(draft.questions.order_by("pk").values_list("position", "kind", "options")) == before


def test_what_lacks_something_is_not_published(client, draft):
    draft.questions.filter(position=1).delete()
    page = client.get(f"{LIST}{draft.pk}/vista/").content.decode()
    assert "Todavía no se puede publicar" in page
    client.post(f"{LIST}{draft.pk}/vista/")
    draft.refresh_from_db()
    assert draft.published_at is None


def test_reminders_that_do_not_fit_are_not_published(client, draft):
    Questionnaire.objects.filter(pk=draft.pk).update(reminders=5, remind_days=3, expires_days=14)
    answer = client.post(f"{LIST}{draft.pk}/vista/")
    assert "no caben en los 14 días" in answer.content.decode()
    assert in_force("functional").version == 1


def test_the_preview_shows_page_and_mail_and_no_link_that_opens(client, draft):
    page = client.get(f"{LIST}{draft.pk}/vista/").content.decode()
    for question in Question.objects.filter(questionnaire=draft):
        assert question.text in page
    assert "¿Cómo fue el servicio? Díganoslo en un clic" in page
    assert "/encuesta/" not in page


def test_a_draft_may_be_thrown_away(client, draft):
    assert client.post(f"{LIST}{draft.pk}/delete/", {"post": "yes"}).status_code == 302
    assert Questionnaire.objects.filter(published_at=None).count() == 0


def test_looking_changes_nothing(client, supervisor, published):
    client.force_login(supervisor)
    for address in (LIST, f"{LIST}add/", f"{LIST}{published.pk}/change/", f"{LIST}{published.pk}/vista/", LIMITS):
        assert client.get(address, follow=True).status_code == 200, address
    assert client.get(f"{LIST}{published.pk}/nueva-version/").status_code == 405
    assert Questionnaire.objects.count() == 1


def test_the_limits_are_one_form(client, supervisor):
    client.force_login(supervisor)
    assert client.get(LIMITS).url == f"{LIMITS}1/change/"
    client.post(f"{LIMITS}1/change/", {"days_between": 3, "most_per_month": 2, "least_answers": 8})
    row = SurveyLimits.objects.get()
    assert (row.days_between, row.most_per_month, row.least_answers) == (3, 2, 8)
    assert client.get(f"{LIMITS}add/").url == f"{LIMITS}1/change/"
    client.post(f"{LIMITS}add/", {"days_between": 1, "most_per_month": 1, "least_answers": 1})
    assert SurveyLimits.objects.get() == row
    assert client.post(f"{LIMITS}1/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_queries(client, supervisor, rows, django_assert_num_queries):
    for line in ("functional", "technical", "technological")[: rows - 1]:
        Questionnaire.objects.create(service_line=line, version=1)
    client.force_login(supervisor)
    client.get(LIST)
    with django_assert_num_queries(5):
        client.get(LIST)
