"""Lists, tables, numbers and facts."""

from core import prepare as ready
from core.components.registry import component
from core.props import flag, maybe, need, one_of, variant

component(
    "table",
    "Below 44rem each row becomes a card. The content is rows of its own; else `rows` draws them.",
    slot=True,
    prepare=ready.table,
    caption=need("hidden"),
    columns=need(
        "label, href? + direction? (ascending, descending), col? (check, state, due), cell? (wide, full, end, hide)"
    ),
    rows=maybe("lists of cells: text, or HTML already safe", ()),
    fixed=flag(),
    bulk=maybe("HTML: what can be done with the selection"),
)
component(
    "filters",
    "Chips. An item with `options` opens a menu; a current one is removed by its link. The content comes first (a search).",
    slot=True,
    items=need("label, href | id + options (label, href, current?), current?, icon?"),
    label=maybe("accessible name", "Filtros"),
)
component(
    "tabs",
    "Views of one page, each with its address.",
    items=need("label, href, current?, count?, tone?, icon?"),
    label=maybe("accessible name", "Vistas"),
)
component(
    "pages",
    "Keyset paging.",
    prepare=ready.pages,
    previous=maybe("address"),
    next=maybe("address"),
    range=maybe("«1 a 10 de 27»"),
    label=maybe("accessible name", "Páginas"),
)
component(
    "steps",
    "Where the person is in a long form.",
    items=need("label, status (done, current or empty)"),
    label=maybe("accessible name", "Pasos"),
)

component(
    "stat",
    "One number.",
    label=need(),
    value=need(),
    icon=maybe(),
    note=maybe(),
    tone=variant("", "act", "bad"),
    href=maybe(),
)
component(
    "chart",
    "A drawing on the server with a title per mark, and its table.",
    prepare=ready.chart,
    kind=one_of("bars", "stacked", "line", "interval"),
    label=need("what the drawing shows"),
    points=need(
        "bars and line: label, value, tone?; stacked: label, a number per series, text? (at its end), more? (further cells), "
        "hidden? (zeros that are not told); "
        "interval: label, value or None, low, high, text (the value in words), range (the interval in words), more?; "
        "links? (column of the table -> address)"
    ),
    headings=need("the table's: one for the label, one per number"),
    series=maybe("stacked: tone (ok, work, paused, risk, late) -> its word; else in time, at risk, late", None),
    open=flag("shows the table"),
    goal=maybe("line: the goal's value", None),
    axis=maybe("interval: where its axis begins and ends", (-100, 100)),
    unit=maybe("«%»"),
)
component(
    "dl",
    "Facts. The content is dt and dd of its own; else `items` draws them.",
    slot=True,
    items=maybe("term, text, note?", ()),
    stack=flag("term over text"),
)
component(
    "avatar",
    "A person's initials; the name stands beside it.",
    initials=need(),
    by=variant("", "me", "person", "desk", "system"),
    size=variant("", "s"),
)
component(
    "empty",
    "Nothing here yet, and what to do next.",
    icon=need(),
    title=need(),
    text=maybe(),
    action=maybe("HTML: one button"),
    level=variant(3, 2, 4),
)
component(
    "skeleton",
    "While content arrives.",
    prepare=ready.lines,
    lines=maybe("", 3),
)
