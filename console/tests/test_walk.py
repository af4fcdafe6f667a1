"""Every page of the console, for every role: who gets in, and that looking changes nothing."""

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.models import User
from accounts.roles import DESK_ROLES
from console import action_queues, voice_acts, voice_queues
from customers.models import ServiceTerms, ValidUser
from improvements import acts
from improvements.models import CorrectiveAction
from improvements.services import register
from improvements.services.register import Draft as ActionDraft
from surveys.models import Voice
from tickets import transitions
from tickets.models import Message, Ticket, TicketEvent

pytestmark = pytest.mark.django_db
STAFF = [role.value for role in DESK_ROLES]


@pytest.fixture
def desk(
    agent, consultant, supervisor, manager, director, bpo, service_delivery, admin: User, ticket, desk_group
) -> dict[str, User]:
    people = (agent, consultant, supervisor, manager, director, bpo, service_delivery, admin)
    return {person.role: person for person in people}


def configuration_pages() -> list[str]:
    """Every list, and every row's page, of what is registered."""
    pages = []
    for model in admin.site._registry:
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        pages += [reverse(f"{base}_changelist"), reverse(f"{base}_add")]
        pages += [reverse(f"{base}_change", args=[row.pk]) for row in model._default_manager.all()[:2]]
        pages += [reverse(f"{base}_history", args=[row.pk]) for row in model._default_manager.all()[:1]]
        pages += [reverse(f"{base}_delete", args=[row.pk]) for row in model._default_manager.all()[:1]]
    return pages


def ticket_pages(ticket: Ticket, who: int) -> list[str]:
    acts = [*transitions.TRANSITIONS, "resume", "take", "reclassify", "message"]
    list_page, add_page = reverse("admin:tickets_ticket_changelist"), reverse("admin:tickets_ticket_add")
    return [
        reverse("admin:index"),
        reverse("admin:configuration"),
        reverse("admin:sla_board"),
        reverse("admin:sla_board") + "?compania=alborada&linea=functional&grupo=ninguno&riesgo=2&dias=90",
        reverse("admin:sla_simulator"),
        reverse("admin:sla_simulator") + "?company=alborada&tries=on",
        reverse("admin:search") + "?s=cal",
        reverse("admin:search") + "?s=cal&page=x",
        list_page,
        *(f"{list_page}?cola={key}" for key in ("mios", "en-riesgo", "vencidos", "por-validar", "todos", "nada")),
        f"{list_page}?q=nómina",
        f"{list_page}?q=lucía@example.test&estado=closed&p=basura",
        add_page,
        f"{add_page}?q=lucía",
        f"{add_page}?solicitante={who}",
        reverse("admin:tickets_valid_users") + "?q=alborada",
        reverse("admin:tickets_preview")
        + f"?solicitante={who}&kind=incident&service_line=functional&impact=minor&urgency=low",
        reverse("admin:tickets_ticket_change", args=[ticket.number]),
        reverse("admin:tickets_ticket_change", args=[ticket.pk]),
        reverse("admin:tickets_bulk"),
        *(reverse("admin:tickets_act", args=[ticket.number, act]) for act in acts),
    ]


def voice_pages(voice: Voice) -> list[str]:
    base, add = reverse("admin:surveys_voice_changelist"), reverse("admin:surveys_voice_add")
    return [
        *(f"{base}?cola={key}" for key in (*voice_queues.QUEUES, "nada")),
        f"{base}?q=contesta&tipo=complaint&compania=alborada&mes=2026-03&nivel=1&area=x&direccion=x&p=basura",
        *(f"{reverse('admin:surveys_voice_export')}?formato={form}&con=historial" for form in ("csv", "xlsx", "x")),
        reverse("admin:surveys_voice_panorama") + "?compania=alborada&meses=3",
        add,
        f"{add}?solicitante={voice.author_id}&ticket=T9999999",
        reverse("admin:surveys_voice_users") + "?q=alborada",
        reverse("admin:surveys_voice_change", args=[voice.pk]),
        reverse("admin:surveys_voice_file", args=[1]),
        *(reverse("admin:surveys_voice_act", args=[voice.pk, act]) for act in (*voice_acts.ACTS, "message")),
    ]


