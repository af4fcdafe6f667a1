"""Every component of the interface with the props it takes: the one place that declares them.

A component is drawn by `templates/ui/<name>.html`, used through `{% ui %}` or `{% uiblock %}`, and shown in the gallery.
Variants carry the API's own values, so a template maps nothing. «HTML» in a note marks a prop meant for `{% fill %}`;
every other prop is text and is escaped.
"""

from core import prepare as ready
from core.props import LEVEL, Component, Prepare, Prop, flag, maybe, need, one_of, variant

STATES = {
    "new": "Nuevo",
    "open": "Abierto",
    "assigned": "Asignado",
    "in_progress": "En Proceso",
    "pending_user": "Pendiente por usuario",
    "pending_vendor": "Pendiente por proveedor",
    "solved": "Solucionado",
    "closed": "Cerrado",
    "rejected": "Rechazado",
    "cancelled": "Cancelado",
}
PRIORITIES = {"critical": "Crítica", "high": "Alta", "medium": "Media", "low": "Baja"}
CLOCK = ("running", "warning", "paused", "met", "breached")

COMPONENTS: dict[str, Component] = {}


def component(name: str, /, about: str, *, slot: bool = False, prepare: Prepare | None = None, **props: Prop) -> None:
    COMPONENTS[name] = Component(name, about, props, slot, prepare)


# ── The page ─────────────────────────────────────────────────────────────────────────────────────────────────────────
component(
    "shell",
    "The portal's top bar: brand, navigation, notices, account.",
    active=maybe("key of the current nav item"),
    nav=maybe("items: key, label, href, icon", ()),
    user=maybe("name, initials, company?, role?", None),
    account=maybe("items of the account menu: label, href, icon", ()),
    unread=maybe("unread notices", 0),
    notices=maybe("items: icon, title, text?, href; None hides the bell", None),
    home=maybe("where the brand leads", "/"),
    sign_out=maybe("address that signs out on POST"),
)
component(
    "head",
    "The page's title with what belongs to it. Its content stands under the row (a search, steps).",
    slot=True,
    title=need(),
    crumbs=maybe("items: label, href? (none on the last)", ()),
    lead=maybe("one sentence"),
    meta=maybe("HTML: states and facts in a row"),
    actions=maybe("HTML: buttons"),
)
component(
    "card",
    "A titled surface.",
    slot=True,
    title=maybe(),
    level=LEVEL,
    tone=variant("", "act", note="act: waits for the person"),
    link=maybe("label of the link at the right"),
    href=maybe("its address"),
    end=maybe("HTML at the right of the title (a count, a button)"),
    id=maybe("id of the heading; derived from the title"),
    body=flag("pad the content; off for lists and tables", default=True),
)
component(
    "tile",
    "A card that is one link: the catalogue. `off` says why it cannot be chosen.",
    title=need(),
    icon=need(),
    text=maybe(),
    href=maybe(),
    off=maybe("the reason it is not available"),
    off_link=maybe("label of what can be done instead"),
    level=variant(3, 2, 4),
)

# ── Actions ──────────────────────────────────────────────────────────────────────────────────────────────────────────
component(
    "button",
    "Says what happens. One primary per page; a dangerous one is outlined.",
    label=need(),
    kind=variant("", "primary", "quiet", "danger"),
    icon=maybe(),
    size=variant("", "s"),
    href=maybe("makes it a link"),
    type=variant("submit", "button", "reset"),
    name=maybe(),
    value=maybe(),
    form=maybe("id of a form elsewhere in the page"),
    formaction=maybe(),
    opens=maybe("id of the dialog or menu it opens"),
    pressed=maybe("True or False for a toggle", None),
    busy=flag(),
    disabled=flag(),
    why=maybe("the reason, shown beside a disabled button"),
)
component(
    "menu",
    "A button and its native popover; works without scripts. Items with `action` are POST buttons.",
    id=need(),
    label=need("text of the button, or its accessible name with icon_only"),
    items=need("label, icon?, text?, href | action (+ name, value) | name + value (button of `form`)"),
    icon=maybe(),
    icon_only=flag(),
    size=variant("s", ""),
    title=maybe("heading inside the menu"),
    form=maybe("id of the form that items with name and value submit"),
)
component(
    "dialog",
    "Only for what cannot be undone. Open it with a button whose `opens` is its id. The content is the form's fields.",
    slot=True,
    id=need(),
    title=need(),
    text=need("the consequence"),
    confirm=need("label that says what happens"),
    confirm_kind=variant("danger", "primary", ""),
    cancel=need("label of the way back"),
    action=maybe("address of the POST"),
    name=maybe("of the confirming button"),
    value=maybe(),
)

