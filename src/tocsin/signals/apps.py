"""Which Django app holds the tables of this stage?"""

from django.apps import AppConfig


class SignalsConfig(AppConfig):
    """The stage `signals`."""

    name = "tocsin.signals"
    label = "signals"
    default_auto_field = "django.db.models.BigAutoField"
