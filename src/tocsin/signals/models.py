"""Which tables hold what was reported?"""

from typing import ClassVar

from django.db import models

from tocsin.registry.models import Person, Row, Site


class Signal(Row):
    """One press, code or message, as it came. Unique is (organisation, person, key): a repeat is a question."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    device_id = models.UUIDField(null=True)
    key = models.CharField(max_length=64)
    act = models.CharField(max_length=20)
    source = models.CharField(max_length=20)
    received_at = models.DateTimeField()
    note = models.CharField(max_length=40, default="", blank=True)
    body_sealed = models.BinaryField(null=True)

    class Meta:
        """The key is the sender's."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "person", "key"], name="signal_key"),
        ]


class Walk(Row):
    """A way out with a timer, ended at "left the site"."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    watcher_id = models.UUIDField(null=True)
    key = models.CharField(max_length=64)
    state = models.CharField(max_length=20)
    started_at = models.DateTimeField()
    timer_s = models.PositiveIntegerField()
    timer_set_at = models.DateTimeField()
    due_at = models.DateTimeField()
    way = models.CharField(max_length=120, default="", blank=True)
    note_sealed = models.BinaryField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_how = models.CharField(max_length=20, default="", blank=True)

    class Meta:
        """A person walks once at a time; the key makes a repeated start harmless."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "person", "key"], name="walk_key"),
            models.UniqueConstraint(
                fields=["organisation_id", "person"],
                name="walk_open",
                condition=models.Q(ended_at=None),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="walk_due", condition=models.Q(ended_at=None))
        ]


class TextReceived(Row):
    """A text message that a gateway handed in; the same one twice is one."""

    gateway = models.CharField(max_length=60)
    provider_id = models.CharField(max_length=80)
    person_id = models.UUIDField(null=True)
    received_at = models.DateTimeField()
    meaning = models.CharField(max_length=30)
    from_sealed = models.BinaryField(null=True)
    text_sealed = models.BinaryField(null=True)

    class Meta:
        """Gateways repeat what was not confirmed in time."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "gateway", "provider_id"], name="text_once"
            ),
        ]


class UnverifiedSignal(Row):
    """What came without a valid token or signature: shown to the duty lead, pages nobody."""

    received_at = models.DateTimeField()
    source = models.CharField(max_length=60)
    why = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    count = models.PositiveIntegerField(default=1)
