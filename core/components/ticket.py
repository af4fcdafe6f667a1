"""A ticket at a glance, and its conversation."""

from core import prepare as ready
from core.components.registry import component
from core.components.words import CLOCK, PRIORITIES, STATES
from core.props import flag, maybe, need, one_of, variant

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
    rows=need("items: when, what, why? (calendar and clause), counted, off? (did not count)"),
    total=need(),
    target=need("«10 h hábiles»"),
    left=maybe("«1 h 45 min hábiles»"),
    left_label=maybe("", "Queda"),
    sentence=maybe(),
    note=maybe("in which zone the hours are counted"),
    caption=maybe("", "Cómo se calculó"),
    open=flag(),
)
component(
    "ladder",
    "Levels from the first to the last, with what happened on each; the present one is said, not only coloured.",
    items=need(
        "level, role, name?, current?, reached?, facts? (icon, text, at?, when?, note?, quote?, tone?: owed, late)"
    ),
    label=maybe("accessible name", "Niveles de escalamiento"),
)
component(
    "promise",
    "How a promised date stands, under its clock, and the dates that it replaced.",
    prepare=ready.clock_tag,
    word=need("Vigente, Vence hoy, Cumplida, Incumplida, Sin efecto"),
    status=one_of(*CLOCK),
    by=maybe("who gave it and when"),
    before=maybe("earlier dates: due, note, reason?", ()),
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
