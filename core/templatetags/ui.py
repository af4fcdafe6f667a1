"""Template tags of the interface. Built in: no template needs `{% load %}`.

    {% ui "button" label="Levantar ticket" kind="primary" %}
    {% ui "clock" props=clock %}                       a mapping or dataclass gives the props; named ones win
    {% ui "due" props=ticket.due as nearest %}         kept in a variable, to be given to another component
    {% uiblock "alert" title="Listo" tone="ok" %}
      <p>content</p>
      {% fill "action" %}{% ui "button" label="Ver" href=url size="s" %}{% endfill %}
    {% enduiblock %}

Components see their props and the CSRF token, nothing else of the page. A prop that is not declared, a missing one or a
value outside its choices raises TemplateSyntaxError.
"""

import re
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.forms import BoundField
from django.template.base import FilterExpression, Node, NodeList, Parser, Token, token_kwargs
from django.template.context import Context
from django.template.exceptions import TemplateSyntaxError
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from core import clock, icons, words
from core.components import COMPONENTS
from core.props import Component, PropError, as_props

register = template.Library()
FILLS = "_ui_fills"
PHONE = re.compile(r"\+?\d[\d ]{6,}\d")
PROPS = "props"


class UiNode(Node):
    """One use of a component."""

    child_nodelists = ("content",)

    def __init__(
        self, component: Component, given: dict[str, FilterExpression], target: str, content: NodeList | None
    ) -> None:
        self.component, self.given, self.target, self.content = component, given, target, content

    def render(self, context: Context) -> SafeString:
        slot, fills = self.draw_content(context)
        try:
            if slot and not self.component.slot:
                raise PropError(f"ui {self.component.name!r} takes no content, only fills")
            values = self.component.complete({**self.collect(context), **fills})
        except PropError as error:
            raise TemplateSyntaxError(str(error)) from error
        cache: dict[Any, Any] = context.render_context.dicts[0]
        drawing = cache.get(self)
        if drawing is None:
            drawing = cache[self] = context.template.engine.get_template(self.component.template)  # type: ignore[union-attr]
        inner = context.new(values)
        inner["slot"] = slot
        inner["csrf_token"] = context.get("csrf_token")
        drawn = mark_safe(drawing.render(inner).strip())
        if self.target:
            context[self.target] = drawn
            return mark_safe("")
        return drawn

    def collect(self, context: Context) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for name, expression in self.given.items():
            value = expression.resolve(context, ignore_failures=True)
            if name == PROPS:
                given = {**as_props(value), **given}
            else:
                given[name] = value
        return given

    def draw_content(self, context: Context) -> tuple[SafeString, dict[str, SafeString]]:
        """What stands between the tags: the content proper, and the props given as fills."""
        if self.content is None:
            return mark_safe(""), {}
        fills: dict[str, SafeString] = {}
        with context.push(**{FILLS: fills}):
            content = self.content.render(context).strip()
        return mark_safe(content), fills


class FillNode(Node):
    """Gives a prop of the surrounding block as HTML."""

    child_nodelists = ("content",)

    def __init__(self, name: str, content: NodeList) -> None:
        self.name, self.content = name, content

    def render(self, context: Context) -> SafeString:
        if FILLS not in context:
            raise TemplateSyntaxError(f"fill {self.name!r} stands outside a uiblock")
        fills = context[FILLS]
        drawn = self.content.render(context).strip()
        if drawn:
            fills[self.name] = mark_safe(drawn)
        return mark_safe("")


def _literal(word: str, tag: str) -> str:
    if len(word) < 3 or word[0] not in "'\"" or word[-1] != word[0]:
        raise TemplateSyntaxError(f"{tag} takes a quoted name first, not {word}")
    return word[1:-1]


def _parse(parser: Parser, token: Token) -> tuple[Component, dict[str, FilterExpression], str]:
    tag, *bits = token.split_contents()
    if not bits:
        raise TemplateSyntaxError(f"{tag} takes the name of a component")
    name = _literal(bits.pop(0), tag)
    if name not in COMPONENTS:
        raise TemplateSyntaxError(f"{tag}: there is no component {name!r}")
    target = ""
    if len(bits) > 2 and bits[-2] == "as":
        target = bits[-1]
        bits = bits[:-2]
    elif len(bits) == 2 and bits[0] == "as":
        target, bits = bits[1], []
    given = token_kwargs(bits, parser)
    if bits:
        raise TemplateSyntaxError(f"{tag} {name!r}: {bits[0]} is not name=value")
    component = COMPONENTS[name]
    _check_early(component, given, inline=tag == "ui")
    return component, given, target


def _check_early(component: Component, given: dict[str, FilterExpression], *, inline: bool) -> None:
    """What can be known when the template is compiled: names, and the values written out in it."""
    named = {name: expression for name, expression in given.items() if name != PROPS}
    try:
        component.check_names(named)
        if inline and PROPS not in given:
            component.check_required(named)
        for name, expression in named.items():
            if not expression.is_var and not expression.filters:
                component.check_value(name, expression.resolve(Context()))
    except PropError as error:
        raise TemplateSyntaxError(str(error)) from error


@register.tag("ui")
def ui(parser: Parser, token: Token) -> UiNode:
    """A component without content."""
    return UiNode(*_parse(parser, token), content=None)


