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
    log_id = models.UUIDField(null=True)

    class Meta:
        """The sealer gives the number, and says in which log: the employer's, or the case's."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["log_id", "seq"], name="entry_seq"),
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


class Account(models.Model):
    """One source's version of a fact about an incident, a case or a person. Never overwritten; a later one stands beside it.

    `words_sealed` is under the key of `sealed_of` (a case or a person). `case_id` None: about no case.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    organisation_id = models.UUIDField()
    about = models.CharField(max_length=12)
    about_id = models.UUIDField()
    case_id = models.UUIDField(null=True)
    fact = models.CharField(max_length=60)
    source_sealed = models.BinaryField()
    words_sealed = models.BinaryField()
    sealed_of = models.UUIDField()
    said_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField()
    kept_at = models.DateTimeField()
    kept_by_id = models.UUIDField(null=True)

    class Meta:
        """Read with what it is about, side by side by fact."""

        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "about_id", "fact"], name="account_about"),
        ]