# ── A ticket at a glance ─────────────────────────────────────────────────────────────────────────────────────────────
component(
    "state",
    "A ticket's state: its own figure and its word.",
    prepare=ready.worded(STATES),
    value=one_of(*STATES),
    plain=flag("without background"),
)
component(
    "priority",
    "A ticket's priority.",
    prepare=ready.worded(PRIORITIES),
    value=one_of(*PRIORITIES),
    icon_only=flag("figure with hidden text"),
    full=flag("«Prioridad alta» instead of «Alta»"),
)
component(
    "tag",
    "A short label.",
    label=need(),
    tone=variant("", "info", "act", "ok", "bad"),
    solid=variant("", "bad", note="bad: a relevant incident"),
    plain=flag(),
    icon=maybe(),
)
component(
    "count",
    "A number in a pill.",
    value=need(),
    label=maybe("what is counted, for screen readers"),
    tone=variant("", "act", "bad"),
)
component(
    "clock",
    "A service clock with its bar. Marks at 50 % and 75 %.",
    prepare=ready.clock_icon,
    name=need("Reacción, Atención, Solución prometida"),
    target=need("«objetivo 10 h hábiles»"),
    status=one_of(*CLOCK),
    words=need("«vence en 2 h 10 min»"),
    when=need("«hoy 16:40»"),
    percent=need("of the target used; over 100 fills the bar"),
    note=maybe(),
    at=maybe("aware datetime: the words are counted down every minute", None),
)
component(
    "due",
    "One ticket's nearest clock, for lists.",
    prepare=ready.clock_icon,
    status=one_of(*CLOCK),
    words=need(),
    when=need(),
    percent=maybe("None draws no bar", None),
    label=maybe("name of the bar", "Tiempo de atención usado"),
    icon=maybe("instead of the status's own"),
    at=maybe("aware datetime: the words are counted down every minute", None),
)
component(
    "ledger",
    "How a clock was computed, in a disclosure.",
    rows=need("items: when, what, counted, off? (did not count)"),
    total=need(),
    target=need("«10 h hábiles»"),
    sentence=maybe(),
    caption=maybe("", "Cómo se calculó"),
    open=flag(),
)
component(
    "timeline",
    "What happened, oldest first.",
    entries=need(
        "kind (message, note, solution, event), by (me, desk, system, person), who, initials?, role?, at, when, "
        "body or html (safe), note?, files?, state? or icon? (event), tag?, id?"
    ),
)
component(
    "composer",
    "Writes a comment, an answer or a note. `fields` are a transition's own; the content stands over the text.",
    slot=True,
    prepare=ready.composer,
    field=need("bound text field"),
    label=need("accessible name of the form"),
    submit=need("label that says what happens"),
    action=maybe("address of the POST"),
    mode=variant("", "public", "note"),
    transition=maybe("value of the hidden input `transition`"),
    files=maybe("bound file field", None),
    fields=maybe("HTML: the transition's fields"),
    effect=maybe("the effect on the clocks"),
    saved_at=maybe("«14:29»"),
    placeholder=maybe(),
    submit_kind=variant("", "primary"),
    submit_name=maybe(),
    submit_value=maybe(),
    end=maybe("HTML before the button (a select)"),
    draft=maybe("key of the unsaved draft; name the ticket and the person in it"),
    id=maybe(),
)
component(
    "files",
    "Attached files.",
    items=need("name, size (words), href?, icon?"),
)
component(
    "list_item",
    'A row of `<ul class="sd-list">`. Its content stands under the title in place of `meta`.',
    slot=True,
    prepare=ready.list_item,
    title=need(),
    icon=maybe(),
    icon_size=variant("", "s", "l"),
    lead=maybe("HTML in the icon's place (a priority, an avatar)"),
    href=maybe(),
    meta=maybe("text, or a list of texts set apart by points"),
    end=maybe("HTML: one button or one due"),
)

# ── Forms ────────────────────────────────────────────────────────────────────────────────────────────────────────────
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

# ── Messages ─────────────────────────────────────────────────────────────────────────────────────────────────────────
component(
    "alert",
    "A notice in the page. The content replaces `text`.",
    slot=True,
    prepare=ready.tone_icon,
    title=need(),
    tone=variant("info", "act", "ok", "bad"),
    icon=maybe("else the tone's"),
    text=maybe(),
    action=maybe("HTML: one button"),
    level=LEVEL,
    live=flag("role=alert: only when it answers what the person just did"),
)
component(
    "toast",
    "A passing confirmation; leaves by itself.",
    text=need(),
    undo=maybe("address of the POST that undoes"),
    inline=flag("stays where it is"),
)

# ── Lists and tables ─────────────────────────────────────────────────────────────────────────────────────────────────
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

# ── Numbers and facts ────────────────────────────────────────────────────────────────────────────────────────────────
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
    kind=one_of("bars", "stacked", "line"),
    label=need("what the drawing shows"),
    points=need("bars and line: label, value, tone?; stacked: label, ok, risk, late"),
    headings=need("the table's: one for the label, one per number"),
    goal=maybe("line: the goal's value", None),
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