def action_pages(action: CorrectiveAction) -> list[str]:
    base, month = reverse("admin:improvements_correctiveaction_changelist"), reverse("admin:improvements_month")
    return [
        *(f"{base}?vista={key}" for key in (*action_queues.VIEWS, "nada")),
        f"{base}?q=avisar&situacion=open&origen=rca&tipo=corrective&responsable=1&compania=alborada&p=basura",
        *(f"{base}exportar/?formato={form}" for form in ("csv", "xlsx", "x")),
        *(f"{month}?mes={text}&compania=alborada" for text in ("2026-03", "nada")),
        *(f"{month}exportar/?mes=2026-03&formato={form}" for form in ("csv", "xlsx", "x")),
        f"{base}add/?ticket=T9999999&origen=nada",
        reverse("admin:improvements_correctiveaction_change", args=[action.pk]),
        reverse("admin:improvements_evidence", args=[1]),
        *(reverse("admin:improvements_correctiveaction_act", args=[action.pk, act]) for act in acts.ACTS),
    ]


@pytest.fixture
def action(supervisor: User, ticket: Ticket) -> CorrectiveAction:
    draft = ActionDraft(origin="rca", ticket=ticket, title="Avisar antes", problem="Nadie avisó.")
    return register.propose(draft, by=supervisor)


def pages(ticket: Ticket, who: int, voice: Voice, action: CorrectiveAction) -> list[str]:
    return [*ticket_pages(ticket, who), *voice_pages(voice), *action_pages(action), *configuration_pages()]


def photograph(ticket: Ticket) -> tuple[object, ...]:
    return (
        list(Voice.objects.values("pk", "version", "state")),
        list(CorrectiveAction.objects.values("pk", "version", "state")),
        Ticket.objects.values().get(pk=ticket.pk),
        TicketEvent.objects.count(),
        Message.objects.count(),
        User.objects.count(),
        ServiceTerms.objects.count(),
        ValidUser.objects.count(),
    )


@pytest.mark.parametrize("role", STAFF)
def test_no_get_changes_anything_and_none_breaks(role, desk, client, ticket, requester, complaint, action):
    client.force_login(desk[role])
    before = photograph(ticket)
    for address in pages(ticket, requester.pk, complaint, action):
        response = client.get(address)
        assert response.status_code in (200, 302, 403, 404, 405, 409), f"{response.status_code} {address}"
        # Read to its end, a file lets go of what it holds; closed by hand it would take the test's connection along.
        b"".join(response.streaming_content if response.streaming else ())
    assert photograph(ticket) == before


@pytest.mark.parametrize("who", ["requester", "representative", "outsider"])
def test_customers_are_refused_everywhere_and_shown_the_portal(
    who, request, client, ticket, requester, complaint, action
):
    client.force_login(request.getfixturevalue(who))
    for address in pages(ticket, requester.pk, complaint, action):
        response = client.get(address)
        assert response.status_code == 302, address
        assert response["Location"].startswith("/admin/login/"), address
    page = client.get("/admin/login/")
    assert page.status_code == 403
    assert "Sus tickets están en el portal" in page.content.decode()


def test_nobody_gets_in_without_signing_in(client, ticket, requester, complaint, action):
    for address in pages(ticket, requester.pk, complaint, action):
        assert client.get(address)["Location"].startswith("/admin/login/")


def test_every_page_answers_an_administrator(desk, client, ticket, requester):
    client.force_login(desk["admin"])
    for address in configuration_pages():
        status = client.get(address).status_code
        assert status == 200 or (status == 403 and address.endswith(("/delete/", "/add/"))), f"{status} {address}"
