"""The questionnaires in the console: drafts are written, published versions only read, and a new one begins as a copy (guide 3.13)."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.admin import StackedInline
from unfold.decorators import action

from console.questionnaire_pages import PublishingAdmin
from core.admin import ConfigurationAdmin, OneAtATime
from core.admin_fields import Fields
from core.errors import DomainError
from core.text import is_number
from surveys import questionnaires
from surveys.models import Question, Questionnaire, SurveyLimits
from surveys.questionnaire_forms import DraftForm, NewForm, QuestionForm, QuestionRows
from surveys.services import questionnaires as drafts

REVIEW = "surveys_questionnaire_review"
"""The button of `QuestionnaireAdmin.review`, as the theme calls it."""


def is_draft(row: Questionnaire | None) -> bool:
    return row is None or row.published_at is None


class Questions(Fields, StackedInline):
    """Rows of the draft: they stop changing with its publication. Who may change the questionnaire may change them."""

    model = Question
    extra = 0
    tab = False
    show_change_link = False
    form = QuestionForm
    formset = QuestionRows
    fields = (("position", "kind", "is_required"), "text", "options")
    ordering = ("position", "pk")
    max_num = questionnaires.MOST_QUESTIONS
    hide_title = True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("surveys.view_questionnaire"))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(is_draft(obj) and request.user.has_perm("surveys.change_questionnaire"))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request, obj)


class StandingFilter(admin.SimpleListFilter):
    title, parameter_name = "situación", "situacion"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("borrador", "Borradores"), ("publicado", "Publicados")]

    def queryset(self, request: HttpRequest, rows: Any) -> Any:
        if self.value() in ("borrador", "publicado"):
            return rows.filter(published_at__isnull=self.value() == "borrador")
        return rows


@admin.register(Questionnaire)
class QuestionnaireAdmin(OneAtATime, PublishingAdmin):
    change_form_template = "admin/console/questionnaire_form.html"
    list_display = ("line", "version", "standing", "asks", "published_at", "published_by")
    list_select_related = ("published_by",)
    list_filter = ("service_line", StandingFilter)
    actions_submit_line = ("review",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).with_standing()

    @admin.display(description="línea de servicio", ordering="service_line")
    def line(self, row: Questionnaire) -> str:
        return row.get_service_line_display() or "Todas las líneas"

    @admin.display(description="situación")
    def standing(self, row: Any) -> str:
        if row.published_at is None:
            return "Borrador"
        return "En uso" if row.version == row.newest else "Anterior"

    @admin.display(description="preguntas")
    def asks(self, row: Any) -> int:
        return int(row.asks)

    # -- what may be done with which ------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Questionnaire | None = None) -> bool:
        return bool(super().has_change_permission(request, obj) and is_draft(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Questionnaire | None = None) -> bool:
        """A draft, from its own page: who may write it may throw it away."""
        return bool(obj is not None and is_draft(obj) and super().has_change_permission(request, obj))

    def has_review_permission(self, request: HttpRequest, object_id: str | int | None = None) -> bool:
        """The way to the publication stands under drafts. The theme asks again without the row once that is settled."""
        if object_id is None or not is_number(str(object_id)):
            return object_id is None and self.has_change_permission(request)
        drafts_of = Questionnaire.objects.filter(published_at=None, pk=object_id)
        return self.has_change_permission(request) and bool(drafts_of.exists())

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if not is_draft(obj):
            return super().get_form(request, obj, change=change, **kwargs)
        return super().get_form(request, obj, change=change, form=NewForm if obj is None else DraftForm, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return [(None, {"fields": ("service_line",)})]
        published = [("published_at", "published_by")] if not is_draft(obj) else []
        return [
            (None, {"fields": [("line", "version"), "title", "intro", "thanks", *published]}),
            (
                "A quién y cuánto tiempo",
                {"fields": [("sample_percent", "low_score"), ("expires_days", "remind_days", "reminders")]},
            ),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("line", "version", "published_at", "published_by")

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return () if obj is None else (Questions,)

    # -- writing ------------------------------------------------------------------------------------------------------

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """A new one is the copy that the service makes, or the draft that there is."""
        if change:
            return super().save_form(request, form, change)
        return drafts.begin(form.cleaned_data["service_line"], by=request.user)  # type: ignore[arg-type]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        if change:
            super().save_related(request, form, formsets, change)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        alone = {"show_save_and_add_another": False, "show_save_and_continue": False}
        try:
            response: HttpResponse = super().add_view(request, form_url, {**(extra_context or {}), **alone})
        except DomainError as refusal:
            messages.error(request, refusal.message)
            return redirect("admin:surveys_questionnaire_changelist")
        return response

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        messages.success(request, "El borrador está listo: ajuste sus preguntas y publíquelo.")
        return redirect("admin:surveys_questionnaire_change", obj.pk)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        drafts.discard(obj, by=request.user)  # type: ignore[arg-type]

    @action(description="Guardar y revisar para publicar", permissions=["review"])
    def review(self, request: HttpRequest, obj: Questionnaire) -> None:
        """Its page follows the saving; see `response_change`."""

    def response_change(self, request: HttpRequest, obj: Questionnaire) -> HttpResponse:
        if REVIEW in request.POST:
            return redirect("admin:surveys_questionnaire_publish", obj.pk)
        response: HttpResponse = super().response_change(request, obj)
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_queryset(request).filter(pk=object_id).first() if is_number(object_id) else None
        told = self.told(request, row) if row is not None else {}
        context = {**(extra_context or {}), "show_save_and_add_another": False, **told}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def told(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What stands over the page: which version this is, what it lacks, its history and the way on."""
        mine, draft = self.has_change_permission(request), questionnaires.draft_of(row.service_line)
        return {
            "standing": self.standing(row),
            "lacking": list(questionnaires.faults(row)) if mine and is_draft(row) else [],
            "can_copy": mine and draft is None,
            "draft": draft if draft is not None and draft.pk != row.pk else None,
            "copy_url": reverse("admin:surveys_questionnaire_new_version", args=[row.pk]),
            "preview_url": reverse("admin:surveys_questionnaire_publish", args=[row.pk]),
            "versions": list(questionnaires.versions(row.service_line)),
        }


@admin.register(SurveyLimits)
class SurveyLimitsAdmin(ConfigurationAdmin):
    """One row: its list leads to it."""

    fields = ("days_between", "most_per_month", "least_answers")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        row = SurveyLimits.objects.order_by("pk").first()
        if row is None or not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)
        return redirect("admin:surveys_surveylimits_change", row.pk)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        """There is one row: its page, once it is there. The permission is not asked for that, which every page of the console reads."""
        row = SurveyLimits.objects.order_by("pk").first()
        if row is None or not self.has_view_permission(request):
            return super().add_view(request, form_url, extra_context)
        return redirect("admin:surveys_surveylimits_change", row.pk)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
