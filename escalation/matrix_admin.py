"""The matrices in the console: drafts are written, published versions only shown, and a new one begins as a copy (guide 3.5.2, 3.13.1)."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.decorators import action

from core import clock
from core.admin import OneAtATime, Rows
from core.errors import DomainError
from core.text import is_number
from escalation import matrices
from escalation.completeness import faults
from escalation.forms import DraftForm, LevelForm, LevelRows, NewMatrixForm
from escalation.matrix_pages import PublishingAdmin, current_of
from escalation.models import Level, Matrix
from escalation.services import publishing
from escalation.vocabulary import LAST_LEVEL, MatrixKind

MOST_LEVELS = {MatrixKind.SERVICE_DESK: LAST_LEVEL, MatrixKind.TECHNICAL: 9, MatrixKind.COMPLAINTS: 60}
REVIEW = "escalation_matrix_review"
"""The button of `MatrixAdmin.review`, as the theme calls it."""


class Levels(Rows):
    """Rows of the draft: they stop changing with its publication."""

    model = Level
    form = LevelForm
    formset = LevelRows
    autocomplete_fields = ("contact",)
    hide_title = True

    def get_fields(self, request: HttpRequest, obj: Matrix | None = None) -> tuple[str, ...]:
        if obj is not None and obj.kind == MatrixKind.COMPLAINTS:
            return ("direction", "area", "level", "role", "contact")
        return ("level", "role", "contact", "acknowledge_minutes", "answer_minutes")

    def get_max_num(self, request: HttpRequest, obj: Matrix | None = None, **kwargs: Any) -> int | None:
        return MOST_LEVELS[MatrixKind(obj.kind)] if obj is not None else None

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("contact").order_by("matrix", "pk")

    def has_add_permission(self, request: HttpRequest, obj: Matrix | None = None) -> bool:
        return bool(is_draft(obj) and super().has_add_permission(request, obj))

    def has_change_permission(self, request: HttpRequest, obj: Matrix | None = None) -> bool:
        return bool(is_draft(obj) and super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Matrix | None = None) -> bool:
        return bool(is_draft(obj) and super().has_delete_permission(request, obj))


def is_draft(matrix: Matrix | None) -> bool:
    return matrix is None or not matrix.is_published


class StandingFilter(admin.SimpleListFilter):
    title, parameter_name = "situación", "situacion"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("en-uso", "En uso"), ("borrador", "Borradores"), ("anterior", "Anteriores")]

    def queryset(self, request: HttpRequest, rows: Any) -> Any:
        if self.value() == "borrador":
            return rows.filter(published_at=None)
        if self.value() in ("en-uso", "anterior"):
            return rows.filter(published_at__isnull=False, is_superseded=self.value() == "anterior")
        return rows


@admin.register(Matrix)
class MatrixAdmin(OneAtATime, PublishingAdmin):
    change_form_template = "admin/console/matrix_form.html"
    list_display = ("kind", "contract", "service", "version", "standing", "starts", "published_by")
    list_select_related = ("contract__company", "service", "published_by")
    list_filter = ("kind", StandingFilter)
    search_fields = ("contract__number", "contract__company__name", "service__name")
    autocomplete_fields = ("contract", "service")
    actions_submit_line = ("review",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).with_standing(clock.now())

    @admin.display(description="situación")
    def standing(self, matrix: Any) -> str:
        if not matrix.is_published:
            return "Borrador"
        if matrix.is_superseded:
            return "Anterior"
        return "Vigente" if matrix.valid_from <= clock.now() else "Por entrar en vigor"

    @admin.display(description="vigente desde", ordering="valid_from")
    def starts(self, matrix: Matrix) -> Any:
        waits = matrix.is_published or matrix.valid_from > clock.now()
        return matrix.valid_from if waits else "Al publicarse"

    # -- what may be done with which ------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Matrix | None = None) -> bool:
        return bool(super().has_change_permission(request, obj) and is_draft(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Matrix | None = None) -> bool:
        """A draft, from its own page."""
        return bool(super().has_delete_permission(request, obj) and obj is not None and is_draft(obj))

    def has_review_permission(self, request: HttpRequest, object_id: str | int | None = None) -> bool:
        """The way to the publication stands under drafts. The theme asks again without the row once that is settled."""
        if object_id is None:
            return self.has_change_permission(request)
        drafts = (
            Matrix.objects.filter(published_at=None, pk=object_id)
            if is_number(str(object_id))
            else Matrix.objects.none()
        )
        return self.has_change_permission(request) and bool(drafts.exists())

    def get_form(self, request: HttpRequest, obj: Matrix | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None and obj.is_published:
            return super().get_form(request, obj, change=change, **kwargs)
        return super().get_form(request, obj, change=change, form=NewMatrixForm if obj is None else DraftForm, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What is begun is nearly always a list: the other two matrices are there from the first day."""
        return {"kind": MatrixKind.TECHNICAL, **super().get_changeform_initial_data(request)}

    def get_fieldsets(self, request: HttpRequest, obj: Matrix | None = None) -> Any:
        if obj is None:
            return [(None, {"fields": ("kind", "contract", "service")})]
        whose = [("contract", "service")] if obj.kind == MatrixKind.TECHNICAL else []
        published = [("published_at", "published_by")] if obj.is_published else []
        return [(None, {"fields": [("kind", "version"), *whose, "valid_from", *published]})]

    def get_readonly_fields(self, request: HttpRequest, obj: Matrix | None = None) -> Any:
        return () if obj is None else ("kind", "version", "contract", "service", "published_at", "published_by")

    def get_inlines(self, request: HttpRequest, obj: Matrix | None) -> Any:
        return () if obj is None else (Levels,)

    # -- writing ------------------------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Matrix, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
        else:
            publishing.begin(obj, by=request.user)  # type: ignore[arg-type]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        alone = {"show_save_and_add_another": False, "show_save_and_continue": False}
        try:
            response: HttpResponse = super().add_view(request, form_url, {**(extra_context or {}), **alone})
        except DomainError as refusal:
            messages.error(request, refusal.message)
            return redirect("admin:escalation_matrix_changelist")
        return response

    def response_add(self, request: HttpRequest, obj: Matrix, post_url_continue: str | None = None) -> HttpResponse:
        messages.success(request, "El borrador está listo: escriba sus niveles y publíquelo.")
        return redirect("admin:escalation_matrix_change", obj.pk)

    @action(description="Guardar y revisar para publicar", permissions=["review"])
    def review(self, request: HttpRequest, obj: Matrix) -> None:
        """Its page follows the saving; see `response_change`."""

    def response_change(self, request: HttpRequest, obj: Matrix) -> HttpResponse:
        if REVIEW in request.POST:
            return redirect("admin:escalation_matrix_publish", obj.pk)
        response: HttpResponse = super().response_change(request, obj)
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        matrix = self.get_queryset(request).filter(pk=object_id).first() if is_number(object_id) else None
        told = self.told(request, matrix) if matrix is not None and request.method == "GET" else {}
        context = {**(extra_context or {}), "show_save_and_add_another": False, **told}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def told(self, request: HttpRequest, matrix: Any) -> dict[str, Any]:
        """What stands over the page: which version this is, what it lacks, and the way on."""
        mine = self.has_change_permission(request)
        if not matrix.is_published:
            lacking = faults(matrix, matrices.day_of(max(matrix.valid_from, clock.now()))) if mine else []
            return {"standing": "draft", "lacking": lacking, "current": current_of(matrix)}
        draft = publishing.draft_of(matrix)
        return {
            "standing": self.standing(matrix),
            "can_copy": mine and draft is None,
            "draft": draft,
            "copy_url": reverse("admin:escalation_matrix_new_version", args=[matrix.pk]),
        }
