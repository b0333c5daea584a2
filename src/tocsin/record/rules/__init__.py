"""What is an entry, a tree, a head, an export: pure."""
