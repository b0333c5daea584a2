"""Which tables hold what we can prove?"""

from typing import ClassVar

from django.db import models

from tocsin.runtime.ids import uuid7


class Entry(models.Model):
    """One fact, self-contained: an entry that needs a join to be understood is no evidence."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation_id = models.UUIDField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    incident_id = models.UUIDField(null=True)
    actor_id = models.UUIDField(null=True)
    leaf = models.BinaryField()
    seq = models.BigIntegerField(null=True)

    class Meta:
        """The sealer gives the number; until then there is none."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "seq"], name="entry_seq"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["organisation_id", "at", "id"],
                name="entry_unsealed",
                condition=models.Q(seq=None),
            ),
            models.Index(fields=["organisation_id", "incident_id", "at"], name="entry_incident"),
        ]


class Head(models.Model):
    """The signed root over the first `size` entries of an organisation."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation_id = models.UUIDField()
    size = models.BigIntegerField()
    root = models.BinaryField()
    frontier = models.BinaryField()
    signed_at = models.DateTimeField()
    key_id = models.CharField(max_length=64)
    signature = models.BinaryField()

    class Meta:
        """One head a size."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "size"], name="head_size"),
        ]
