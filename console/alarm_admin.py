"""Alarms: what a person must see to because the product cannot. Read by who supervises the desk, who says when it is seen to."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.roles import SUPERVISING, Role
from console.views.pages import person
from core import alarms, clock, words
from core.admin import ReadOnlyAdmin
from core.caching import forget_all
from core.leases import WorkState
from core.models import Alarm
from improvements import queries
from improvements.models import actions
from surveys import voice_register
from surveys.models import voices
from tickets.models.ticket import pk_of

KINDS = {
    "clocks": "Relojes",
    "parked": "Trabajo detenido",
    "escalation": "Escalamiento",
    "recalculation": "Recálculo",
    "improvements": "Mejora continua",
    "voice": "Queja o sugerencia",
}
PLACES = {"clocks": ("sla_clockaudit", ""), "recalculation": ("sla_recalculation", "")}
"""kind -> the list to look at, and what to narrow it by."""


def watches(user: Any) -> bool:
    """Whether alarms are this person's to see to."""
    return getattr(user, "role", "") in (*SUPERVISING, Role.ADMIN)


def waiting(request: HttpRequest) -> str:
    """What the console tells this person of alarms on every page but their own; empty when there is nothing to tell.

    Half a minute old at most, so it costs a query now and then; two more while some are about complaints or actions.
    """
    if not watches(request.user) or request.path.startswith(reverse("admin:core_alarm_changelist")):
        return ""
    found = alarms.open_by_subject()
    if any(voices.pk_of(subject) or actions.pk_of(subject) for subject in found):
        hidden = set(_hidden(person(request)))
        found = {subject: times for subject, times in found.items() if subject not in hidden}
    count = sum(found.values())
    return f"Hay {words.plural(count, 'alarma', 'alarmas')} por atender" if count else ""


def _hidden(actor: User) -> list[str]:
    """What alarms speak of and is kept from the person: an alarm about it would tell them that it points at them. Two queries."""
    return [*voice_register.kept_from(actor), *queries.kept_from(actor)]


class Standing(admin.SimpleListFilter):
    """Those that wait, unless others are asked for."""

    title = "situación"
    parameter_name = "situacion"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("atendidas", "Atendidas"), ("todas", "Todas")]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [{**first, "display": "Por atender"}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Alarm]) -> QuerySet[Alarm]:
        if self.value() == "todas":
            return queryset
        return queryset.filter(settled_at__isnull=self.value() != "atendidas")


@admin.register(Alarm)
class AlarmAdmin(ReadOnlyAdmin):
    change_form_template = "admin/console/alarm_form.html"
    list_display = ("text", "about", "what", "raised_at", "times")
    list_filter = (Standing,)
    search_fields = ("text", "subject")
    ordering = ("-raised_at", "-id")
    actions = ("settle",)
    fields = ("text", "what", "about", ("raised_at", "last_at", "times"), ("settled_at", "settled_by"))
    readonly_fields = ("what", "about")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alarm]:
        rows: QuerySet[Alarm] = super().get_queryset(request)
        return rows.exclude(subject__in=_hidden(person(request)))

    def get_list_display(self, request: HttpRequest) -> Any:
        """Who saw to it, where some have been seen to."""
        return self.list_display + (("settled_at", "settled_by") if Standing.parameter_name in request.GET else ())

    @admin.display(description="tipo")
    def what(self, row: Alarm) -> str:
        return KINDS.get(row.kind, row.kind)

    @admin.display(description="dónde verlo")
    def about(self, row: Alarm) -> str:
        """A link to the ticket, complaint or action, or to the list that the alarm speaks of."""
        if subject := _subject(row.subject):
            return format_html('<a href="{}">{}</a>', subject, row.subject)
        place = _place(row)
        return format_html('<a href="{}">Ver la lista</a>', place) if place else "—"

    def has_settle_permission(self, request: HttpRequest) -> bool:
        return watches(request.user)

    @admin.action(description="Marcar como atendidas", permissions=["settle"])
    def settle(self, request: HttpRequest, chosen: QuerySet[Alarm]) -> None:
        done = [key for key in chosen.filter(settled_at=None).values_list("key", flat=True) if _settle(request, key)]
        messages.success(request, f"Quedaron atendidas: {len(done)}.")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.settle_one))
        urls: list[URLPattern] = [path("<int:pk>/atendida/", view, name="core_alarm_settle"), *super().get_urls()]
        return urls

    def settle_one(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not watches(request.user):
            raise PermissionDenied
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        if row.settled_at is None and _settle(request, row.key):
            messages.success(request, "La alarma quedó atendida.")
        else:
            messages.info(request, "La alarma ya estaba atendida.")
        return redirect("admin:core_alarm_changelist")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {**(extra_context or {}), "can_settle": watches(request.user)}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response


def _settle(request: HttpRequest, key: str) -> bool:
    """In the person's name; this process forgets how many there were."""
    done = alarms.settle(key, at=clock.now(), by=person(request).full_name)
    forget_all()
    return done


def _subject(number: str) -> str:
    """The page of what bears the number; empty for none."""
    if pk_of(number):
        return reverse("admin:tickets_ticket_change", args=[number])
    if pk := voices.pk_of(number):
        return reverse("admin:surveys_voice_change", args=[pk])
    if pk := actions.pk_of(number):
        return reverse("admin:improvements_correctiveaction_change", args=[pk])
    return ""


def _place(row: Alarm) -> str:
    name, query = PLACES.get(row.kind, ("", ""))
    if row.kind == "parked":
        name = row.key.partition(":")[2].replace(".", "_").lower()
        query = "?" + urlencode({"state__exact": WorkState.PARKED})
    try:
        return reverse(f"admin:{name}_changelist") + query if name else ""
    except NoReverseMatch:
        return ""
