"""The matrices' people in the console: how to reach them, when they are away, and where they stand (guide 3.5.2, 3.13.1)."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from core import clock, words
from core.admin import ConfigurationAdmin, OneAtATime, Rows
from escalation import absences, matrices
from escalation.completeness import name_of, of_contact
from escalation.forms import AbsenceRows, ContactForm
from escalation.matrix_admin import MatrixAdmin as MatrixAdmin
from escalation.models import Absence, Contact, Level, Matrix

LISTED = 40
CORRECTED = (
    "Lo que corrija aquí se ve desde este momento en todas sus matrices, también en las publicadas. "
    "Los escalamientos que ya se avisaron conservan el nombre y el correo que se usaron."
)


class Absences(Rows):
    """Days away and who stands in. Whoever may change the contact may also withdraw them."""

    model = Absence
    fk_name = "contact"
    formset = AbsenceRows
    fields = ("starts_on", "ends_on", "substitute", "reason")
    autocomplete_fields = ("substitute",)
    hide_title = True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.has_change_permission(request, obj))

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("substitute")


@admin.register(Contact)
class ContactAdmin(OneAtATime, ConfigurationAdmin):
    form = ContactForm
    list_display = ("name", "email", "direct_phone", "mobile", "today")
    search_fields = ("name", "email", "phone", "direct_phone", "mobile")
    readonly_fields = ("places",)
    inlines = (Absences,)
    fieldsets = (
        (None, {"fields": ("name", "email", ("phone", "direct_phone", "mobile")), "description": CORRECTED}),
        ("Vigencia y cuenta", {"fields": (("valid_from", "valid_until"), "user")}),
        ("En qué matrices", {"fields": ("places",)}),
    )

    @admin.display(description="hoy")
    def today(self, contact: Contact) -> str:
        """Whether they can be told today. Two queries for the whole list, none with warm configuration."""
        away = matrices.away(matrices.day_of(clock.now())).get(contact.pk)
        if away is None:
            return "Disponible"
        if away.until is None:
            return "No se le puede avisar"
        instead = f"suple {away.reach.contact}" if away.reach else "sin quien lo supla"
        return f"Ausente hasta {words.short_date(away.until)}, {instead}"

    @admin.display(description="niveles")
    def places(self, contact: Contact) -> str:
        """The rows that they hold in the matrices in use and in the drafts, each with its address."""
        if contact._state.adding:
            return "Guarde el contacto para ponerlo en una matriz."
        rows = places_of(contact).select_related("matrix__contract__company", "matrix__service")[: LISTED + 1]
        links = [
            (
                reverse("admin:escalation_matrix_change", args=[row.matrix_id]),
                row.matrix,
                "" if row.matrix.is_published else " (borrador)",
                name_of(row),
            )
            for row in rows[:LISTED]
        ]
        said = format_html_join(mark_safe("<br>"), '<a class="text-link" href="{}">{}</a>{}: {}', links)
        return format_html("{}<br>…", said) if len(rows) > LISTED else said or "Ninguna."

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """What is allowed and should still be known is said once it is stored."""
        super().save_related(request, form, formsets, change)
        contact, on = form.instance, matrices.day_of(clock.now())
        for text in (*absences.warnings(contact, on), *_vacancies(contact, on)):
            messages.warning(request, text)


def _vacancies(contact: Contact, on: date) -> Iterator[str]:
    """Why their place in a published matrix is empty, or will be."""
    if not places_of(contact).exclude(matrix__published_at=None).exists():
        return
    ends = contact.valid_until
    after = ends + timedelta(days=1) if ends and ends < date.max else on
    for fault in dict.fromkeys((*of_contact(contact, on), *of_contact(contact, after))):
        yield f"{contact} está en una matriz publicada y {fault} Publique una versión con quien ocupe su lugar."


def places_of(contact: Contact) -> Any:
    """The contact's rows in the matrices in use and in the drafts."""
    current = Matrix.objects.not_replaced(clock.now()).values("pk")
    return Level.objects.filter(contact=contact, matrix__in=current).order_by("matrix__kind", "matrix", "level", "pk")
