"""Drafts and their publication: complete or refused with the row's name, and never changed again."""

from datetime import date, timedelta

import pytest

from core.errors import InvalidInput, Refused
from customers.models import Service
from escalation import matrices as in_use
from escalation.models import Contact, Level, Matrix
from escalation.services import publishing
from escalation.vocabulary import GUIDE_ROLES, MatrixKind
from servicedesk.testing import TUESDAY

pytestmark = pytest.mark.django_db

DESK, TECHNICAL, COMPLAINTS = MatrixKind.SERVICE_DESK, MatrixKind.TECHNICAL, MatrixKind.COMPLAINTS


@pytest.fixture
def contact(db) -> Contact:
    return Contact.objects.create(name="Ana Ruiz", email="ana@mesa.example")


@pytest.fixture
def draft(matrices, admin) -> Matrix:
    """Version 2 of the desk's matrix."""
    return publishing.new_version(Matrix.objects.get(kind=DESK), by=admin, at=TUESDAY)


@pytest.fixture
def listing(contract, service, admin, contact) -> Matrix:
    """A technical list of two levels, not published."""
    row = publishing.begin(Matrix(kind=TECHNICAL, contract=contract, service=service), by=admin, at=TUESDAY)
    Level.objects.bulk_create(
        [Level(matrix=row, level=level, role=f"Rol {level}", contact=contact) for level in (1, 2)]
    )
    return row


def faults(matrix, by, **values) -> list[str]:
    with pytest.raises(InvalidInput) as refusal:
        publishing.publish(matrix, by=by, at=TUESDAY, **values)
    assert Matrix.objects.get(pk=matrix.pk).published_at is None
    return list(refusal.value.errors.values())


def test_a_new_version_is_published_and_takes_the_place_of_the_one_before(
    draft, admin, django_capture_on_commit_callbacks
):
    assert [(row.level, row.role) for row in draft.levels.order_by("level")] == list(enumerate(GUIDE_ROLES, start=1))
    assert in_use.in_force(DESK, at=TUESDAY).version == 1
    with django_capture_on_commit_callbacks(execute=True):
        row = publishing.publish(draft, by=admin, at=TUESDAY)
    assert (row.version, row.valid_from, row.published_at, row.published_by) == (2, TUESDAY, TUESDAY, admin)
    assert in_use.in_force(DESK, at=TUESDAY).version == 2
    assert in_use.in_force(DESK, at=TUESDAY - timedelta(seconds=1)).version == 1


def test_a_version_may_begin_later_but_not_in_the_past(draft, admin):
    assert faults(draft, admin, valid_from=TUESDAY - timedelta(seconds=1)) == [
        "La vigencia no puede empezar en el pasado."
    ]
    later = TUESDAY + timedelta(days=30)
    assert publishing.publish(draft, by=admin, valid_from=later, at=TUESDAY).valid_from == later


def test_a_draft_begins_on_its_own_date_or_when_that_has_passed_as_it_is_published(draft, admin):
    later = TUESDAY + timedelta(days=2)
    Matrix.objects.filter(pk=draft.pk).update(valid_from=later)
    assert publishing.publish(draft, by=admin, at=later + timedelta(hours=1)).valid_from == later + timedelta(hours=1)
    second = publishing.new_version(Matrix.objects.get(pk=draft.pk), by=admin, at=later)
    Matrix.objects.filter(pk=second.pk).update(valid_from=later + timedelta(days=9))
    assert publishing.publish(second, by=admin, at=later).valid_from == later + timedelta(days=9)


def test_what_is_published_is_not_published_twice(draft, admin):
    publishing.publish(draft, by=admin, at=TUESDAY)
    with pytest.raises(Refused, match="ya está publicada"):
        publishing.publish(draft, by=admin, at=TUESDAY + timedelta(days=1))
    assert Matrix.objects.get(pk=draft.pk).published_at == TUESDAY


