"""WHAT IT MEANS: open an incident or join one, and what people have done about it."""
