"""Which Django app holds the tables of this stage?"""

from django.apps import AppConfig


class RecordConfig(AppConfig):
    """The stage `record`."""

    name = "tocsin.record"
    label = "record"
    default_auto_field = "django.db.models.BigAutoField"
