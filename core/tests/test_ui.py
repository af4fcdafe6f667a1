"""The components: declared, shown, strict about their props, and safe with hostile text."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template, TemplateSyntaxError
from django.utils.safestring import mark_safe

from core.components import COMPONENTS, PRIORITIES, STATES
from tickets.vocabulary import Priority, State

HOSTILE = "\"><script>alert(1)</script>' onfocus=x"
TEMPLATES = Path(settings.BASE_DIR) / "templates"
GALLERY = (TEMPLATES / "portal" / "gallery.html").read_text()


class HostileForm(forms.Form):
    text = forms.CharField(label=HOSTILE, help_text=HOSTILE)
    file = forms.FileField(required=False)


def hostile_field(name: str = "text") -> forms.BoundField:
    form = HostileForm({"text": HOSTILE})
    form.add_error(name, HOSTILE)
    return form[name]


ITEM = {
    "label": HOSTILE,
    "title": HOSTILE,
    "text": HOSTILE,
    "term": HOSTILE,
    "name": HOSTILE,
    "value": HOSTILE,
    "note": HOSTILE,
    "due": HOSTILE,
    "reason": HOSTILE,
    "href": HOSTILE,
    "size": HOSTILE,
    "when": HOSTILE,
    "what": HOSTILE,
    "why": HOSTILE,
    "counted": HOSTILE,
    "who": HOSTILE,
    "role": HOSTILE,
    "body": HOSTILE,
    "html": HOSTILE,
    "tag": HOSTILE,
    "key": HOSTILE,
    "id": HOSTILE,
    "status": HOSTILE,
    "company": HOSTILE,
    "initials": HOSTILE,
    "count": HOSTILE,
    "count_label": HOSTILE,
    "kind": "message",
    "icon": "clock",
    "files": [{"name": HOSTILE, "size": HOSTILE, "href": HOSTILE}],
    "facts": [{"icon": "clock", "text": HOSTILE, "when": HOSTILE, "note": HOSTILE, "quote": HOSTILE, "tone": HOSTILE}],
    "level": HOSTILE,
    "current": HOSTILE,
}
SPECIAL: dict[str, Any] = {
    "axis": (-100, 100),
    "icon": "clock",
    "at": None,
    "percent": 40,
    "lines": 2,
    "user": ITEM,
    "field": hostile_field,
    "goal": None,
    "max_files": 3,
    "max_mb": 5,
    "pressed": None,
    "optional": True,
    "values": (0, 1, HOSTILE),
    "rows": [ITEM],
    "icon_size": "l",
    "series": {"ok": HOSTILE, "risk": HOSTILE, "late": HOSTILE},
}
POINTS: dict[str, dict[str, Any]] = {
    "bars": {"value": 3, "links": {0: HOSTILE}},
    "stacked": {"ok": 3, "risk": 1, "late": 0, "text": HOSTILE, "more": [HOSTILE], "links": {1: HOSTILE}},
    "line": {"value": 3},
    "interval": {"value": 3, "low": -1, "high": 9, "text": HOSTILE, "range": HOSTILE},
}
LISTS = {"nav", "account", "notices", "crumbs", "items", "entries", "options", "hidden", "columns", "before"}


def hostile_props(name: str) -> dict[str, Any]:
    """Every prop of the component with hostile text in every place that takes text."""
    given: dict[str, Any] = {}
    for prop, declared in COMPONENTS[name].props.items():
        if declared.choices:
            given[prop] = declared.choices[-1]
        elif prop in SPECIAL:
            given[prop] = SPECIAL[prop]() if callable(SPECIAL[prop]) else SPECIAL[prop]
        elif prop in LISTS or (prop == "files" and name == "dropzone"):
            given[prop] = [ITEM]
        elif prop == "files":
            given[prop] = hostile_field("file")
        elif prop in ("meta", "headings"):
            given[prop] = [HOSTILE]
        else:
            given[prop] = HOSTILE
    if name == "table":
        given["rows"] = [[HOSTILE]]
    if name == "chart":
        given["points"] = [{"label": HOSTILE, **POINTS[given["kind"]]}]
    return given


class Page(HTMLParser):
    """The tags and attributes that a browser would find, and the tags that do not close each other."""

    EMPTY = {"input", "br", "meta", "link", "rect", "path", "circle", "polygon", "polyline"}

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.feed(source)
        self.close()
        self.unbalanced += self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(f"/{tag}")


def draw(source: str, **context: Any) -> str:
    """What a template draws, with the white space that a browser drops."""
    drawn = re.sub(r"\s+", " ", Template(source).render(Context(context)))
    return re.sub(r"(?<=>) | (?=<|>)", "", drawn)


def test_every_template_is_declared_and_every_declaration_has_its_template() -> None:
    templates = {path.stem for path in (TEMPLATES / "ui").glob("*.html") if not path.stem.startswith("_")}
    assert templates == set(COMPONENTS)


@pytest.mark.parametrize("name", sorted(COMPONENTS))
def test_every_component_appears_in_the_gallery_with_its_props(name: str) -> None:
    assert re.search(rf'{{% ui(block)? "{name}" ', GALLERY), "it is not shown"
    assert f"component=declared.{name} %" in GALLERY, "its props are not shown"


@pytest.mark.parametrize("name", sorted(COMPONENTS))
def test_hostile_text_is_escaped_wherever_a_component_takes_text(name: str) -> None:
    drawn = draw(f'{{% ui "{name}" props=props %}}', props=hostile_props(name))
    page = Page(drawn)
    assert page.tags & {"script"} == set()
    assert page.attributes & {"onfocus"} == set()
    assert page.unbalanced == []


@pytest.mark.parametrize("kind", ["bars", "stacked", "line"])
def test_hostile_labels_are_escaped_in_every_chart(kind: str) -> None:
    props = {"kind": kind, "label": HOSTILE, "headings": [HOSTILE], "points": [{"label": HOSTILE, **POINTS[kind]}]}
    assert "<script" not in draw('{% ui "chart" props=props %}', props=props)


@pytest.mark.parametrize("name", sorted(COMPONENTS))
def test_an_unknown_prop_is_refused_when_the_template_is_compiled(name: str) -> None:
    with pytest.raises(TemplateSyntaxError, match=f"ui '{name}' has no prop colour"):
        Template(f'{{% ui "{name}" colour="red" %}}')


@pytest.mark.parametrize(
    "name", sorted(name for name, one in COMPONENTS.items() if any(prop.required for prop in one.props.values()))
)
def test_a_missing_prop_is_refused_when_the_template_is_compiled(name: str) -> None:
    with pytest.raises(TemplateSyntaxError, match=f"ui '{name}' needs"):
        Template(f'{{% ui "{name}" %}}')


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ('{% ui "carousel" %}', "there is no component 'carousel'"),
        ("{% ui button label='x' %}", "takes a quoted name first"),
        ('{% ui "button" "x" %}', "is not name=value"),
        ('{% ui "button" label="x" kind="huge" %}', "kind is 'huge', not one of"),
        ('{% uiblock "state" value="openn" %}{% enduiblock %}', "value is 'openn', not one of"),
        ("{% fill %}x{% endfill %}", "fill takes one quoted name"),
    ],
)
def test_what_is_written_wrong_is_refused_when_the_template_is_compiled(source: str, reason: str) -> None:
    with pytest.raises(TemplateSyntaxError, match=reason):
        Template(source)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ('{% ui "state" value=value %}', "value is 'melted', not one of"),
        ('{% ui "button" label=nothing %}', "needs label: what was given does not exist"),
        ('{% ui "button" props=value %}', "props= takes a mapping or a dataclass, not str"),
        ('{% ui "button" props=wrong %}', "has no prop colour"),
        ('{% uiblock "card" title="x" %}{% fill "colour" %}x{% endfill %}{% enduiblock %}', "has no prop colour"),
        ('{% uiblock "state" value="open" %}words{% enduiblock %}', "takes no content"),
        ('{% uiblock "alert" tone="ok" %}words{% enduiblock %}', "needs title"),
        ('{% fill "end" %}x{% endfill %}', "stands outside a uiblock"),
        ('{% icon "no-such-thing" %}', "There is no icon 'no-such-thing'"),
    ],
)
def test_what_only_shows_while_drawing_is_refused_then(source: str, reason: str) -> None:
    with pytest.raises(TemplateSyntaxError, match=reason):
        draw(source, value="melted", wrong={"label": "x", "colour": "red"})


def test_a_button_says_its_kind_and_its_reason() -> None:
    drawn = draw('{% ui "button" label="Enviar" disabled=True why="Falta el servicio." %}')
    assert (
        drawn
        == '<button class="sd-btn" type="submit" disabled>Enviar</button><span class="sd-mute">Falta el servicio.</span>'
    )


def test_props_come_from_a_dataclass_and_named_ones_win() -> None:
    @dataclass
    class Facts:
        label: str
        tone: str = "ok"

    assert (
        draw('{% ui "tag" props=facts tone="bad" %}', facts=Facts("Mayor"))
        == '<span class="sd-tag" data-tone="bad">Mayor</span>'
    )


def test_a_component_can_be_kept_and_given_to_another() -> None:
    drawn = draw('{% ui "count" value=3 as three %}{% ui "card" title="Asuntos" end=three %}')
    assert '<h2 id="h-asuntos">Asuntos</h2><span class="sd-count"><span>3</span></span></header>' in drawn


def test_a_fill_inside_a_condition_is_given_only_when_it_holds() -> None:
    source = '{% uiblock "empty" icon="inbox" title="Nada" %}{% if may %}{% fill "action" %}<i>ya</i>{% endfill %}{% endif %}{% enduiblock %}'
    assert "<i>ya</i>" in draw(source, may=True)
    assert "<i>ya</i>" not in draw(source, may=False)


def test_a_component_sees_its_props_and_nothing_else_of_the_page() -> None:
    assert draw('{% ui "tag" label="x" %}', icon="clock", tone="bad") == '<span class="sd-tag">x</span>'


def test_html_marked_safe_stands_and_text_does_not() -> None:
    source = '{% ui "timeline" entries=entries %}'
    entry = {"kind": "message", "who": "Ana", "when": "hoy", "at": None}
    assert "<b>sí</b>" in draw(source, entries=[{**entry, "html": mark_safe("<b>sí</b>")}])
    assert "&lt;b&gt;no&lt;/b&gt;" in draw(source, entries=[{**entry, "html": "<b>no</b>"}])


def test_a_field_ties_its_help_and_its_error_to_the_control() -> None:
    form = HostileForm({"text": ""})
    form.fields["text"].label, form.fields["text"].help_text = "Título", "Una frase."
    drawn = draw('{% ui "field" field=form.text %}', form=form)
    assert '<label for="id_text">Título</label>' in drawn
    assert 'aria-describedby="id_text-help id_text-error"' in drawn
    assert 'aria-invalid="true"' in drawn
    assert drawn.index('id="id_text-help"') < drawn.index('id="id_text-error"') < drawn.index("<input")


def test_the_chosen_option_is_checked_and_the_empty_one_is_left_out() -> None:
    class Choosing(forms.Form):
        urgency = forms.ChoiceField(choices=[("", "---"), ("high", "Alta"), ("low", "Baja")])

    drawn = draw('{% ui "choices" field=form.urgency legend="¿Puede trabajar?" %}', form=Choosing({"urgency": "low"}))
    assert re.findall(r'value="(\w*)"( checked)?', drawn) == [("high", ""), ("low", " checked")]


def test_a_live_clock_carries_its_moment_for_the_countdown() -> None:
    at = datetime(2026, 3, 12, 22, 40, tzinfo=UTC)
    drawn = draw('{% ui "due" status="running" words="vence en 2 h" when="hoy 16:40" at=at %}', at=at)
    assert '<time datetime="2026-03-12T22:40:00+00:00" data-countdown="due">vence en 2 h</time>' in drawn
    assert "data-countdown" not in draw('{% ui "due" status="paused" words="en pausa" when="" %}')


def test_the_words_of_states_and_priorities_are_the_guides() -> None:
    assert {state.value: state.label for state in State} == STATES
    assert {priority.value: priority.label for priority in Priority} == PRIORITIES


def test_a_choice_of_the_models_is_a_value_of_a_component() -> None:
    assert 'data-state="in_progress"' in draw('{% ui "state" value=state %}', state=State.IN_PROGRESS)


def test_no_template_of_ours_carries_inline_script_or_style() -> None:
    for path in [*(TEMPLATES / "ui").glob("*.html"), *(TEMPLATES / "portal").rglob("*.html")]:
        source = path.read_text()
        assert re.findall(r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=", source) == [], path.name


def test_an_address_breaks_before_its_at_and_stays_text() -> None:
    assert draw("{{ mail|breakable }}", mail="a@b.example") == "a<wbr>@b.example"
    assert draw("{{ mail|breakable }}", mail="<b>@x") == "&lt;b&gt;<wbr>@x"


def test_each_telephone_number_of_a_text_can_be_called():
    two = '<a href="tel:5550000139">55 5000 0139</a>, <a href="tel:+525550000147">+52 55 5000 0147</a>'
    assert draw("{{ phones|dialled }}", phones="55 5000 0139, +52 55 5000 0147").replace("</a>,<a", "</a>, <a") == two
    assert draw("{{ phones|dialled }}", phones="ext. 12 <b>") == "ext. 12 &lt;b&gt;"
