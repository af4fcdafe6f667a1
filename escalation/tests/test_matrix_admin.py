"""The matrices in the console: written as drafts, published once and for good, shown to whoever may see them."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from core import caching
from escalation import matrices as in_use
from escalation.models import Absence, Contact, Level, Matrix
from escalation.services import publishing
from escalation.vocabulary import MatrixKind
from servicedesk.testing import TUESDAY

pytestmark = pytest.mark.django_db

LIST, ADD = reverse("admin:escalation_matrix_changelist"), reverse("admin:escalation_matrix_add")
DESK, TECHNICAL, COMPLAINTS = MatrixKind.SERVICE_DESK, MatrixKind.TECHNICAL, MatrixKind.COMPLAINTS


def page(matrix: Matrix) -> str:
    return reverse("admin:escalation_matrix_change", args=[matrix.pk])


def way(name: str, matrix: Matrix) -> str:
    return reverse(f"admin:escalation_matrix_{name}", args=[matrix.pk])


def published(kind: str = DESK) -> Matrix:
    return Matrix.objects.get(kind=kind, version=1)


def sent(matrix: Matrix, **changes) -> dict[str, object]:
    """The draft's form as a browser would send it, with `levels_N_name` changed."""
    rows = list(matrix.levels.order_by("pk"))
    data: dict[str, object] = {"valid_from_0": "", "valid_from_1": ""}
    data |= {"levels-TOTAL_FORMS": len(rows), "levels-INITIAL_FORMS": len(rows)}
    for n, row in enumerate(rows):
        values = {"id": row.pk, "matrix": matrix.pk, "level": row.level, "role": row.role, "contact": row.contact_id}
        values |= {"direction": row.direction, "area": row.area}
        values |= {"acknowledge_minutes": row.acknowledge_minutes, "answer_minutes": row.answer_minutes}
        data |= {f"levels-{n}-{name}": "" if value is None else value for name, value in values.items()}
    return data | {name.replace("__", "-"): value for name, value in changes.items()}


def row_errors(answer) -> list[dict[str, list[str]]]:
    formset = answer.context["inline_admin_formsets"][0].formset
    return [{name: list(errors) for name, errors in form.items()} for form in formset.errors]


@pytest.fixture
def office(client, admin, matrices, now):
    """The administrator at the console."""
    client.force_login(admin)
    return client


@pytest.fixture
def draft(office, admin) -> Matrix:
    """Version 2 of the desk's matrix."""
    return publishing.new_version(published(), by=admin, at=TUESDAY)


def test_a_new_version_is_copied_changed_reviewed_and_published(office, admin, django_capture_on_commit_callbacks):
    answer = office.post(way("new_version", published()))
    draft = Matrix.objects.get(kind=DESK, version=2)
    assert answer["Location"] == page(draft)
    seen = office.get(page(draft)).content.decode()
    assert "Borrador de la versión 2: nadie más lo ve." in seen
    assert "Mientras no se publique, sigue la versión 1." in seen
    data = sent(draft, levels__1__role="Supervisora de la Mesa", escalation_matrix_review="")
    answer = office.post(page(draft), data)
    assert answer["Location"] == way("publish", draft)
    review = office.get(answer["Location"]).content.decode()
    assert "Supervisora de la Mesa" in review
    assert reverse("admin:escalation_matrix_changelist") in review
    assert "<b>en cuanto la publique</b> y sustituye a la versión 1." in review
    assert Matrix.objects.get(pk=draft.pk).published_at is None
    with django_capture_on_commit_callbacks(execute=True):
        assert office.post(answer["Location"])["Location"] == page(draft)
    row = Matrix.objects.get(pk=draft.pk)
    assert (row.published_at, row.published_by, row.valid_from) == (TUESDAY, admin, TUESDAY)
    assert in_use.in_force(DESK, at=TUESDAY).place(2).role == "Supervisora de la Mesa"
    seen = office.get(page(row)).content.decode()
    assert "La versión 2 está publicada y rige desde el 10 de marzo de 2026, 10:00." in seen
    assert "vigente desde el 10 de marzo de 2026" in seen


