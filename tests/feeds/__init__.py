"""What feeds read, and what they refuse."""
