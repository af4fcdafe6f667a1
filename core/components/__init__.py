"""Every component of the interface with the props it takes: the one place that declares them.

A component is drawn by `templates/ui/<name>.html`, used through `{% ui %}` or `{% uiblock %}`, and shown in the gallery.
Variants carry the API's own values, so a template maps nothing. «HTML» in a note marks a prop meant for `{% fill %}`;
every other prop is text and is escaped.
"""

from core.components import data, forms, page, ticket  # noqa: F401  (importing them declares)
from core.components.registry import COMPONENTS
from core.components.words import PRIORITIES, STATES

__all__ = ["COMPONENTS", "PRIORITIES", "STATES"]
