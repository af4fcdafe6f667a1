"""What a component works out of its props before it is drawn, so that its template only asks `if` and `for`."""

from collections.abc import Mapping
from typing import Any

from django.forms import BoundField

from core import charts
from core.props import Prepare, Values

CLOCK_ICONS = {
    "running": "clock",
    "warning": "exclamation-triangle",
    "paused": "pause-circle",
    "met": "check-circle",
    "breached": "exclamation-circle",
}
CLOCK_TONES = {"running": "info", "warning": "act", "paused": "", "met": "ok", "breached": "bad"}
TONE_ICONS = {
    "info": "information-circle",
    "act": "hand-raised",
    "ok": "check-circle",
    "bad": "exclamation-triangle",
}
OPTION_KEYS = ("value", "title", "text", "icon")


def worded(words: Mapping[str, str]) -> Prepare:
    """Adds the word of the value."""
    return lambda props: {**props, "word": words[props["value"]]}


def clock_icon(props: Values) -> Values:
    return {**props, "icon": props.get("icon") or CLOCK_ICONS[props["status"]]}


def clock_tag(props: Values) -> Values:
    """The tone and the icon of a tag that says how a clock stands."""
    return {**clock_icon(props), "tone": CLOCK_TONES[props["status"]]}


def tone_icon(props: Values) -> Values:
    return {**props, "icon": props["icon"] or TONE_ICONS[props["tone"]]}


def lines(props: Values) -> Values:
    return {**props, "lines": range(props["lines"])}


def list_item(props: Values) -> Values:
    """`meta` is one text, or several facts set apart."""
    meta = props["meta"]
    single = isinstance(meta, str)
    return {**props, "meta": meta if single else "", "facts": [] if single else list(meta)}


def pages(props: Values) -> Values:
    return {**props, "no_previous": not props["previous"], "no_next": not props["next"]}


def table(props: Values) -> Values:
    """Rows of cells with their kind on a phone, which their column declares."""
    kinds = [column.get("cell", "") for column in props["columns"]]
    cells = [[{"text": text, "kind": kind} for text, kind in zip(row, kinds, strict=True)] for row in props["rows"]]
    return {**props, "cells": cells}


def _ids(props: Values, help_text: object) -> Values:
    """The ids of a field's help and error, and which of them describe it now."""
    field: BoundField = props["field"]
    help_id = f"{field.auto_id}-help" if help_text else ""
    error_id = f"{field.auto_id}-error"
    described = " ".join(filter(None, (help_id, error_id if field.errors else "")))
    return {**props, "help": help_text, "help_id": help_id, "error_id": error_id, "described": described}


def field(props: Values) -> Values:
    """Label, help and «(opcional)» come from the form when the template gives none."""
    bound: BoundField = props["field"]
    optional = not bound.field.required if props["optional"] is None else props["optional"]
    values = _ids(props, props["help"] or bound.help_text)
    return {**values, "label": props["label"] or bound.label, "optional": optional}


def composer(props: Values) -> Values:
    return _ids(props, "")


def dropzone(props: Values) -> Values:
    return _ids(props, props["help"] or props["field"].help_text)


def options(props: Values) -> Values:
    """The options of a group of radio buttons, each with its id and whether it is chosen."""
    bound: BoundField = props["field"]
    chosen = bound.value()
    given = props.get("options") or props.get("values") or getattr(bound.field, "choices", None) or ()
    drawn = []
    for index, item in enumerate(given):
        option = _option(item)
        if option["value"] == "":
            continue
        option["id"] = f"{bound.auto_id}-{index}"
        option["checked"] = chosen is not None and str(option["value"]) == str(chosen)
        drawn.append(option)
    required = bound.field.required and bound.form.use_required_attribute
    values = _ids(props, props.get("help") or bound.help_text)
    return {**values, "options": drawn, "required": required}


def _option(item: object) -> dict[str, Any]:
    """An option of a mapping, a (value, title) pair as Django's choices are, or a bare value."""
    if isinstance(item, Mapping):
        return {key: item.get(key, "") for key in OPTION_KEYS}
    value, title = item if isinstance(item, tuple | list) else (item, item)
    return {"value": value, "title": title, "text": "", "icon": ""}


def chart(props: Values) -> Values:
    return charts.prepare(props)
