"""Configuration: each role's own sections, nobody raises themselves, and terms in force never change."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.models import SupportGroup, User
from accounts.roles import Role
from console import terms_admin
from core import clock
from core.forms import HourField
from customers.models import Calendar, CalendarWindow, ClosedDay, Company, ServiceTerms, ValidUser
from servicedesk.testing import TUESDAY
from tickets.models import CatalogItem
from tickets.services import classification

pytestmark = pytest.mark.django_db


def listing(label: str) -> str:
    return reverse(f"admin:{label}_changelist")


def edit(row) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def add(label: str) -> str:
    return reverse(f"admin:{label}_add")


def rows(prefix: str, *given: dict, initial: int = 0) -> dict:
    data = {f"{prefix}-TOTAL_FORMS": len(given), f"{prefix}-INITIAL_FORMS": initial}
    return data | {f"{prefix}-{i}-{name}": value for i, row in enumerate(given) for name, value in row.items()}


INLINES = ("extension_windows", "closed_days", "targets", "warning_levels", "escalation_rules")


SECTIONS = {
    "agent": (
        {"customers_company", "customers_serviceterms", "tickets_catalogitem", "accounts_supportgroup"},
        {"accounts_user"},
    ),
    "consultant": (
        {"customers_company"},
        {"accounts_user", "customers_contract", "customers_serviceterms", "core_delivery"},
    ),
    "supervisor": ({"accounts_user", "core_delivery", "channels_outboundmessage"}, set()),
    "bpo": (
        {"customers_contract", "tickets_catalogitem"},
        {"accounts_user", "core_delivery", "channels_outboundmessage"},
    ),
    "admin": ({"accounts_user", "core_delivery", "customers_serviceterms"}, set()),
}


@pytest.mark.parametrize("role", SECTIONS)
def test_each_role_sees_only_its_sections(role, request, client, guide):
    client.force_login(request.getfixturevalue(role))
    seen, hidden = SECTIONS[role]
    menu = client.get(reverse("admin:tickets_ticket_changelist")).content.decode()
    for label in seen:
        assert client.get(listing(label)).status_code == 200, label
        assert f'href="{listing(label)}"' in menu, label
    for label in hidden:
        assert client.get(listing(label)).status_code == 403, label
        assert f'href="{listing(label)}"' not in menu, label


def person_form(person: User, **changes) -> dict:
    given = {
        "full_name": person.full_name,
        "email": person.email,
        "role": person.role,
        "phone": "",
        "time_zone": person.time_zone,
    }
    return {**given, **rows("shifts"), "is_active": "on", **changes}


@pytest.mark.parametrize("who", ["agent", "consultant", "supervisor", "manager", "bpo"])
def test_a_forged_form_does_not_raise_anybody(who, request, client, admin):
    person = request.getfixturevalue(who)
    client.force_login(person)
    before = list(User.objects.order_by("pk").values())
    for target in (person, admin):
        forged = person_form(target, role="admin", is_staff="on", is_superuser="on", groups="1", user_permissions="1")
        assert client.post(edit(target), forged).status_code == 403
        password = reverse("admin:auth_user_password_change", args=[target.pk])
        assert client.post(password, {"password1": "otra clave 99", "password2": "otra clave 99"}).status_code == 403
    assert client.post(add("accounts_user"), person_form(person, email="x@y.mx")).status_code == 403
    bulk = {"action": "delete_selected", "_selected_action": [admin.pk], "post": "yes"}
    client.post(listing("accounts_user"), bulk)
    edits = {
        "form-TOTAL_FORMS": 1,
        "form-INITIAL_FORMS": 1,
        "form-0-id": person.pk,
        "form-0-role": "admin",
        "_save": "1",
    }
    client.post(listing("accounts_user"), edits)
    now = [{**row, "last_login": None} for row in User.objects.order_by("pk").values()]
    assert now == [{**row, "last_login": None} for row in before]


def test_an_administrator_gives_roles_but_not_to_themselves(client, admin, agent):
    client.force_login(admin)
    assert client.post(edit(agent), person_form(agent, role="supervisor")).status_code == 302
    assert User.objects.get(pk=agent.pk).role == Role.SUPERVISOR
    page = client.post(edit(admin), person_form(admin, role="agent"))
    assert "No puede cambiar su propio rol" in page.content.decode()
    form = person_form(admin)
    form.pop("is_active")
    client.post(edit(admin), form)
    kept = User.objects.get(pk=admin.pk)
    assert (kept.role, kept.is_active) == (Role.ADMIN, True)


def test_nobody_becomes_system_and_system_has_no_page(client, admin, agent):
    from accounts.services import system_actor

    client.force_login(admin)
    client.post(edit(agent), person_form(agent, role="system"))
    assert User.objects.get(pk=agent.pk).role == Role.AGENT
    assert client.get(edit(system_actor())).status_code == 302


def test_a_person_is_entered_with_a_password_that_is_checked(client, admin):
    client.force_login(admin)
    base = {
        "full_name": "Nueva Persona",
        "email": "Nueva@Example.test",
        "role": "agent",
        "phone": "",
        "time_zone": "America/Mexico_City",
        "usable_password": "true",
    }
    weak = client.post(add("accounts_user"), {**base, "password1": "123", "password2": "123"})
    assert weak.status_code == 200
    strong = {"password1": "caballo verde 42", "password2": "caballo verde 42"}
    assert client.post(add("accounts_user"), {**base, **strong}).status_code == 302
    person = User.objects.get(email="nueva@example.test")
    assert person.check_password("caballo verde 42")
    again = client.post(add("accounts_user"), {**base, **strong})
    assert "Ya hay una persona con ese correo." in again.content.decode()


def test_an_administrator_sets_a_password(client, admin, agent):
    client.force_login(admin)
    address = reverse("admin:auth_user_password_change", args=[agent.pk])
    assert client.get(address).status_code == 200
    data = {
        "password1": "caballo verde 42",
        "password2": "caballo verde 42",
        "usable_password": "true",
        "set-password": "1",
    }
    assert client.post(address, data).status_code == 302
    assert User.objects.get(pk=agent.pk).check_password("caballo verde 42")


def test_a_supervisor_moves_people_between_groups(client, supervisor, consultant, requester, group):
    client.force_login(supervisor)
    data = {"name": "Infra", "level": 2, "is_active": "on", "members": [consultant.pk]}
    assert client.post(add("accounts_supportgroup"), data).status_code == 302
    assert list(SupportGroup.objects.get(name="Infra").members.all()) == [consultant]
    refused = client.post(edit(group), {**data, "name": "Nómina", "members": [requester.pk]})
    assert refused.status_code == 200
    assert requester not in group.members.all()


def test_an_agent_enters_a_valid_user_but_never_one_of_the_desk(client, agent, company):
    client.force_login(agent)
    data = {
        "company": company.pk,
        "full_name": "Ana Paz",
        "email": "ANA@alborada.test",
        "phone": "",
        "role": "requester",
        "position": "Jefa",
    }
    data |= {
        "immediate_superior": "",
        "authorised_by": "Ximena Ordaz",
        "whatsapp_phone": "",
        "confirmed_at_0": "",
        "confirmed_at_1": "",
    }
    refused = client.post(add("customers_validuser"), {**data, "role": "admin"})
    assert refused.status_code == 200
    assert not User.objects.filter(email="ana@alborada.test").exists()
    assert client.post(add("customers_validuser"), data).status_code == 302
    row = ValidUser.objects.get(user__email="ana@alborada.test")
    assert (row.company, row.user.role, row.user.has_usable_password()) == (company, Role.REQUESTER, False)
    taken = client.post(add("customers_validuser"), {**data, "email": agent.email})
    assert "Ya hay una persona con ese correo." in taken.content.decode()


def test_a_valid_user_does_not_change_company_by_a_forged_form(client, agent, requester, outsider):
    client.force_login(agent)
    row = ValidUser.objects.get(user=requester)
    other = Company.objects.get(name="Textiles Ixtlán")
    data = {"company": other.pk, "user": outsider.pk, "status": "suspended", "position": "", "immediate_superior": ""}
    data |= {"authorised_by": "", "whatsapp_phone": "", "confirmed_at_0": "", "confirmed_at_1": ""}
    client.post(edit(row), data)
    kept = ValidUser.objects.get(pk=row.pk)
    assert (kept.company, kept.user, kept.status) == (row.company, requester, "suspended")


def test_an_agent_changes_no_company_nor_contract(client, agent, company, contract):
    client.force_login(agent)
    assert client.post(edit(company), {"name": "Otra", "time_zone": "UTC"}).status_code == 403
    assert client.post(edit(contract), {"number": "X"}).status_code == 403
    assert Company.objects.get(pk=company.pk).name == "Grupo Alborada"


def test_the_zone_in_which_deadlines_are_counted_is_changed_by_new_terms_only(client, admin, company, contract):
    client.force_login(admin)
    assert "agregue a su contrato condiciones de servicio con esa zona" in client.get(edit(company)).content.decode()
    sent = {"name": "Grupo Alba", "time_zone": "America/Tijuana", "is_active": "on"}
    sent |= {f"{rows}-{which}_FORMS": "0" for rows in ("environments", "valid_users") for which in ("TOTAL", "INITIAL")}
    assert client.post(edit(company), sent).status_code == 302
    company.refresh_from_db()
    assert (company.name, company.time_zone) == ("Grupo Alba", "America/Mexico_City")
    contract.delete()
    assert client.post(edit(company), sent).status_code == 302
    company.refresh_from_db()
    assert company.time_zone == "America/Tijuana"


def test_hours_are_written_as_on_a_clock(client, admin):
    client.force_login(admin)
    data = {"name": "Nocturno", "observes_holidays": "on"}
    data |= rows(
        "windows",
        {"weekday": 0, "opens": "09:00", "closes": "19:30"},
        {"weekday": 5, "opens": "22:00", "closes": "24:00"},
    )
    data |= rows("closed_days", {"date": "24/12/2026", "name": "Nochebuena"})
    assert client.post(add("customers_calendar"), data).status_code == 302
    calendar = Calendar.objects.get(name="Nocturno")
    assert list(CalendarWindow.objects.filter(calendar=calendar).values_list("opens", "closes")) == [
        (540, 1170),
        (1320, 1440),
    ]
    assert ClosedDay.objects.get(calendar=calendar).date == date(2026, 12, 24)
    page = client.get(edit(calendar)).content.decode()
    assert 'value="09:00"' in page
    assert 'value="24:00"' in page


@pytest.mark.parametrize("text", ["9", "25:00", "09:60", "abc", "24:00"])
def test_an_hour_that_does_not_exist_is_refused(text):
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError, match="Escriba la hora como 09:00"):
        HourField().clean(text)


def test_terms_in_force_are_only_shown(client, admin, guide):
    client.force_login(admin)
    page = client.get(edit(guide)).content.decode()
    assert "Estas condiciones ya rigen y no se modifican" in page
    before = ServiceTerms.objects.values().get(pk=guide.pk)
    assert client.post(edit(guide), {"name": "Otra cosa", "validation_hours": 1}).status_code == 403
    assert (
        client.post(reverse("admin:customers_serviceterms_delete", args=[guide.pk]), {"post": "yes"}).status_code == 403
    )
    assert ServiceTerms.objects.values().get(pk=guide.pk) == before


def test_a_new_version_copies_everything_and_rules_only_from_its_date(client, admin, guide):
    client.force_login(admin)
    hang_everything(guide)
    copy = reverse("admin:customers_serviceterms_new_version", args=[guide.pk])
    assert client.get(copy).status_code == 405
    assert client.post(copy).status_code == 302
    new = ServiceTerms.objects.exclude(pk=guide.pk).get()
    assert new.valid_from > clock.now()
    for name in terms_admin.HANGING:
        copied, original = (hanging(row, name) for row in (new, guide))
        assert copied == original, name
        assert copied, name
    assert new.priority_rules.count() == 16
    page = client.get(edit(new)).content.decode()
    assert "Estas condiciones todavía no entran en vigor" in page
    assert 'name="matrix_low_minor"' in page
    shown = {prefix: int(client_field(page, f"{prefix}-INITIAL_FORMS")) for prefix in INLINES}
    assert shown == {prefix: getattr(guide, prefix).count() for prefix in INLINES}
    assert 'value="Aniversario"' in page
    assert client_field(page, "escalation_rules-0-percent") == "80"
    data = terms_form(new) | {"matrix_low_minor": "critical"}
    response = client.post(edit(new), data)
    assert response.status_code == 302, response.context["errors"]
    now, later = clock.now(), new.valid_from + timedelta(minutes=1)
    from customers import terms as terms_of

    assert classification.priority_for(terms_of.standard(now), impact="minor", urgency="low", at=now) == "low"
    assert classification.priority_for(terms_of.standard(later), impact="minor", urgency="low", at=later) == "critical"


def hang_everything(terms: ServiceTerms) -> None:
    """A row in every table that hangs from the terms."""
    terms.extension_windows.create(
        weekday=5, opens=1320, closes=120, includes_second_level=True, works_on_holidays=True
    )
    terms.closed_days.create(date=date(2030, 5, 2), name="Aniversario")
    terms.escalation_rules.create(clock="attention", percent=80, level=2)


def hanging(terms: ServiceTerms, name: str) -> list[dict]:
    found = getattr(terms, name).values()
    return sorted(({key: row[key] for key in row if key not in ("id", "terms_id")} for row in found), key=str)


def client_field(page: str, name: str) -> str:
    """The value of the page's input of that name."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    assert found is not None, name
    return re.search(r'value="([^"]*)"', found[0])[1]


