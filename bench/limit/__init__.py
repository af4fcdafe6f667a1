"""The least that Django and REST Framework can do for a ticket: no accounts, no history, no clocks. Nothing built on them is faster."""
