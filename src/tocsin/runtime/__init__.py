"""THE GROUND: settings, clock, ids, database, encryption, health."""
