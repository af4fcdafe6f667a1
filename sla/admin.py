"""The clocks' tables in the console, to look at: promises are edited on their terms, and what became of them is nobody's to edit."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from sla.models import Breach, Clock, ClockChange, Target


class ReadOnly(ModelAdmin):
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """What belongs to a ticket only as far as the viewer sees the ticket."""
        rows: Any = self.model._default_manager.all()
        seen: QuerySet[Any] = rows.visible_to(request.user) if hasattr(rows, "visible_to") else rows
        return seen

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Target)
class TargetAdmin(ReadOnly):
    list_display = (
        "terms",
        "priority",
        "service_line",
        "reaction_minutes",
        "reaction_clock",
        "attention_minutes",
        "attention_clock",
    )
    list_filter = ("priority", "service_line")
    list_select_related = ("terms",)


@admin.register(Clock)
class ClockAdmin(ReadOnly):
    list_display = ("ticket", "kind", "state", "target_minutes", "clock", "due_at", "met_at", "breached_at")
    list_filter = ("kind", "state")
    list_select_related = ("ticket",)


@admin.register(Breach)
class BreachAdmin(ReadOnly):
    list_display = ("ticket", "kind", "due_at", "recorded_at", "corrected_at", "correction")
    list_filter = ("kind",)
    list_select_related = ("ticket",)


@admin.register(ClockChange)
class ClockChangeAdmin(ReadOnly):
    list_display = ("ticket", "kind", "old_due", "new_due", "at", "by", "reason")
    list_select_related = ("ticket", "by")
