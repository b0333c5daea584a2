"""The live channel: the open screens of a person."""
