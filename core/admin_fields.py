"""What the fields of the console's configuration forms take, whatever table they belong to."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest

from core.text import is_number, one_line

FIRST, BEYOND = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Moments that can be counted, told in any zone, and stored."""


class Line(forms.CharField):
    """One line of text. What cannot be seen is left out; a NUL stays, and is refused."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return one_line(text) or self.empty_value if text and "\x00" not in text else text


def within_the_calendar(moment: datetime) -> None:
    """Raises ValidationError beyond the years that deadlines are counted in."""
    if not FIRST <= moment < BEYOND:
        raise ValidationError("Escriba una fecha entre los años 1900 y 2199.")


class Chooser(AutocompleteSelect):
    """A choice that is none comes back with its fault: the theme's own would break over it."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, _ids(value), attr)


class ManyChooser(AutocompleteSelectMultiple):
    """The same for several."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, _ids(value), attr)


def _ids(value: Any) -> list[Any]:
    return [one for one in value if not one or is_number(str(one))]


class Fields:
    """For the console's tables and the rows inside them. Stands before the theme's classes."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if type(db_field) is models.CharField and not db_field.choices:
            kwargs.setdefault("form_class", Line)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None and isinstance(db_field, models.DateTimeField):
            field.validators = [*field.validators, within_the_calendar]
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_foreignkey(db_field, request, **self._chosen(Chooser, db_field, request, kwargs))  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(  # type: ignore[misc]
            db_field, request, **self._chosen(ManyChooser, db_field, request, kwargs)
        )

    def _chosen(self, widget: Any, db_field: Any, request: HttpRequest, kwargs: dict[str, Any]) -> dict[str, Any]:
        named: Any = self
        if "widget" in kwargs or db_field.name not in named.get_autocomplete_fields(request):
            return kwargs
        return {**kwargs, "widget": widget(db_field, named.admin_site, using=kwargs.get("using"))}
