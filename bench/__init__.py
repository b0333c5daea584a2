"""One script per published number; `serve` lets an outsider measure the same."""
