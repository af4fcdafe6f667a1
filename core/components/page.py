"""The page, what one can do in it, and what it says."""

from core import prepare as ready
from core.components.registry import component
from core.props import LEVEL, flag, maybe, need, variant

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
