"""How fast the desk is, beside its nearest relative and the bare limit. Read README.md."""