def test_the_desks_matrix_has_its_four_levels_each_once(draft, admin):
    draft.levels.filter(level=3).update(level=5)
    Level.objects.create(matrix=draft, level=2, area="x", role="Otra", contact=Contact.objects.first())
    assert faults(draft, admin) == [
        "El nivel 2 está repetido.",
        "Falta el nivel 3: la matriz de Mesa de Servicio tiene cuatro.",
        "Sobra el nivel 5: la matriz de Mesa de Servicio tiene cuatro.",
    ]


def test_every_level_has_somebody_who_can_be_told_when_it_begins(draft, admin, supervisor):
    supervisor.is_active = False
    supervisor.save(update_fields=["is_active"])
    people = {row.level: row.contact for row in draft.levels.select_related("contact")}
    draft.levels.filter(level=1).update(contact=None)
    Contact.objects.filter(pk=people[2].pk).update(user=supervisor)
    Contact.objects.filter(pk=people[3].pk).update(valid_until=date(2026, 3, 9), email="")
    Contact.objects.filter(pk=people[4].pk).update(valid_from=date(2026, 3, 11))
    assert faults(draft, admin) == [
        "Nivel 1, Mesa de Servicio y Servicio al Cliente: no tiene contacto.",
        "Nivel 2, Supervisor de Mesa de Servicio: la cuenta de Teresa Olvera Luna está desactivada.",
        "Nivel 3, Gerente de Mesa de Servicio: Julio Bernal Ortiz no tiene correo electrónico.",
        "Nivel 3, Gerente de Mesa de Servicio: la vigencia de Julio Bernal Ortiz termina el lunes 9 de marzo de 2026.",
        "Nivel 4, Director de Mesa de Servicio y Servicio al Cliente: la vigencia de Marta Quiroga Vela empieza hasta el "
        "miércoles 11 de marzo de 2026.",
    ]


@pytest.mark.parametrize(("until", "complete"), [(date(2026, 4, 9), True), (date(2026, 4, 8), False)])
def test_the_contacts_are_judged_on_the_day_on_which_the_version_begins(draft, admin, until, complete):
    Contact.objects.filter(levels__matrix=draft, levels__level=2).update(valid_until=until)
    starts = TUESDAY + timedelta(days=30)
    if complete:
        assert publishing.publish(draft, by=admin, valid_from=starts, at=TUESDAY).is_published
    else:
        assert faults(draft, admin, valid_from=starts) == [
            "Nivel 2, Supervisor de Mesa de Servicio: la vigencia de Teresa Olvera Luna termina el miércoles 8 de abril de 2026."
        ]


def test_a_technical_list_has_its_levels_without_gaps(listing, admin, contact):
    listing.levels.filter(level=2).update(level=4)
    assert faults(listing, admin) == ["Falta el nivel 2.", "Falta el nivel 3."]
    listing.levels.all().delete()
    assert faults(listing, admin) == ["La matriz no tiene niveles."]
    Level.objects.create(matrix=listing, level=1, role="Consultor", contact=contact)
    assert publishing.publish(listing, by=admin, at=TUESDAY).version == 1


def test_a_technical_list_is_of_a_service_of_its_contract(listing, admin, contract, service):
    contract.services.remove(service)
    contract.ends_on = date(2026, 3, 9)
    contract.save()
    assert faults(listing, admin) == [
        "El contrato MN-001 no incluye el servicio «Nómina y Recursos Humanos».",
        "El contrato MN-001 termina el lunes 9 de marzo de 2026.",
    ]


def test_the_complaints_say_direction_and_area_and_skip_no_level(matrices, admin):
    draft = publishing.new_version(Matrix.objects.get(kind=COMPLAINTS), by=admin, at=TUESDAY)
    assert draft.levels.count() == 11
    draft.levels.filter(area="Productos Oracle").update(area="")
    draft.levels.filter(direction__startswith="Dirección de Business", level=1).update(level=3)
    assert faults(draft, admin) == [
        "Dirección de Operaciones, nivel 1, Subdirector Productos Oracle: diga su dirección y su área.",
        "Dirección de Business Development (Productos MásNegocio): falta el nivel 1.",
    ]


