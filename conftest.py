"""Makes the project's cast and clock available to every test."""

pytest_plugins = ["servicedesk.testing"]
