"""How is everybody reached? A table of contact methods."""
