"""Do the pages keep their promises? Asked of the real web process, by HTTP and in a browser."""
