"""Which tables hold what we decided, and what people did about it?"""

from typing import ClassVar

from django.db import models

from tocsin.registry.models import Person, Row, Site


class Incident(Row):
    """Something that matters until people stand it down. `rules/incident.py` says what may happen to it.

    `progress` is the pure state that has no column of its own. `due_at` is the next thing that time does to
    it and `due_set_at` when that was decided: the wait left over is never more than their difference,
    however the machine's clock is stepped.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    walk_id = models.UUIDField(null=True)
    word = models.CharField(max_length=8)
    kind = models.CharField(max_length=20)
    is_drill = models.BooleanField()
    key = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    policy = models.JSONField()
    progress = models.JSONField()
    due_at = models.DateTimeField(null=True)
    due_set_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_how = models.CharField(max_length=40, default="", blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        """One open incident a person: a second SOS joins it, another person's never does."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "person", "is_drill"],
                name="incident_open",
                condition=models.Q(closed_at=None) & ~models.Q(kind__in=["proof", "gap"]),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"], name="incident_due", condition=models.Q(closed_at=None)
            ),
            models.Index(fields=["organisation_id", "opened_at"], name="incident_opened"),
        ]


class Act(Row):
    """What one person did about an incident: seen, calling, going, in charge, there, over, cannot ..."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    act = models.CharField(max_length=20)
    via = models.CharField(max_length=20)
    at = models.DateTimeField()
    delivery_id = models.UUIDField(null=True)

    class Meta:
        """Read with the incident."""

        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "incident", "at"], name="act_incident")
        ]