@register.tag("uiblock")
def uiblock(parser: Parser, token: Token) -> UiNode:
    """A component with content and fills."""
    component, given, target = _parse(parser, token)
    content = parser.parse(("enduiblock",))
    parser.delete_first_token()
    return UiNode(component, given, target, content)


@register.tag("fill")
def fill(parser: Parser, token: Token) -> FillNode:
    """`{% fill "action" %}...{% endfill %}` inside a uiblock."""
    tag, *bits = token.split_contents()
    if len(bits) != 1:
        raise TemplateSyntaxError("fill takes one quoted name")
    content = parser.parse(("endfill",))
    parser.delete_first_token()
    return FillNode(_literal(bits[0], tag), content)


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """An inline SVG, hidden from screen readers: `{% icon "clock" size="s" %}`."""
    try:
        return icons.icon(str(name), str(size))
    except icons.UnknownIcon as error:
        raise TemplateSyntaxError(str(error)) from error


@register.simple_tag
def control(
    field: BoundField, help_id: str = "", error_id: str = "", css: str = "sd-input", **attrs: object
) -> SafeString:
    """A bound field's widget dressed as ours, tied to its help and error: `aria-describedby`, `aria-invalid`."""
    described = [help_id] if help_id else []
    if field.errors and error_id:
        described.append(error_id)
    given: dict[str, Any] = {name.replace("_", "-"): value for name, value in attrs.items() if value not in ("", None)}
    own = field.field.widget.attrs
    if css:
        given["class"] = f"{css} {own['class']}" if own.get("class") else css
    if described:
        given["aria-describedby"] = " ".join(described)
    if field.errors:
        given["aria-invalid"] = "true"
    return field.as_widget(attrs=given)


@register.filter
def option_value(value: object) -> str:
    """A choice's value as a form sends it: what no choice has, for none."""
    return "" if value is None else str(value)


def _now(now: datetime | str | None) -> datetime:
    return now if isinstance(now, datetime) else clock.now()


@register.filter
def moment(at: datetime | None, now: datetime | None = None) -> str:
    """`{{ ticket.created_at|moment:now }}`: «hoy 16:40», in the viewer's zone. Without `now`, the clock's."""
    return words.moment(at, zone=timezone.get_current_timezone(), now=_now(now)) if at else ""


@register.filter
def long_moment(at: datetime | None, now: datetime | None = None) -> str:
    """«domingo 15 de marzo, 12:25»."""
    return words.long_moment(at, zone=timezone.get_current_timezone(), now=_now(now)) if at else ""


@register.filter
def on_moment(at: datetime | None, now: datetime | None = None) -> str:
    """«el domingo 15 de marzo, 12:25», «hoy 12:25»: for the middle of a sentence."""
    return words.on_moment(at, zone=timezone.get_current_timezone(), now=_now(now)) if at else ""


@register.filter
def day(at: datetime | None, now: datetime | None = None) -> str:
    """«hoy», «mañana», «vie 13 mar»."""
    return words.day(at, zone=timezone.get_current_timezone(), now=_now(now)) if at else ""


@register.filter
def ago(at: datetime | None, now: datetime | None = None) -> str:
    """«hace 12 min», «ayer», «lun 9 mar»."""
    return words.ago(at, zone=timezone.get_current_timezone(), now=_now(now)) if at else ""


@register.filter
def remaining(at: datetime | None, now: datetime | None = None) -> str:
    """«quedan 2 días y 21 h»."""
    return words.remaining(at, now=_now(now)) if at else ""


@register.filter
def due_line(at: datetime | None, now: datetime | None = None) -> str:
    """«vence en 2 h 10 min (hoy 16:40)», for a clock that runs on the wall."""
    return words.due(at, zone=timezone.get_current_timezone(), now=_now(now)).line if at else ""


@register.filter
def duration(span: int | timedelta | None) -> str:
    """«2 h 10 min» of minutes or a timedelta."""
    return "" if span is None else words.duration(span)


@register.filter
def business(span: int | timedelta | None, day_minutes: int | None = None) -> str:
    """«5 h 30 min hábiles»; with the calendar's minutes a day, «2 días hábiles»."""
    return "" if span is None else words.business(span, day_minutes=day_minutes)


@register.filter
def file_size(size: int | None) -> str:
    """«214 KB»."""
    return "" if size is None else words.file_size(size)


@register.filter
def initials(name: str) -> str:
    """«ÓV»."""
    return words.initials(str(name))


@register.filter
def breakable(address: str) -> SafeString:
    """A mail address that goes on before its @ where a line ends: «direccion.productos» over «@mesa.example»."""
    return mark_safe("<wbr>@".join(conditional_escape(part) for part in str(address).split("@")))


@register.filter
def dialled(phones: str) -> SafeString:
    """Each telephone number of a text as a link that calls it: «55 5000 0139 y 55 5000 0147» holds two."""
    text = conditional_escape(str(phones))
    return mark_safe(PHONE.sub(lambda found: f'<a href="tel:{found[0].replace(" ", "")}">{found[0]}</a>', text))


@register.filter
def iso(at: datetime | None) -> str:
    """A moment for the `datetime` attribute."""
    return at.isoformat() if at else ""
