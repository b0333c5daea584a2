"""THE DOOR: takes an SOS, puts it on disk, answers; no Django, no database."""
