"""Which tables hold what somebody took away that protection may still go by?"""

from typing import ClassVar

from django.db import models

from tocsin.registry.models.cases import Case
from tocsin.registry.models.workplace import Person, Row


class TakenKey(Row):
    """Keys of a vehicle that somebody took back, or that went with it (`runtime/his_machines.py`)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    plate = models.CharField(max_length=20)
    region = models.CharField(max_length=10)
    taken_at = models.DateTimeField()
    taken_by_id = models.UUIDField(null=True)

    class Meta:
        """Whoever took them last."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "plate", "region"], name="one_taken_key")
        ]


class GoneOnPurpose(Row):
    """A reader of which a lead who may read the case says that it was taken out on purpose: the case misses it no more."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    subject_id = models.UUIDField()
    said_at = models.DateTimeField()

    class Meta:
        """Once a case and thing; who said it is in the record."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "subject_id"], name="gone_once")
        ]
