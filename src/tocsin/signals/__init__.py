"""WHAT HAPPENED: an SOS, a walk, a text message."""
