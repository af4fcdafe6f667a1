"""The desk itself: its database for a run, and who asks."""