def test_the_review_says_who_is_away_and_who_stands_in(office, draft):
    teresa, julio = Contact.objects.get(name="Teresa Olvera Luna"), Contact.objects.get(name="Julio Bernal Ortiz")
    friday = date(2026, 3, 13)
    Absence.objects.create(contact=teresa, starts_on=date(2026, 3, 9), ends_on=friday, substitute=julio)
    Absence.objects.create(contact=Contact.objects.get(name="Marta Quiroga Vela"), starts_on=friday, ends_on=friday)
    caching.forget_all()
    review = office.get(way("publish", draft)).content.decode()
    assert review.count("Ausente hasta") == 1
    assert "Ausente hasta el viernes 13 de marzo; suple Julio Bernal Ortiz" in review


def test_what_is_published_is_only_shown(office):
    row = published()
    before = (Matrix.objects.values().get(pk=row.pk), list(row.levels.order_by("pk").values()))
    seen = office.get(page(row)).content.decode()
    assert "Versión 1, vigente desde el 17 de septiembre de 2019." in seen
    assert 'name="_save"' not in seen
    assert 'name="escalation_matrix_review"' not in seen
    assert office.post(page(row), sent(row, levels__1__role="Otro")).status_code == 403
    delete = reverse("admin:escalation_matrix_delete", args=[row.pk])
    assert office.post(delete, {"post": "yes"}).status_code == 403
    office.post(LIST, {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert office.post(way("publish", row))["Location"] == page(row)
    assert (Matrix.objects.values().get(pk=row.pk), list(row.levels.order_by("pk").values())) == before


def test_a_draft_is_deleted_from_its_page(office, draft):
    delete = reverse("admin:escalation_matrix_delete", args=[draft.pk])
    assert office.post(delete, {"post": "yes"})["Location"] == LIST
    assert list(Matrix.objects.filter(kind=DESK).values_list("version", flat=True)) == [1]
    assert Level.objects.filter(matrix=published()).count() == 4


def test_a_second_draft_leads_to_the_first(office, draft):
    answer = office.post(way("new_version", published()), follow=True)
    assert answer.redirect_chain[0][0] == page(draft)
    assert "Ya hay un borrador de esta matriz: continúe en él." in answer.content.decode()
    assert "Abrir el borrador de la versión 2" in office.get(page(published())).content.decode()
    assert Matrix.objects.filter(kind=DESK).count() == 2


def test_a_draft_says_what_it_lacks_and_is_not_published_with_it(office, draft):
    data = sent(draft, levels__2__contact="", levels__3__DELETE="on")
    assert office.post(page(draft), data).status_code == 302
    lacking = (
        "Falta el nivel 4: la matriz de Mesa de Servicio tiene cuatro.",
        "Nivel 3, Gerente de Mesa de Servicio: no tiene contacto.",
    )
    for address in (page(draft), way("publish", draft)):
        seen = office.get(address).content.decode()
        for fault in lacking:
            assert f"<li>{fault}</li>" in seen, address
    assert ">Publicar la versión 2</button>" not in seen
    refused = office.post(way("publish", draft))
    assert refused.status_code == 200
    assert refused.context["lacking"] == list(lacking)
    assert Matrix.objects.get(pk=draft.pk).published_at is None


def test_two_levels_change_places(office, draft):
    names = dict(draft.levels.values_list("level", "contact__name"))
    data = sent(draft, levels__1__level=3, levels__2__level=2)
    answer = office.post(page(draft), data)
    assert answer.status_code == 302, row_errors(answer)
    swapped = {**names, 2: names[3], 3: names[2]}
    assert dict(draft.levels.values_list("level", "contact__name")) == swapped


def test_a_level_takes_the_place_of_one_that_is_deleted_in_the_same_form(office, draft):
    data = sent(draft, levels__1__level=3, levels__2__DELETE="on")
    assert office.post(page(draft), data).status_code == 302
    assert list(draft.levels.order_by("level").values_list("level", flat=True)) == [1, 3, 4]


def test_faults_of_a_row_stand_beside_it_and_nothing_is_lost(office, draft):
    data = sent(draft, levels__1__level=1, levels__2__answer_minutes=10, levels__3__role="", levels__0__level=12)
    errors = row_errors(office.post(page(draft), data))
    assert set(errors[0]) == {"level"}
    assert errors[1:] == [
        {},
        {"answer_minutes": ["No puede ser menos que el plazo para acusar recibo."]},
        {"role": ["Este campo es requerido."]},
    ]
    repeated = office.post(page(draft), sent(draft, levels__1__level=1))
    assert row_errors(repeated)[1] == {"level": ["El nivel 1 está repetido."]}
    assert list(draft.levels.order_by("pk").values_list("level", flat=True)) == [1, 2, 3, 4]


def test_a_draft_may_wait_for_its_date_but_not_begin_in_the_past(office, draft):
    late = office.post(page(draft), sent(draft, valid_from_0="09/03/2026", valid_from_1="10:00:00"))
    assert late.context["adminform"].form.errors == {"valid_from": ["La vigencia no puede empezar en el pasado."]}
    office.post(page(draft), sent(draft, valid_from_0="01/04/2026", valid_from_1="00:00:00"))
    assert "desde el 1 de abril de 2026, 0:00" in office.get(way("publish", draft)).content.decode()
    office.post(way("publish", draft))
    seen = office.get(LIST).content.decode()
    assert "Por entrar en vigor" in seen
    assert in_use.in_force(DESK, at=TUESDAY).version == 1
    assert "entrará en vigor el 1 de abril de 2026" in office.get(page(draft)).content.decode()


def test_a_newer_version_that_begins_first_says_that_the_other_one_never_will(office, draft, admin):
    second = publishing.publish(draft, by=admin, valid_from=TUESDAY + timedelta(days=30), at=TUESDAY)
    third = publishing.new_version(second, by=admin, at=TUESDAY)
    assert "sustituye a la versión 2, que ya no entrará en vigor." in office.get(way("publish", third)).content.decode()


def test_a_technical_list_begins_with_its_contract_and_service(office, contract, service):
    other = contract.services.model.objects.create(name="Redes y VPN")
    asked = {"kind": TECHNICAL, "contract": contract.pk, "service": other.pk}
    refused = office.post(ADD, asked).context["adminform"].form.errors
    assert refused == {"service": ["El contrato MN-001 no incluye ese servicio. Incluye: Nómina y Recursos Humanos."]}
    incomplete = office.post(ADD, {"kind": TECHNICAL}).context["adminform"].form.errors
    assert incomplete == {"contract": ["Elija el contrato."], "service": ["Elija el servicio contratado."]}
    answer = office.post(ADD, {**asked, "service": service.pk})
    row = Matrix.objects.get(kind=TECHNICAL)
    assert answer["Location"] == page(row)
    assert (row.version, row.contract, row.service, row.published_at) == (1, contract, service, None)
    again = office.post(ADD, {**asked, "service": service.pk}).context["adminform"].form.errors
    assert again == {"kind": ["Esta matriz ya existe. Ábrala desde la lista y use «Nueva versión»."]}
    assert office.post(ADD, {"kind": DESK}).context["adminform"].form.errors == again


def test_a_row_is_added_to_a_list(office, contract, service, admin):
    row = publishing.begin(Matrix(kind=TECHNICAL, contract=contract, service=service), by=admin, at=TUESDAY)
    contact = Contact.objects.get(name="Teresa Olvera Luna")
    data = sent(row) | {"levels-TOTAL_FORMS": 1, "levels-0-id": "", "levels-0-matrix": row.pk, "levels-0-level": 1}
    data |= {"levels-0-role": "Consultora", "levels-0-contact": contact.pk, "levels-0-acknowledge_minutes": 30}
    assert office.post(page(row), data | {"levels-0-answer_minutes": 60}).status_code == 302
    assert list(row.levels.values_list("level", "role", "contact", "answer_minutes")) == [
        (1, "Consultora", contact.pk, 60)
    ]


def test_the_complaints_ask_for_direction_and_area_and_one_area_has_each_level_once(office, admin):
    draft = publishing.new_version(published(COMPLAINTS), by=admin, at=TUESDAY)
    seen = office.get(page(draft)).content.decode()
    assert 'name="levels-0-direction"' in seen
    assert 'name="levels-0-answer_minutes"' not in seen
    assert row_errors(office.post(page(draft), sent(draft, levels__0__area="")))[0] == {
        "area": ["Este campo es requerido."]
    }
    direction = draft.levels.order_by("pk")[0].direction
    data = sent(draft, levels__1__area="Mesa de Servicio", levels__1__direction=direction)
    assert row_errors(office.post(page(draft), data))[1] == {"level": ["El nivel 1 está repetido en Mesa de Servicio."]}
    office.post(page(draft), sent(draft, levels__1__area="Entrega"))
    assert "Dirección de Operaciones" in office.get(way("publish", draft)).content.decode()
    office.post(way("publish", draft))
    assert [place.area for place in in_use.in_force(COMPLAINTS, at=TUESDAY).places][1] == "Entrega"


def test_who_sees_the_matrices_and_nobody_else_changes_them(office, draft, request, client):
    told = {"agent": 200, "supervisor": 200, "manager": 200, "director": 200, "consultant": 403, "bpo": 403}
    for who, status in told.items():
        client.force_login(request.getfixturevalue(who))
        assert client.get(LIST).status_code == status, who
        assert client.get(page(draft)).status_code == status, who
        assert client.post(page(draft), sent(draft, levels__1__role="Otro")).status_code == 403, who
        assert client.post(ADD, {"kind": DESK}).status_code == 403, who
        assert client.get(way("publish", draft)).status_code == 403, who
        assert client.post(way("publish", draft)).status_code == 403, who
        assert client.post(way("new_version", published())).status_code == 403, who
        if status == 200:
            seen = client.get(page(published())).content.decode()
            assert "Nueva versión" not in seen, who
            assert "escalation_matrix_review" not in client.get(page(draft)).content.decode(), who
    for who in ("representative", "outsider"):
        client.force_login(request.getfixturevalue(who))
        for address in (LIST, page(published()), way("publish", draft)):
            answer = client.get(address)
            assert answer.status_code in (302, 403), (who, address)
            assert b"Teresa Olvera" not in answer.content
    assert draft.levels.filter(role="Otro").count() == 0
    assert Matrix.objects.get(pk=draft.pk).published_at is None


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_many_matrices_there_are(
    office, admin, contract, count, django_assert_num_queries
):
    for n in range(count):
        service = contract.services.create(name=f"Servicio {n}")
        publishing.begin(Matrix(kind=TECHNICAL, contract=contract, service=service), by=admin, at=TUESDAY)
    office.get(LIST)
    with django_assert_num_queries(5):
        office.get(LIST)


@pytest.mark.parametrize(
    ("asked", "versions"), [("en-uso", ["2"]), ("borrador", ["3"]), ("anterior", ["1"]), ("", ["3", "2", "1"])]
)
def test_the_list_is_filtered_by_standing(office, draft, admin, asked, versions):
    publishing.new_version(publishing.publish(draft, by=admin, at=TUESDAY), by=admin, at=TUESDAY)
    found = office.get(LIST, {"kind__exact": DESK, "situacion": asked}).context["cl"].result_list
    assert [str(row.version) for row in found] == versions


def test_a_page_that_is_none_breaks_nothing(office):
    for address in ("/admin/escalation/matrix/999999/publicar/", "/admin/escalation/matrix/999999/nueva-version/"):
        assert office.post(address).status_code == 404
    assert office.get("/admin/escalation/matrix/x/change/").status_code == 302
    assert office.get(way("new_version", published())).status_code == 405


def test_a_level_that_somebody_else_has_just_written_is_not_written_twice(office, draft):
    opened = sent(draft, levels__TOTAL_FORMS=3, levels__INITIAL_FORMS=3)
    answer = office.post(page(draft), opened | {"levels-3-id": "", "levels-TOTAL_FORMS": 4})
    assert {"level": ["El nivel 4 está repetido."]} in row_errors(answer)
    assert draft.levels.count() == 4
