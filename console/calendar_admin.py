"""Calendars: their hours stand once they counted; a closed day of today or later may change, and then the open tickets are counted anew.

A closed day is a fact about the desk, so it reaches every open ticket of the calendar; hours are a promise, so others come with new terms.
"""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html

from console.terms_forms import DayFormSet, WindowFormSet
from console.views.pages import person
from core import clock
from core.admin import ConfigurationAdmin, OneAtATime, Rows
from customers import terms as terms_of
from customers.forms import WindowForm
from customers.models import Calendar, CalendarWindow, ClosedDay
from sla import effect
from sla.services import recalculation

LONGEST_REASON = 2_000


def has_counted(calendar: Calendar | None, at: datetime) -> bool:
    """Whether terms that are or were in force use it: its hours have counted for somebody."""
    return calendar is not None and calendar.pk is not None and terms_of.has_counted(calendar.pk, at)


def today() -> date:
    """The desk's."""
    return clock.now().astimezone(ZoneInfo(settings.TIME_ZONE)).date()


class Windows(Rows):
    """The week, until it has counted."""

    model = CalendarWindow
    form = WindowForm
    formset = WindowFormSet
    fields = ("weekday", "opens", "closes")
    readonly_fields = ("hours",)

    def get_fields(self, request: HttpRequest, obj: Calendar | None = None) -> Any:
        """Hours as on a clock, also where they are only shown."""
        return ("weekday", "hours") if has_counted(obj, clock.now()) else self.fields

    @admin.display(description="horario")
    def hours(self, row: CalendarWindow) -> str:
        return row.words

    def has_add_permission(self, request: HttpRequest, obj: Calendar | None = None) -> bool:
        return bool(super().has_add_permission(request, obj) and not has_counted(obj, clock.now()))

    def has_change_permission(self, request: HttpRequest, obj: Calendar | None = None) -> bool:
        return bool(super().has_change_permission(request, obj) and not has_counted(obj, clock.now()))

    def has_delete_permission(self, request: HttpRequest, obj: Calendar | None = None) -> bool:
        return bool(super().has_delete_permission(request, obj) and not has_counted(obj, clock.now()))


class ClosedDayFormSet(DayFormSet):
    """Days of a calendar that counts are added, changed and removed from today on: those before were counted."""

    def clean(self) -> None:
        super().clean()
        if not has_counted(self.instance, clock.now()):
            return
        first = today()
        for form in self.forms:
            told = getattr(form, "cleaned_data", None)
            if not told or not form.has_changed():
                continue
            was = form.initial.get("date") if form.instance.pk else None
            if was is not None and was < first:
                # Django does not ask a row that is deleted for its errors.
                raise forms.ValidationError(f"El {was:%d/%m/%Y} ya pasó y así se contó: no se cambia ni se quita.")
            if not told.get("DELETE") and told.get("date") is not None and told["date"] < first:
                form.add_error("date", "Ya pasó y así se contó: sólo se agregan días de hoy en adelante.")


class ClosedDays(Rows):
    model = ClosedDay
    formset = ClosedDayFormSet
    fields = ("date", "name")


@admin.register(Calendar)
class CalendarAdmin(OneAtATime, ConfigurationAdmin):
    change_form_template = "admin/console/calendar_form.html"
    list_display = ("name", "observes_holidays")
    search_fields = ("name",)
    inlines = (Windows, ClosedDays)

    def get_readonly_fields(self, request: HttpRequest, obj: Calendar | None = None) -> Any:
        return ("observes_holidays",) if has_counted(obj, clock.now()) else ()

    def has_delete_permission(self, request: HttpRequest, obj: Calendar | None = None) -> bool:
        return bool(super().has_delete_permission(request, obj) and not has_counted(obj, clock.now()))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {**(extra_context or {}), "counted": lambda: self.counted(object_id)}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def counted(self, object_id: str) -> str:
        """How many open tickets the calendar counts, in words; empty for one that has counted nobody's time yet."""
        calendar = Calendar.objects.filter(pk=object_id).first()
        if calendar is None or not has_counted(calendar, clock.now()):
            return ""
        count, beyond = effect.counted_by(calendar)
        if beyond:
            return f"Cuenta los tiempos de más de {count:,} tickets abiertos."
        return {
            0: "Ahora no cuenta el tiempo de ningún ticket abierto.",
            1: "Cuenta los tiempos de un ticket abierto.",
        }.get(count, f"Cuenta los tiempos de {count:,} tickets abiertos.")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        calendar: Calendar = form.instance
        told = [words for formset in formsets if formset.model is ClosedDay for words in _changes(formset)]
        if told and has_counted(calendar, clock.now()):
            reason = "; ".join(told)
            reason = f"{reason[:1].upper()}{reason[1:]}."[:LONGEST_REASON]
            job = recalculation.renew(calendar, by=person(request), reason=reason)
            address = reverse("admin:sla_recalculation_change", args=[job.pk])
            messages.success(
                request,
                format_html(
                    'Los tickets abiertos se cuentan de nuevo con estos días. <a class="underline" href="{}">Ver el avance</a>',
                    address,
                ),
            )


def _changes(formset: Any) -> list[str]:
    """«se agregó el 24/12/2026 (Nochebuena)». Another name alone changes no deadline."""
    moved = [(row, names) for row, names in formset.changed_objects if "date" in names]
    was = {form.instance.pk: form.initial.get("date") for form in formset.initial_forms}
    return [
        *(f"se agregó el {_day(row)}" for row in formset.new_objects),
        *(f"el {was[row.pk]:%d/%m/%Y} pasó al {_day(row)}" for row, _ in moved),
        *(f"se quitó el {_day(row)}" for row in formset.deleted_objects),
    ]


def _day(row: ClosedDay) -> str:
    return f"{row.date:%d/%m/%Y} ({row.name})"
