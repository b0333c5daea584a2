"""Which tables hold who was told, how, and what became of it?"""

from typing import ClassVar

from django.db import models

from tocsin.decisions.models import Incident
from tocsin.registry.models import Case, Person, Row


class Delivery(Row):
    """One message to one person on one channel: an outbox row, taken with a lease and fenced by its attempt.

    States: pending, leased, retrying, sent, then one of seen, unanswered, failed, cancelled.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    contact_id = models.UUIDField(null=True)
    channel = models.CharField(max_length=20)
    template = models.CharField(max_length=40)
    step = models.IntegerField()
    reference = models.CharField(max_length=120)
    code = models.CharField(max_length=4, default="", blank=True)
    state = models.CharField(max_length=12)
    attempt = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    leased_by = models.CharField(max_length=60, default="", blank=True)
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    provider = models.CharField(max_length=40, default="", blank=True)
    provider_id = models.CharField(max_length=120, default="", blank=True)
    provider_state = models.CharField(max_length=40, default="", blank=True)
    error = models.CharField(max_length=80, default="", blank=True)

    class Meta:
        """The reference makes doing it twice harmless."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "reference"], name="delivery_reference"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "incident"], name="delivery_incident"),
            models.Index(
                fields=["due_at"],
                name="delivery_open",
                condition=models.Q(state__in=["pending", "leased", "retrying"]),
            ),
            models.Index(
                fields=["deadline_at"], name="delivery_sent", condition=models.Q(state="sent")
            ),
            models.Index(
                fields=["provider_id"],
                name="delivery_provider",
                condition=~models.Q(provider_id=""),
            ),
            models.Index(
                fields=["organisation_id", "contact_id"],
                name="delivery_opted_out",
                condition=models.Q(error="opted_out") | models.Q(provider_state="failed opted_out"),
            ),
        ]


class Disclosure(Row):
    """Who was told what of a case, on which ground, and when she had notice of it. `what`: JSON list of codes."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    incident_id = models.UUIDField(null=True)
    to_id = models.UUIDField(null=True)
    to_role = models.CharField(max_length=40)
    ground = models.CharField(max_length=40)
    what = models.JSONField(default=list)
    words_sealed = models.BinaryField(null=True)
    at = models.DateTimeField()
    notice_at = models.DateTimeField(null=True)

    class Meta:
        """Read with the case."""

        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "case", "at"], name="disclosure_case"),
            models.Index(
                fields=["notice_at"],
                name="disclosure_noticed",
                condition=~models.Q(notice_at=None),
            ),
        ]