def test_there_is_one_draft_at_a_time_and_its_number_is_the_next(draft, admin):
    with pytest.raises(Refused, match="Ya hay un borrador") as refusal:
        publishing.new_version(Matrix.objects.get(kind=DESK, version=1), by=admin, at=TUESDAY)
    assert (refusal.value.code, draft.version) == ("draft", 2)
    with pytest.raises(Refused, match="Todavía es un borrador"):
        publishing.new_version(draft, by=admin, at=TUESDAY)
    draft.delete()
    again = publishing.new_version(Matrix.objects.get(kind=DESK, version=1), by=admin, at=TUESDAY)
    assert again.version == 2
    publishing.publish(again, by=admin, at=TUESDAY)
    assert publishing.new_version(Matrix.objects.get(kind=DESK, version=1), by=admin, at=TUESDAY).version == 3


def test_the_drafts_of_two_services_do_not_meet(listing, admin, contract):
    other = contract.services.create(name="Oracle EBS")
    second = publishing.begin(Matrix(kind=TECHNICAL, contract=contract, service=other), by=admin, at=TUESDAY)
    assert (listing.version, second.version) == (1, 1)


def test_a_copy_shares_nothing_with_what_it_was_copied_from(draft, admin):
    first = Matrix.objects.get(kind=DESK, version=1)
    before = list(first.levels.values("pk", "level", "role", "contact", "acknowledge_minutes", "answer_minutes"))
    draft.levels.update(role="Otro", answer_minutes=999)
    publishing.publish(draft, by=admin, at=TUESDAY)
    assert list(first.levels.values(*before[0])) == before


def test_a_first_version_is_begun_once(admin, guide):
    row = publishing.begin(Matrix(kind=DESK), by=admin, at=TUESDAY)
    assert (row.version, row.valid_from, row.is_published) == (1, TUESDAY, False)
    assert [level.role for level in row.levels.order_by("level")] == list(GUIDE_ROLES)
    with pytest.raises(Refused, match="Esta matriz ya existe"):
        publishing.begin(Matrix(kind=DESK), by=admin, at=TUESDAY)


def test_two_people_who_begin_at_once_make_one_version(draft, admin):
    """The second of them has not seen the first one's draft: the database has."""
    with pytest.raises(Refused, match="Alguien más acaba de crear"):
        publishing._store(Matrix(kind=DESK, version=draft.version, valid_from=TUESDAY))
    assert Matrix.objects.filter(kind=DESK).count() == 2


def test_a_list_without_contract_or_with_a_foreign_service_is_not_begun(admin, contract, service):
    stranger = Service.objects.create(name="Redes y VPN")
    cases = {
        (None, None): {"contract": "Elija el contrato.", "service": "Elija el servicio contratado."},
        (contract, stranger): {
            "service": "El contrato MN-001 no incluye ese servicio. Incluye: Nómina y Recursos Humanos."
        },
    }
    for (of, what), errors in cases.items():
        with pytest.raises(InvalidInput) as refusal:
            publishing.begin(Matrix(kind=TECHNICAL, contract=of, service=what), by=admin, at=TUESDAY)
        assert refusal.value.errors == errors
    with pytest.raises(InvalidInput) as refusal:
        publishing.begin(Matrix(kind=DESK, contract=contract), by=admin, at=TUESDAY)
    assert refusal.value.errors == {"contract": "Sólo el Listado de Fallas Técnicas lo lleva."}


@pytest.mark.parametrize(
    "who", ["agent", "consultant", "supervisor", "manager", "director", "bpo", "representative", "outsider"]
)
def test_only_an_administrator_changes_matrices(who, request, draft):
    person, before = request.getfixturevalue(who), Matrix.objects.count()
    published = Matrix.objects.get(kind=COMPLAINTS)
    for change in (
        lambda: publishing.publish(draft, by=person, at=TUESDAY),
        lambda: publishing.new_version(published, by=person, at=TUESDAY),
        lambda: publishing.begin(Matrix(kind=DESK), by=person, at=TUESDAY),
    ):
        with pytest.raises(Refused, match="las modifica un administrador"):
            change()
    assert Matrix.objects.count() == before
    assert Matrix.objects.get(pk=draft.pk).published_at is None
