"""Who is on duty when? A table of shifts."""
