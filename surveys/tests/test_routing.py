"""Each row of the guide's matrix of complaints leads where the guide says (3.13.1)."""

import pytest

from core.models import Alarm
from escalation.matrices import Published
from escalation.models import Matrix
from servicedesk.seeding.escalation import BUSINESS, COMPLAINTS, CUSTOMERS, OPERATIONS
from surveys import routing
from surveys.models import Voice
from surveys.services import hearing

pytestmark = pytest.mark.django_db

DIRECTORS = {
    CUSTOMERS: (2, "Director de Servicio al Cliente"),
    OPERATIONS: (2, "Director de Operaciones"),
    BUSINESS: (2, "Director de Business Development / Productos MásNegocio"),
}
"""The last word of each direction."""


def published() -> Published:
    found = routing.matrix()
    assert found is not None
    return found


@pytest.mark.parametrize("row", COMPLAINTS, ids=lambda row: f"{row[2]}, {row[3]}")
def test_each_row_of_the_guide_is_told_in_its_turn(row, requester, matrices, draft, now):
    direction, level, area, role, name = row[:5]
    voice = hearing.receive(draft(direction=direction, area=area), by=requester, channel="web")
    way = [(rung["level"], rung["role"]) for rung in voice.levels]
    own = [(r[1], r[3]) for r in COMPLAINTS if r[0] == direction and r[2] == area]
    assert (level, role) in way
    assert way == sorted({*own, DIRECTORS[direction]})
    told = voice.steps.get()
    assert (told.level, told.role) == own[0]
    if (level, role) == own[0]:
        assert told.name == name


def test_the_guide_has_eleven_rows_and_ten_areas(matrices):
    assert len(COMPLAINTS) == 11
    assert len(routing.areas()) == 10
    assert {area.direction for area in routing.areas()} == {CUSTOMERS, OPERATIONS, BUSINESS}


def test_an_area_whose_only_row_is_the_director_starts_there(matrices):
    area = "Dirección Servicio al Cliente"
    way = routing.route(published(), CUSTOMERS, area)
    assert [(rung["level"], rung["role"]) for rung in way] == [DIRECTORS[CUSTOMERS]]
    assert next(row for row in routing.areas() if row.area == area).level == 2


def test_an_area_of_another_direction_is_no_area(matrices):
    assert routing.route(published(), BUSINESS, "Infraestructura") == []


def test_a_ticket_suggests_the_area_that_its_service_or_group_names(matrices, ticket, group, service):
    service.name = "Oracle EBS"
    ticket.service = service
    assert routing.suggested(ticket) == (OPERATIONS, "Productos Oracle")
    ticket.service, group.name = None, "Infraestructura y Redes"
    ticket.group = group
    assert routing.suggested(ticket) == (OPERATIONS, "Infraestructura")


def test_a_ticket_that_names_no_area_is_the_desks_unless_it_is_technological(matrices, ticket):
    assert routing.suggested(ticket) == (CUSTOMERS, "Mesa de Servicio")
    ticket.service_line = "technological"
    assert routing.suggested(ticket) == (OPERATIONS, "Infraestructura")
    assert routing.suggested(None) == (CUSTOMERS, "Mesa de Servicio")


def test_without_a_matrix_there_is_no_area(guide):
    assert routing.areas() == ()
    assert routing.suggested(None) == ("", "")


def test_without_a_matrix_it_is_received_and_an_alarm_sounds(requester, guide, draft, now):
    assert not Matrix.objects.exists()
    voice = hearing.receive(draft(), by=requester, channel="web")
    kept = Voice.objects.get()
    assert (kept.matrix, kept.levels, kept.level, kept.next_at) == (None, [], 0, None)
    assert not kept.steps.exists()
    alarm = Alarm.objects.get(settled_at=None)
    assert alarm.subject == voice.number
    assert "no hay matriz de quejas en vigor" in alarm.text
    assert voice.subject not in alarm.text
