"""Stories: what people live through, told end to end."""
