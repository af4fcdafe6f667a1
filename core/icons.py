"""Icons as inline SVG. Outlines come from the heroicons package, figures of our own from `GLYPHS`.

Each icon is read once per process; what a page gets is a ready string. All are hidden from assistive technology: the word
stands beside them.
"""

from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from zipfile import ZipFile

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

RING = '<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2"/>'
DISC = "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1z"

# A state's figure tells it apart without colour; a priority's, without reading.
GLYPHS = {
    "logo": (
        32,
        '<rect width="32" height="32" rx="8" fill="currentColor"/><path fill="#fff" d="M16 5c2.6 2.6 3.4 5.4 2.5 8.5 '
        "3.1-.9 5.9-.1 8.5 2.5-2.6 2.6-5.4 3.4-8.5 2.5.9 3.1.1 5.9-2.5 8.5-2.6-2.6-3.4-5.4-2.5-8.5C10.4 19.4 7.6 18.6 5 "
        '16c2.6-2.6 5.4-3.4 8.5-2.5C12.6 10.4 13.4 7.6 16 5z"/><circle cx="16" cy="16" r="2.6" fill="currentColor"/>'
        '<path fill="#fff" opacity=".55" d="M6.5 6.5h3.2L6.5 9.7zM25.5 6.5v3.2l-3.2-3.2zM6.5 25.5v-3.2l3.2 3.2z'
        'M25.5 25.5h-3.2l3.2-3.2z"/>',
    ),
    "pr-critical": (
        16,
        '<path fill="currentColor" fill-rule="evenodd" d="M4 1h8a3 3 0 0 1 3 3v8a3 3 0 0 1-3 3H4a3 3 0 0 1-3-3V4a3 3 0 0 '
        '1 3-3zm3 2.8v5h2v-5zm0 6.5v2h2v-2z"/>',
    ),
    "pr-high": (16, '<path fill="currentColor" d="M2 10h3v4H2zM6.5 6.5h3V14h-3zM11 3h3v11h-3z"/>'),
    "pr-medium": (
        16,
        '<path fill="currentColor" d="M2 10h3v4H2zM6.5 6.5h3V14h-3z"/>'
        '<path fill="currentColor" opacity=".28" d="M11 3h3v11h-3z"/>',
    ),
    "pr-low": (
        16,
        '<path fill="currentColor" d="M2 10h3v4H2z"/>'
        '<path fill="currentColor" opacity=".28" d="M6.5 6.5h3V14h-3zM11 3h3v11h-3z"/>',
    ),
    "st-new": (
        16,
        '<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="2.35 2.35"/>',
    ),
    "st-open": (16, RING),
    "st-assigned": (16, RING + '<path d="M8 4.2A3.8 3.8 0 0 1 11.8 8H8z" fill="currentColor"/>'),
    "st-in_progress": (16, RING + '<path d="M8 4.2a3.8 3.8 0 0 1 0 7.6z" fill="currentColor"/>'),
    "st-pending_user": (
        16,
        f'<path fill="currentColor" fill-rule="evenodd" d="{DISC}M5.4 5h1.9v6H5.4zm3.3 0h1.9v6H8.7z"/>',
    ),
    "st-pending_vendor": (
        16,
        '<rect x="2" y="2" width="12" height="12" rx="2.5" fill="none" stroke="currentColor" stroke-width="2"/>'
        '<path fill="currentColor" d="M5.6 5.4h1.7v5.2H5.6zm3.1 0h1.7v5.2H8.7z"/>',
    ),
    "st-solved": (
        16,
        RING + '<path d="m5.3 8.2 1.9 1.9 3.5-4" fill="none" stroke="currentColor" stroke-width="1.8" '
        'stroke-linecap="round" stroke-linejoin="round"/>',
    ),
    "st-closed": (
        16,
        f'<path fill="currentColor" fill-rule="evenodd" d="{DISC}m3.5 5.2-1.2-1.1-3.2 3.7-1.5-1.5-1.1 1.1 2.7 2.7z"/>',
    ),
    "st-rejected": (
        16,
        '<path fill="currentColor" fill-rule="evenodd" d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1zm.9 3.9L4.9 6l2 '
        '2-2 2L6 11.1l2-2 2 2 1.1-1.1-2-2 2-2L10 4.9l-2 2z"/>',
    ),
    "st-cancelled": (16, RING + '<path d="m4 12 8-8" stroke="currentColor" stroke-width="2"/>'),
}


class UnknownIcon(LookupError):
    """No figure of ours and no outline of heroicons has this name."""


@lru_cache(maxsize=1)
def _outlines() -> ZipFile:
    return ZipFile(BytesIO((files("heroicons") / "heroicons.zip").read_bytes()))


@lru_cache(maxsize=512)
def icon(name: str, size: str = "") -> SafeString:
    """The SVG of `name`, hidden from screen readers. `size` is "s", "l" or empty. Raises UnknownIcon."""
    sized = format_html(' class="sd-ic" data-size="{}"', size) if size else ""
    if name in GLYPHS:
        box, drawing = GLYPHS[name]
        return format_html(
            '<svg{} viewBox="0 0 {box} {box}" aria-hidden="true">{}</svg>', sized, mark_safe(drawing), box=box
        )
    try:
        source = _outlines().read(f"outline/{name}.svg").decode()
    except KeyError:
        raise UnknownIcon(f"There is no icon {name!r}: see the heroicons outline set and core.icons.GLYPHS") from None
    drawing = " ".join(source[source.index(">") + 1 : source.rindex("</svg>")].split())
    return format_html(
        '<svg{} viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.7" aria-hidden="true">{}</svg>',
        sized or mark_safe(' class="sd-ic"'),
        mark_safe(drawing),
    )
