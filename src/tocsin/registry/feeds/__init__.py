"""Where do the people and the shifts come from? One folder per kind of file; they only read."""
