"""Rows that the guide itself gives: what every desk starts with. Idempotent, and never overwrites what an administrator changed."""
