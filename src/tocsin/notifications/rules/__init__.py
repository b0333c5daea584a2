"""What does a notification say, and to whom? Facts and a time in, a decision out."""
