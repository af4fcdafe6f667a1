"""Fixtures shared by every app's tests: the clock and the cast."""
