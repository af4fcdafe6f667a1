"""The matrices' people in the console: corrected by the supervisor, absent with somebody in their place, never in a circle."""

from datetime import date

import pytest
from django.urls import reverse

from escalation import matrices as in_use
from escalation.models import Absence, Contact, EscalationStep, Matrix
from escalation.services import publishing
from servicedesk.testing import TUESDAY

pytestmark = pytest.mark.django_db

LIST, ADD = reverse("admin:escalation_contact_changelist"), reverse("admin:escalation_contact_add")


def page(contact: Contact) -> str:
    return reverse("admin:escalation_contact_change", args=[contact.pk])


def sent(contact: Contact | None, *absences: dict[str, object], **changes) -> dict[str, object]:
    """The contact's form as a browser would send it; each absence with its `id` when it is stored."""
    names = ("name", "email", "phone", "direct_phone", "mobile", "user_id", "valid_from", "valid_until")
    data = {name.removesuffix("_id"): getattr(contact, name) if contact else "" for name in names}
    data = {name: "" if value is None else value for name, value in data.items()} | changes
    stored = [row for row in absences if row.get("id")]
    data |= {"absences-TOTAL_FORMS": len(absences), "absences-INITIAL_FORMS": len(stored)}
    for n, row in enumerate((*stored, *(row for row in absences if not row.get("id")))):
        given = {"id": "", "contact": contact.pk if contact else "", "substitute": "", "reason": "", **row}
        data |= {f"absences-{n}-{name}": value for name, value in given.items()}
    return data


def days(starts: str, ends: str, **more) -> dict[str, object]:
    return {"starts_on": f"{starts}/2026", "ends_on": f"{ends}/2026", **more}


def absence_errors(answer) -> list[dict[str, list[str]]]:
    formset = answer.context["inline_admin_formsets"][0].formset
    return [{name: list(errors) for name, errors in form.items()} for form in formset.errors]


@pytest.fixture
def office(client, supervisor, matrices, now):
    """The supervisor at the console."""
    client.force_login(supervisor)
    return client


@pytest.fixture
def julio(office) -> Contact:
    """The manager, in the desk's matrix and in the complaints'."""
    return Contact.objects.get(name="Julio Bernal Ortiz")


@pytest.fixture
def teresa(office) -> Contact:
    return Contact.objects.get(name="Teresa Olvera Luna")


def test_a_supervisor_enters_a_contact_with_an_account(office, manager):
    answer = office.post(ADD, sent(None, name="Sara Luz", email="sara@mesa.example", user=manager.pk))
    assert answer.status_code == 302
    row = Contact.objects.get(name="Sara Luz")
    assert (row.email, row.user) == ("sara@mesa.example", manager)


@pytest.mark.parametrize("who", ["requester", "outsider"])
def test_a_customer_is_nobodys_account_of_a_matrix(office, request, julio, who):
    stranger = request.getfixturevalue(who)
    answer = office.post(page(julio), sent(julio, user=stranger.pk))
    assert set(answer.context["adminform"].form.errors) == {"user"}
    assert Contact.objects.get(pk=julio.pk).user is None


def test_a_correction_reaches_the_published_matrix_and_leaves_what_was_done(
    office, julio, ticket, admin, django_capture_on_commit_callbacks
):
    from escalation.services import raising

    case = raising.escalate(ticket, by=ticket.requester, reason="Nadie contesta.", at=TUESDAY)
    EscalationStep.objects.filter(escalation=case).update(contact=julio, email=julio.email, name=julio.name)
    in_use.in_force("service_desk", at=TUESDAY)
    with django_capture_on_commit_callbacks(execute=True):
        assert office.post(page(julio), sent(julio, email="nuevo@mesa.example", mobile="55 9")).status_code == 302
    place = in_use.in_force("service_desk", at=TUESDAY).place(3)
    assert (place.email, place.mobile) == ("nuevo@mesa.example", "55 9")
    assert EscalationStep.objects.get(escalation=case).email == "gerencia@mesa.example"
    assert "Los escalamientos que ya se avisaron conservan" in office.get(page(julio)).content.decode()


def test_who_is_in_a_published_matrix_keeps_a_mailbox(office, julio):
    answer = office.post(page(julio), sent(julio, email=""))
    assert answer.context["adminform"].form.errors == {
        "email": ["Está en una matriz publicada: sin correo no se le podría avisar."]
    }
    loose = Contact.objects.create(name="Suelta", email="s@mesa.example")
    assert office.post(page(loose), sent(loose, email="")).status_code == 302


