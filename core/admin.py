"""What every configuration table of the console shares: our manners in the theme's admin."""

from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import connection, models, transaction
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.paginator import InfinitePaginator

from core.admin_fields import Fields
from core.caching import forget_all

LONGEST_SEARCH = 200


class ConfigurationAdmin(Fields, ModelAdmin):
    """A table of configuration. What this process remembers of it is forgotten as soon as a change is stored."""

    list_fullwidth = True
    compressed_fields = False
    warn_unsaved_form = True
    # No list counts its table: pages say only whether there is another one.
    paginator = InfinitePaginator
    show_full_result_count = False
    list_per_page = 50

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """By what can be a name: a longer text would only make the database refuse the query."""
        term = search_term.replace("\x00", "")[:LONGEST_SEARCH]
        return super().get_search_results(request, queryset, term)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """A list is called by what it holds. A filter's value goes to the database as it is, and PostgreSQL takes no NUL."""
        if any("\x00" in value for _, values in request.GET.lists() for value in values):
            raise SuspiciousOperation("NUL in a filter")
        name = str(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": name[:1].upper() + name[1:], **(extra_context or {})})

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        transaction.on_commit(forget_all)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        transaction.on_commit(forget_all)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        transaction.on_commit(forget_all)
        return super().log_deletions(request, queryset)


class ReadOnlyAdmin(ConfigurationAdmin):
    """Rows that the product writes and people only read."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class OneAtATime:
    """A row that is being saved is locked, so that two people do not pass each other's checks. Stands before ConfigurationAdmin."""

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)  # type: ignore[misc]
        if found is not None and request.method == "POST" and connection.in_atomic_block:
            return type(found).objects.select_for_update(of=("self",)).filter(pk=found.pk).order_by("pk").first()
        return found


class Rows(Fields, TabularInline):
    """Rows inside their owner's page."""

    extra = 0
    tab = False
    show_change_link = False
