"""Who may report, what a report needs, and what becomes of it (guide 3.3, 3.4)."""

from datetime import date, timedelta

import pytest

from core.errors import InvalidInput, Refused
from customers.models import Company, Environment, Service, ServiceTerms, ValidUser
from tickets.models import CatalogCategory, CatalogItem, PriorityRule, Ticket, TicketEvent
from tickets.services import intake
from tickets.vocabulary import State

pytestmark = pytest.mark.django_db


def test_a_received_ticket_is_new_with_its_priority_derived_and_its_copy_in_the_history(requester, report, now):
    row = intake.receive(report(), by=requester, channel="web")
    assert (row.state, row.priority, row.precedence, row.created_at) == (State.NEW, "high", 9, now)
    assert row.number == f"T{row.pk:07d}"
    entry = TicketEvent.objects.get(ticket=row)
    assert (entry.sequence, entry.kind, entry.to_state, entry.data["priority"]) == (1, "receive", "new", "high")


def test_a_registered_ticket_is_open_and_its_reaction_is_met(requester, agent, report, now):
    row = intake.register(report(), by=agent, requester=requester, channel="phone")
    assert (row.state, row.reacted_at, row.requester) == (State.OPEN, now, requester)


def test_every_fault_of_a_report_is_told_at_once(requester, report):
    with pytest.raises(InvalidInput) as refused:
        intake.receive(
            report(title=" ", description="", impact="huge", kind="", urgency=""), by=requester, channel="web"
        )
    assert set(refused.value.errors) == {"title", "description", "impact", "kind", "urgency"}
    assert Ticket.objects.count() == 0


def test_who_is_not_a_valid_user_may_not_report(agent, requester, report):
    with pytest.raises(Refused, match="usuario válido"):
        intake.receive(report(), by=agent, channel="web")


def test_a_suspended_user_may_not_report(requester, report):
    ValidUser.objects.update(status=ValidUser.Status.SUSPENDED)
    with pytest.raises(Refused, match="suspendido"):
        intake.receive(report(), by=requester, channel="web")


def test_without_a_contract_in_force_nobody_reports(requester, contract, report, now):
    contract.ends_on = date(2026, 3, 9)
    contract.save()
    with pytest.raises(Refused, match="contrato vigente"):
        intake.receive(report(), by=requester, channel="web", at=now)


def test_the_contracts_last_day_still_counts_in_the_companys_own_time(requester, contract, report, now):
    contract.ends_on = date(2026, 3, 9)
    contract.save()
    late = now - timedelta(hours=11)  # Monday 9 March, 23:00 in Mexico City; already the 10th in UTC
    assert intake.receive(report(), by=requester, channel="web", at=late).contract == contract


def test_a_requester_speaks_for_nobody_else_but_a_representative_for_colleagues(
    requester, colleague, representative, report
):
    with pytest.raises(InvalidInput) as refused:
        intake.receive(report(), by=requester, requester=colleague, channel="web")
    assert set(refused.value.errors) == {"requester"}
    assert intake.receive(report(), by=representative, requester=colleague, channel="web").requester == colleague


def test_nobody_speaks_for_another_company(outsider, requester, report):
    with pytest.raises(InvalidInput):
        intake.receive(report(), by=outsider, requester=requester, channel="web")


def test_only_the_desk_registers(requester, consultant, report):
    with pytest.raises(Refused):
        intake.register(report(), by=consultant, requester=requester, channel="phone")


def test_whatsapp_needs_the_contracts_authorisation(requester, agent, contract, report):
    with pytest.raises(InvalidInput, match="no autoriza WhatsApp"):
        intake.register(report(), by=agent, requester=requester, channel="whatsapp")
    contract.whatsapp_authorised = True
    contract.save()
    assert intake.register(report(), by=agent, requester=requester, channel="whatsapp").channel == "whatsapp"


def test_a_service_outside_the_contract_is_refused_and_another_companys_environment_does_not_exist(requester, report):
    other = Service.objects.create(name="SAP")
    theirs = Environment.objects.create(company=Company.objects.create(name="Ajena"), service=other, name="prod")
    with pytest.raises(InvalidInput) as refused:
        intake.receive(report(service=other), by=requester, channel="web")
    assert set(refused.value.errors) == {"service"}
    with pytest.raises(InvalidInput) as refused:
        intake.receive(report(environment=theirs), by=requester, channel="web")
    assert set(refused.value.errors) == {"environment", "service"}


def test_the_environments_service_counts_as_the_tickets(requester, environment, report):
    row = intake.receive(report(environment=environment), by=requester, channel="web")
    assert row.environment == environment


def test_a_contracts_cell_of_the_matrix_beats_the_guides(requester, contract, report):
    terms = ServiceTerms.objects.create(contract=contract, name="Propias", valid_from="2025-01-01T00:00:00Z")
    PriorityRule.objects.create(terms=terms, urgency="high", impact="moderate", priority="critical")
    row = intake.receive(report(), by=requester, channel="web")
    assert (row.terms, row.priority) == (terms, "critical")
    assert intake.receive(report(urgency="low"), by=requester, channel="web").priority == "low"


@pytest.fixture
def item(db):
    category = CatalogCategory.objects.create(name="Necesito algo")
    return CatalogItem.objects.create(
        category=category,
        name="Alta de usuario",
        kind="request",
        service_line="functional",
        fields=[
            {"name": "module", "label": "Módulo", "type": "choice", "required": True, "options": ["Nómina", "Compras"]},
            {"name": "since", "label": "A partir de", "type": "date"},
        ],
    )


def test_a_catalogue_item_fills_what_the_report_leaves_out(requester, item, report):
    row = intake.receive(
        report(catalog_item=item, kind="", service_line="", impact="", urgency="", fields={"module": "Nómina"}),
        by=requester,
        channel="web",
    )
    assert (row.kind, row.impact, row.urgency, row.fields) == ("request", "minor", "medium", {"module": "Nómina"})


def test_the_templates_questions_are_checked_by_name(requester, item, report):
    with pytest.raises(InvalidInput) as refused:
        intake.receive(report(catalog_item=item, fields={"since": "31/03/2026", "x": 1}), by=requester, channel="web")
    assert set(refused.value.errors) == {"fields.module", "fields.since", "fields.x"}


def test_a_template_out_of_the_catalogue_cannot_be_used(requester, item, report):
    item.is_active = False
    item.save()
    with pytest.raises(InvalidInput) as refused:
        intake.receive(report(catalog_item=item, fields={"module": "Nómina"}), by=requester, channel="web")
    assert set(refused.value.errors) == {"catalog_item"}


@pytest.mark.parametrize("field", ["title", "description"])
@pytest.mark.parametrize("nothing", ["\u202e\u200b", "\u2066 \u2069", "\u200d\ufeff", "\x07"])
def test_a_text_that_nobody_can_see_is_no_text(requester, report, now, field, nothing):
    with pytest.raises(InvalidInput) as refused:
        intake.receive(report(**{field: nothing}), by=requester, channel="web")
    assert set(refused.value.errors) == {field}


def test_a_title_keeps_its_emoji_and_loses_what_turns_it_around(requester, report, now):
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    row = intake.receive(report(title=f"N\u200bómina \u202egnp.exe {family}"), by=requester, channel="web")
    assert row.title == f"Nómina gnp.exe {family}"
