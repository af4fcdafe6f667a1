"""The guide's own text, held against the rows that it becomes."""

import pytest
from django.core.management import call_command

from accounts.models import SupportGroup
from core.icons import icon
from customers.models import CalendarWindow, ServiceTerms
from escalation.models import Contact, EscalationRule, Level
from servicedesk.seeding.catalog import ITEMS
from tickets.models import CatalogItem, PriorityRule

pytestmark = pytest.mark.django_db

# Guide 3.2.1, 3.2.2 and 3.2.3, first words of each line.
SERVICES = {
    "functional": [
        "Solución de dudas", "Identificación", "Alta de casos", "Atención de casos", "Asistencia", "Recomendación",
        "Administración de usuarios", "Administración del esquema", "Cambio a la parametrización",
    ],
    "technical": ["Elaboración", "Solución de problemas", "Solución de errores", "Apoyo"],
    "technological": [
        "Atención a fallas a nivel de acceso", "Atención a fallas a nivel de capas", "Atención a solicitudes", "Atención a fallas de infra",
        "Instalación", "Homologaciones", "Recreación", "Incremento", "Implementación",
    ],
}  # fmt: skip


def test_every_service_of_the_guide_is_in_the_catalogue_under_its_line(db):
    call_command("seed_guide", verbosity=0)
    for line, services in SERVICES.items():
        words = list(CatalogItem.objects.filter(service_line=line).values_list("guide_service", flat=True))
        for service in services:
            assert any(text.startswith(service) for text in words), service
        assert all(any(text.startswith(service) for service in services) for text in words)


def test_seeding_twice_adds_nothing_and_keeps_what_was_changed(db):
    call_command("seed_guide", verbosity=0)
    Contact.objects.filter(levels__level=2, levels__matrix__kind="service_desk").update(mobile="55 1234 5678")
    CatalogItem.objects.filter(name="VPN").update(is_active=False)
    models = (CatalogItem, PriorityRule, ServiceTerms, CalendarWindow, Level, EscalationRule, SupportGroup)
    before = [model.objects.count() for model in models]
    call_command("seed_guide", verbosity=0)
    assert [model.objects.count() for model in models] == before == [len(ITEMS), 16, 1, 5, 4 + 11, 7, 4]
    assert Contact.objects.get(name="Teresa Olvera Luna").mobile == "55 1234 5678"
    assert CatalogItem.objects.get(name="VPN").is_active is False


def test_every_template_has_an_icon_that_exists():
    for entry in ITEMS:
        assert "<svg" in icon(entry[3])
