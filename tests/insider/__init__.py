"""Is the insider shut out? The same requests in two worlds, every route and every table, canaries, and wrong engines."""
