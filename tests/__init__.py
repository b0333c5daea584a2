"""The tests: each one a sentence about what holds."""