def test_a_validity_that_ends_leaves_a_place_that_somebody_must_take(office, julio):
    answer = office.post(page(julio), sent(julio, valid_until="31/03/2026"), follow=True)
    assert (
        "Julio Bernal Ortiz está en una matriz publicada y la vigencia de Julio Bernal Ortiz termina el martes 31 de marzo de "
        "2026. Publique una versión con quien ocupe su lugar." in answer.content.decode()
    )
    wrong = office.post(page(julio), sent(julio, valid_from="02/03/2026", valid_until="01/03/2026"))
    assert wrong.context["adminform"].form.errors == {
        "valid_until": ["La vigencia no puede terminar antes de empezar."]
    }


def test_an_absence_is_entered_and_withdrawn_by_the_supervisor(office, julio, teresa):
    assert office.post(page(julio), sent(julio, days("09/03", "13/03", substitute=teresa.pk))).status_code == 302
    row = Absence.objects.get(contact=julio)
    assert (row.starts_on, row.ends_on, row.substitute) == (date(2026, 3, 9), date(2026, 3, 13), teresa)
    assert in_use.whom(julio.pk, date(2026, 3, 10)).contact == teresa
    gone = days("09/03", "13/03", id=row.pk, DELETE="on")
    assert office.post(page(julio), sent(julio, gone)).status_code == 302
    assert not Absence.objects.filter(contact=julio).exists()


def test_absences_that_share_a_day_are_refused_beside_the_second(office, julio):
    first, second = days("09/03", "13/03"), days("13/03", "20/03")
    answer = office.post(page(julio), sent(julio, second, first))
    assert absence_errors(answer) == [
        {"starts_on": ["Se traslapa con su ausencia del lunes 9 de marzo al viernes 13 de marzo."]},
        {},
    ]
    assert Absence.objects.count() == 0
    assert office.post(page(julio), sent(julio, first, days("14/03", "20/03"))).status_code == 302


def test_a_stored_absence_that_is_deleted_frees_its_days(office, julio):
    row = Absence.objects.create(contact=julio, starts_on=date(2026, 3, 9), ends_on=date(2026, 3, 13))
    stored = days("09/03", "13/03", id=row.pk, DELETE="on")
    assert office.post(page(julio), sent(julio, stored, days("13/03", "20/03"))).status_code == 302
    assert Absence.objects.get(contact=julio).ends_on == date(2026, 3, 20)


@pytest.mark.parametrize(
    ("row", "field", "words"),
    [
        (days("13/03", "09/03"), "ends_on", "La ausencia no puede terminar antes de empezar."),
        (days("30/02", "09/03"), "starts_on", "Introduzca una fecha válida."),
    ],
)
def test_days_that_cannot_be_are_refused_beside_their_field(office, julio, row, field, words):
    assert absence_errors(office.post(page(julio), sent(julio, row)))[0][field] == [words]


def test_nobody_stands_in_for_themselves(office, julio):
    answer = office.post(page(julio), sent(julio, days("09/03", "13/03", substitute=julio.pk)))
    assert absence_errors(answer)[0]["substitute"] == ["El suplente es otra persona."]


def test_a_circle_of_substitutes_is_refused_with_its_people(office, julio, teresa):
    marta = Contact.objects.get(name="Marta Quiroga Vela")
    for contact, substitute in ((teresa, marta), (marta, julio)):
        Absence.objects.create(
            contact=contact, starts_on=date(2026, 3, 13), ends_on=date(2026, 3, 20), substitute=substitute
        )
    answer = office.post(page(julio), sent(julio, days("09/03", "13/03", substitute=teresa.pk)))
    assert absence_errors(answer) == [
        {
            "substitute": [
                "En esos días el aviso daría la vuelta sin llegar a nadie (Julio Bernal Ortiz, Teresa Olvera Luna, "
                "Marta Quiroga Vela y otra vez Julio Bernal Ortiz). Elija a otra persona."
            ]
        }
    ]
    assert office.post(page(julio), sent(julio, days("09/03", "12/03", substitute=teresa.pk))).status_code == 302


