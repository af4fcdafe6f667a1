"""What a person fills in."""

from core import prepare as ready
from core.components.registry import component
from core.props import flag, maybe, need, variant

component(
    "field",
    "A bound field with label, help and error. A checkbox takes its own form.",
    prepare=ready.field,
    field=need("bound field"),
    label=maybe("else the field's"),
    help=maybe("else the field's"),
    optional=maybe("True or False; else when the field is not required", None),
    size=variant("", "s"),
    lines=variant("", "short", note="short: a low text area"),
)
component(
    "choices",
    "Radio buttons as cards.",
    prepare=ready.options,
    field=need("bound field"),
    legend=need(),
    options=maybe("value, title, text?, icon?; else the field's own choices", ()),
    help=maybe(),
    optional=flag("says that it may be left out"),
)
component(
    "seg",
    "Two or three exclusive options in one line.",
    prepare=ready.options,
    field=need("bound field"),
    legend=need("hidden"),
    options=maybe("value, title, icon?; else the field's own choices", ()),
)
component(
    "dropzone",
    "A real file input behind its label; paste and drag come with the script.",
    prepare=ready.dropzone,
    field=need("bound file field"),
    label=need(),
    accept=maybe(),
    max_files=maybe("", 10),
    max_mb=maybe("per file", 25),
    files=maybe("already attached: name, size, href?", ()),
    help=maybe(),
    optional=flag(),
)
component(
    "scale",
    "A grade from 0 to 10.",
    prepare=ready.options,
    field=need("bound field"),
    legend=need("hidden"),
    low=need("what 0 means"),
    high=need("what 10 means"),
    values=maybe("", tuple(range(11))),
)
component(
    "grades",
    "A question graded in five steps, each with its word under its number.",
    prepare=ready.options,
    field=need("bound field"),
    legend=need("the question"),
    options=need("value, title (its word)"),
    help=maybe(),
    optional=flag("says that it may be left out"),
)
component(
    "search",
    "A search form (GET).",
    name=maybe("", "q"),
    label=need("hidden; with `labelled`, the page's own label for `id`"),
    placeholder=maybe(),
    value=maybe(),
    size=variant("", "s", "l"),
    shortcut=flag("shows and takes the key /"),
    action=maybe(),
    id=maybe("", "q"),
    labelled=flag("the page already labels it"),
    results=maybe("address of a fragment with results while typing (htmx)"),
    hidden=maybe("other parameters to keep: items name, value", ()),
)
