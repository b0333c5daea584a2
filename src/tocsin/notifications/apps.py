"""Which Django app holds the tables of this stage?"""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """The stage `notifications`."""

    name = "tocsin.notifications"
    label = "notifications"
    default_auto_field = "django.db.models.BigAutoField"