def test_a_substitute_without_mail_is_refused(office, julio):
    silent = Contact.objects.create(name="Sin Correo")
    answer = office.post(page(julio), sent(julio, days("09/03", "13/03", substitute=silent.pk)))
    assert absence_errors(answer)[0]["substitute"] == [
        "Sin Correo no tiene correo electrónico: no se le podría avisar."
    ]


def test_a_substitute_who_is_away_too_is_accepted_with_a_warning(office, julio, teresa):
    Absence.objects.create(contact=teresa, starts_on=date(2026, 3, 13), ends_on=date(2026, 3, 13))
    row = days("09/03", "13/03", substitute=teresa.pk)
    answer = office.post(page(julio), sent(julio, row), follow=True)
    assert (
        "y también estará ausente el viernes 13 de marzo: mientras tanto se avisa al nivel siguiente."
        in answer.content.decode()
    )
    assert Absence.objects.filter(contact=julio).count() == 1


def test_the_page_says_in_which_matrices_the_contact_is(office, julio, admin):
    seen = office.get(page(julio)).content.decode()
    desk = Matrix.objects.get(kind="service_desk")
    address = reverse("admin:escalation_matrix_change", args=[desk.pk])
    assert f'href="{address}">Matriz de Mesa de Servicio, versión 1</a>: Nivel 3, Gerente de Mesa de Servicio' in seen
    assert "Dirección de Servicio al Cliente, nivel 1, Mesa de Servicio, Gerente Mesa de Servicio" in seen
    draft = publishing.new_version(desk, by=admin, at=TUESDAY)
    assert "versión 2</a> (borrador)" in office.get(page(julio)).content.decode()
    publishing.publish(draft, by=admin, at=TUESDAY)
    seen = office.get(page(julio)).content.decode()
    assert "versión 2</a>: " in seen
    assert f'"{address}"' not in seen
    assert "Ninguna." in office.get(page(Contact.objects.create(name="Suelta"))).content.decode()


def test_the_list_says_who_is_there_today(office, julio, teresa):
    Absence.objects.create(contact=julio, starts_on=date(2026, 3, 9), ends_on=date(2026, 3, 13), substitute=teresa)
    Contact.objects.create(name="Sin Correo")
    seen = office.get(LIST).content.decode()
    assert "Ausente hasta vie 13 mar, suple Teresa Olvera Luna" in seen
    assert "No se le puede avisar" in seen
    assert "Disponible" in seen
    found = office.get(LIST, {"q": "gerencia@"}).context["cl"].result_list
    assert [row.name for row in found] == ["Julio Bernal Ortiz"]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_many_are_away(office, julio, count, django_assert_num_queries):
    for n in range(count):
        contact = Contact.objects.create(name=f"A{n}", email="a@mesa.example")
        Absence.objects.create(contact=contact, starts_on=TUESDAY.date(), ends_on=TUESDAY.date(), substitute=julio)
    office.get(LIST)
    with django_assert_num_queries(5):
        office.get(LIST)


def test_who_sees_the_contacts_and_who_changes_them(office, julio, request, client):
    told = {"agent": 200, "manager": 200, "director": 200, "consultant": 403, "bpo": 403, "service_delivery": 403}
    for who, status in told.items():
        client.force_login(request.getfixturevalue(who))
        assert client.get(page(julio)).status_code == status, who
        given = sent(julio, days("09/03", "13/03"), mobile="55 0")
        assert client.post(page(julio), given).status_code == 403, who
        assert client.post(ADD, sent(None, name="X")).status_code == 403, who
    for who in ("representative", "outsider"):
        client.force_login(request.getfixturevalue(who))
        answer = client.get(page(julio))
        assert answer.status_code in (302, 403)
        assert b"gerencia@mesa" not in answer.content
    assert Contact.objects.get(pk=julio.pk).mobile == julio.mobile
    assert Absence.objects.count() == 0


def test_a_supervisor_deletes_nobody_and_what_a_matrix_names_stays(office, julio, client, admin):
    delete = reverse("admin:escalation_contact_delete", args=[julio.pk])
    assert office.post(delete, {"post": "yes"}).status_code == 403
    client.force_login(admin)
    client.post(delete, {"post": "yes"})
    assert Contact.objects.filter(pk=julio.pk).exists()


def test_a_validity_to_the_end_of_time_is_stored(office, julio):
    assert office.post(page(julio), sent(julio, valid_until="31/12/9999")).status_code == 302
    julio.refresh_from_db()
    assert julio.valid_until == date.max
