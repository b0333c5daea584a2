"""THE OTHER DOORS: what providers call back with."""
