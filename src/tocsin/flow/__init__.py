"""THE STORY: one file per verb. Ask access, load facts, call the pure rule, save, append to the record."""
