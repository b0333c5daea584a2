"""Who is on duty when? A calendar's shifts."""
