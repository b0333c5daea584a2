"""Who works here? A table of staff."""
