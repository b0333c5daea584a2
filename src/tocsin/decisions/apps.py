"""Which Django app holds the tables of this stage?"""

from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    """The stage `decisions`."""

    name = "tocsin.decisions"
    label = "decisions"
    default_auto_field = "django.db.models.BigAutoField"
