"""Which tables hold who is to work when, who wrote that, and who took it out?"""

from typing import ClassVar

from django.db import models

from tocsin.registry.models.workplace import Person, Row, Site


class Line(Row):
    """What a line of a roster says, and who wrote it, or asked for it."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE)
    kind = models.CharField(max_length=20)
    body = models.JSONField()
    made_at = models.DateTimeField()
    made_by_id = models.UUIDField(null=True)

    class Meta:
        """No table of its own."""

        abstract = True


class RosterLine(Line):
    """A pattern, an override or a swap, in local wall time (`rules/roster.py` reads the body).

    `confirmed_by_id`: another than who wrote it, who says that it is right (`runtime/his_rosters.py`).
    """

    confirmed_by_id = models.UUIDField(null=True)

    class Meta:
        """Asked for by who wrote it."""

        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "made_by_id"], name="line_by_maker")
        ]


class TakenLine(Line):
    """A line that somebody took out of a roster, as it was; nobody's page plans by it (`runtime/his_rosters.py`)."""

    taken_at = models.DateTimeField()
    taken_by_id = models.UUIDField(null=True)

    class Meta:
        """Asked for by who took it out."""

        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "taken_by_id"], name="line_by_taker")
        ]


class Shift(Row):
    """One person's shift as instants, made from the roster lines for the coming weeks."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE)
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    role = models.CharField(max_length=40)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    source = models.CharField(max_length=120)
    post_id = models.UUIDField(null=True)
    at_position = models.BooleanField(default=False, db_default=False)

    class Meta:
        """Asked for by site and instant."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="shift_ends_after_start"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "site", "ends_at"], name="shift_now")
        ]


class KeptShift(Row):
    """A shift of a protected person as it would be if no party of her case had written of the roster."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE)
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        """Each is kept once."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "site", "starts_at", "ends_at"], name="one_kept_shift"
            )
        ]
