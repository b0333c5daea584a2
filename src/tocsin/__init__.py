"""Tocsin: from a press to a person in charge, and an order that has consequences."""

__version__ = "0.1.0"
