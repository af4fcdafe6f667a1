"""The two laws and the habits that a machine can check, and proof that the check can fail."""

from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import Model

from servicedesk.tests.architecture import FRONT_ENDS, RANK, may_know, violations

OURS = [model for model in apps.get_models() if model._meta.app_label in RANK]
SCOPED = {model for model in OURS if hasattr(model._default_manager.all(), "visible_to")}


def targets(model: type[Model]) -> set[type[Model]]:
    """The models that this one has foreign keys or many-to-many relations to."""
    fields = (field for field in model._meta.get_fields() if field.is_relation and not field.auto_created)
    return {field.related_model for field in fields if isinstance(field.related_model, type)}


BELONGING = {model for model in OURS if targets(model) & SCOPED and model._meta.app_label not in FRONT_ENDS}
"""Rows of a customer's rows: one that offers no `visible_to` is out of bounds for a front end, which asks its parent."""
OWNED = frozenset(model.__name__ for model in SCOPED | BELONGING)
SOURCES = sorted(path for app in RANK for path in (Path(settings.BASE_DIR) / app).rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_module_keeps_the_laws(path: Path) -> None:
    assert violations(str(path.relative_to(settings.BASE_DIR)), path.read_text(), OWNED) == []


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_relations_point_left(model: type[Model]) -> None:
    others = {target._meta.app_label for target in targets(model)}
    assert sorted(other for other in others if not may_know(model._meta.app_label, other)) == []


CLEAN = [
    ("tickets/services/work.py", "from core import clock\nfrom customers.models import Company\nnow = clock.now()\n"),
    ("portal/views/home.py", "from tickets.models import Ticket\nrows = Ticket.objects.visible_to(actor).open()\n"),
    ("portal/forms/raise_ticket.py", "field = Choice(queryset=Ticket.objects.none())\n"),
    ("tickets/tasks.py", "remind.delay()\n"),
    ("servicedesk/celery.py", "from celery.signals import setup_logging\n"),
    ("channels/transports/smtp.py", "import smtplib\n"),
    ("tickets/services/links.py", "from urllib.parse import urlencode\n"),
    ("core/clock.py", "from datetime import UTC, datetime\nnow = datetime.now(UTC)\n"),
    ("api/migrations/0001_initial.py", "field = models.DateTimeField(auto_now_add=True)\n"),
    ("customers/tests/test_terms.py", "from tickets.models import Ticket\n"),
    ("api/v1/groups.py", "SupportGroup.objects.all()\n"),
]

BROKEN = [
    ("tickets/services/work.py", "from sla.services import clocks\n", "tickets must not import sla.services.clocks"),
    ("tickets/models/ticket.py", "def f():\n    import portal.views\n", "tickets must not import portal.views"),
    ("portal/views/home.py", "from console.site import site\n", "portal must not import console.site.site"),
    ("audits/rules.py", "from surveys.models import Survey\n", "audits must not import surveys.models.Survey"),
    ("core/events.py", "importlib.import_module('tickets.models')\n", "core must not import tickets.models"),
    ("sla/x.py", "at = timezone.now()\n", "timezone.now"),
    ("sla/x.py", "field = models.DateTimeField(default=timezone.now)\n", "timezone.now"),
    ("sla/x.py", "at = datetime.now(UTC)\n", "datetime.now"),
    ("sla/x.py", "at = datetime.datetime.utcnow()\n", "datetime.utcnow"),
    ("sla/x.py", "day = date.today()\n", "date.today"),
    ("sla/x.py", "day = timezone.localdate()\n", "timezone.localdate"),
    ("sla/x.py", "field = models.DateTimeField(auto_now_add=True)\n", "auto_now_add"),
    ("sla/x.py", "x = 1\n" * 401, "has 401 lines"),
    ("tickets/services/work.py", "remind.delay(3)\n", "sends a task"),
    ("tickets/services/work.py", "remind.apply_async((3,), countdown=9)\n", "sends a task"),
    ("tickets/apps.py", "from django.dispatch import receiver\n", "uses signals"),
    ("tickets/apps.py", "from django.db.models.signals import post_save\n", "uses signals"),
    ("tickets/apps.py", "from django.db.models import signals\n", "uses signals"),
    ("tickets/apps.py", "models.signals.post_save.connect(f)\n", "uses signals"),
    ("tickets/services/work.py", "import smtplib\n", "reach outside (smtplib)"),
    ("accounts/services.py", "from django.core.mail import send_mail\n", "reach outside (django.core.mail.send_mail)"),
    ("tickets/services/work.py", "from urllib import request\n", "reach outside (urllib.request)"),
    ("tickets/services/work.py", "import httpx\n", "reach outside (httpx)"),
    ("portal/views/home.py", "Ticket.objects.all()\n", "reads Ticket without"),
    ("portal/views/home.py", "Ticket.objects.filter(pk=1).visible_to(actor)\n", "reads Ticket without"),
    ("api/v1/tickets.py", "class View:\n    queryset = models.Ticket.objects\n", "reads Ticket without"),
    ("console/views.py", "get_object_or_404(Ticket, pk=1)\n", "reads Ticket without"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "source"), CLEAN)
def test_the_check_accepts_what_the_laws_allow(path: str, source: str) -> None:
    assert violations(path, source, frozenset({"Ticket"})) == []


@pytest.mark.parametrize(("path", "source", "reason"), BROKEN)
def test_the_check_catches_each_breach(path: str, source: str, reason: str) -> None:
    found = violations(path, source, frozenset({"Ticket"}))
    assert len(found) == 1
    assert reason in found[0]


def test_a_foreign_key_to_the_right_or_to_a_sibling_is_a_breach() -> None:
    assert not may_know("customers", "tickets")
    assert not may_know("surveys", "audits")
    assert may_know("tickets", "customers")
    assert may_know("tickets", "contenttypes")
