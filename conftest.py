"""Makes the cast, the clock and a browser available to every test."""

pytest_plugins = ["servicedesk.testing", "servicedesk.browser"]
