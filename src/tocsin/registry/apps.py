"""Which Django app holds the tables of this stage?"""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """The stage `registry`."""

    name = "tocsin.registry"
    label = "registry"
    default_auto_field = "django.db.models.BigAutoField"