def terms_form(terms: ServiceTerms) -> dict:
    """The page's own form as a browser would send it unchanged."""
    from django.utils import timezone

    local = timezone.localtime(terms.valid_from)
    data = {
        "contract": terms.contract_id or "",
        "name": terms.name,
        "valid_from_0": local.strftime("%d/%m/%Y"),
        "valid_from_1": local.strftime("%H:%M:%S"),
        "calendar": terms.calendar_id or "",
        "validation_hours": terms.validation_hours or "",
        "pauses_for_user": "true",
        "pauses_for_vendor": "false",
    }
    for rule in terms.priority_rules.all():
        data[terms_admin.cell_name(rule.urgency, rule.impact)] = rule.priority
    for prefix in INLINES:
        data |= rows(prefix)
    return data


def test_an_agent_does_not_make_a_version(client, agent, guide):
    client.force_login(agent)
    assert client.post(reverse("admin:customers_serviceterms_new_version", args=[guide.pk])).status_code == 403
    assert ServiceTerms.objects.count() == 1


def test_terms_of_the_past_cannot_be_added_and_the_guides_are_complete(client, admin, guide):
    client.force_login(admin)
    with clock.at(TUESDAY):
        data = terms_form(guide) | {
            "valid_from_0": "01/01/2026",
            "valid_from_1": "00:00:00",
            "matrix_high_minor": "",
            "calendar": "",
        }
        errors = client.post(add("customers_serviceterms"), data).context["adminform"].form.errors
    assert set(errors) == {"valid_from", "matrix_high_minor", "calendar"}
    assert ServiceTerms.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ('{"a": 1}', "lista"),
        ('[{"name": "a b", "label": "x"}]', "sin espacios"),
        ('[{"name": "a"}]', "label"),
        ('[{"name": "a", "label": "A", "type": "choice"}]', "options"),
    ],
)
def test_the_catalogues_questions_are_checked_where_they_are_written(client, admin, given, word):
    client.force_login(admin)
    errors = client.post(add("tickets_catalogitem"), {"fields": given}).context["adminform"].form.errors
    assert word in errors["fields"][0]
    assert CatalogItem.objects.count() == 0
