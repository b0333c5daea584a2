"""Which Django app holds the templates?"""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """The screens; no tables."""

    name = "tocsin.console"
    label = "console"
