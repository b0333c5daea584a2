"""THE DEMO: a workplace that does not exist, and the last shift of the reference case, played on the product."""

from tocsin.demo.command import main

__all__ = ["main"]
