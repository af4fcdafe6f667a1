"""What the product does by itself, to be watched: mails that went out, and reactions that could not be finished."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q
from django.http import HttpRequest

from accounts.roles import Role
from channels import links
from channels.models import OutboundMessage, Route
from console.views.pages import person
from core import clock, events
from core.admin import ReadOnlyAdmin
from core.leases import WorkState
from core.models import Delivery
from improvements import queries
from improvements.models import actions
from surveys import voice_register
from surveys.models import voices

RETRIERS = (Role.SUPERVISOR, Role.ADMIN)


class WorkAdmin(ReadOnlyAdmin):
    """Rows of work. What was given up may be tried again; nothing else is touched."""

    actions = ("try_again",)
    task = ""

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return getattr(request.user, "role", "") in RETRIERS

    @admin.action(description="Volver a intentar los detenidos", permissions=["retry"])
    def try_again(self, request: HttpRequest, chosen: Any) -> None:
        at, renewed = clock.now(), list(chosen.filter(state=WorkState.PARKED))
        for row in renewed:
            row.replay(at=at)
        if renewed:
            events.wake(self.task)
        messages.info(request, f"Se volverán a intentar: {len(renewed)}.")


@admin.register(OutboundMessage)
class OutboundMessageAdmin(WorkAdmin):
    task = "channels.send_due"
    list_display = ("subject", "address", "ticket", "state", "created_at", "leaves")
    list_filter = ("state",)
    list_select_related = ("ticket",)
    search_fields = ("address", "subject")
    ordering = ("-id",)
    # The HTML part says the same and is never drawn here.
    fields = (
        "subject",
        ("name", "address"),
        "ticket",
        ("state", "attempts"),
        ("created_at", "next_at", "done_at"),
        "why",
        "said",
        "message_id",
    )

    @admin.display(description="sale")
    def leaves(self, row: OutboundMessage) -> datetime | None:
        """When it left or will: a notice that can wait leaves at the start of its reader's shift."""
        return {WorkState.DONE: row.done_at, WorkState.PENDING: row.next_at}.get(WorkState(row.state))

    @admin.display(description="motivo o último error")
    def why(self, row: OutboundMessage) -> str:
        """Why it was withdrawn, or what the server said last."""
        return row.last_error

    @admin.display(description="texto")
    def said(self, row: OutboundMessage) -> str:
        """What the mail says, without the link that is its reader's alone."""
        return links.without_keys(row.text)

    def get_queryset(self, request: HttpRequest) -> Any:
        return OutboundMessage.objects.visible_to(request.user).order_by("-id")  # type: ignore[arg-type]


@admin.register(Route)
class RouteAdmin(ReadOnlyAdmin):
    """Whether mail can leave, and since when it cannot."""

    list_display = ("channel", "failing_since", "failures", "closed_until", "last_error")
    fields = list_display


@admin.register(Delivery)
class DeliveryAdmin(WorkAdmin):
    task = "core.run_deliveries"
    list_display = ("event", "handler", "state", "attempts", "created_at", "next_at")
    list_filter = ("state",)
    search_fields = ("event_id",)
    ordering = ("-id",)
    fields = (
        "event",
        "handler",
        "event_id",
        "payload",
        ("state", "attempts"),
        ("created_at", "next_at", "done_at"),
        "last_error",
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """All but those about what is kept from the reader: that something happens to it is already news."""
        rows = super().get_queryset(request)
        hidden = {
            "voice_id": [voices.pk_of(number) for number in voice_register.kept_from(person(request))],
            "action_id": [actions.pk_of(number) for number in queries.kept_from(person(request))],
        }
        for name, pks in hidden.items():
            if pks:
                rows = rows.filter(Q(**{f"payload__{name}__isnull": True}) | ~Q(**{f"payload__{name}__in": pks}))
        return rows
