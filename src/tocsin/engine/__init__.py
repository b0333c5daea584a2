"""THE CLOCK: drains the spool, delivers, escalates, watches itself."""
