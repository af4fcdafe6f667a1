"""A made-up provider and its customers, with a believable year of tickets. Nothing here is ever created outside demo mode."""
