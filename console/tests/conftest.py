"""The complaint and suggestion of the domain's own tests, for the pages that show them."""

from surveys.tests.conftest import complaint, draft, matrices, suggestion

__all__ = ["complaint", "draft", "matrices", "suggestion"]
