"""Which tables hold what was reported?"""

from typing import ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Coalesce

from tocsin.registry.models import Case, Person, Row, Site


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
    """A text message that a gateway handed in; the same one twice is one.

    `incident_ids`: where its words are shown, and to nobody who must not know of one; `contact_id`: the doubted way it came by.
    """

    gateway = models.CharField(max_length=60)
    provider_id = models.CharField(max_length=80)
    person_id = models.UUIDField(null=True)
    received_at = models.DateTimeField()
    meaning = models.CharField(max_length=30)
    from_sealed = models.BinaryField(null=True)
    text_sealed = models.BinaryField(null=True)
    incident_ids = ArrayField(models.UUIDField(), default=list, db_default=[])
    contact_id = models.UUIDField(null=True)

    class Meta:
        """Gateways repeat what was not confirmed in time."""

        indexes: ClassVar = [GinIndex(fields=["incident_ids"], name="text_incidents")]
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


class Report(Row):
    """Something seen, on its way from a door to the engine, which matches and decides. Deleted when that is done.

    `body_sealed`: JSON of `rules/seen.py`, under the machine's own key. The web role adds, and reads nothing back.
    """

    source = models.CharField(max_length=30)
    sender_id = models.UUIDField(null=True)
    reported_by_id = models.UUIDField(null=True)
    received_at = models.DateTimeField()
    body_sealed = models.BinaryField()
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        """Taken in the order of their coming, one source apart from the other."""

        indexes: ClassVar = [
            models.Index(fields=["received_at"], name="report_next"),
            models.Index(
                Coalesce(models.F("sender_id"), models.Value(UUID(int=0), models.UUIDField())),
                models.F("tries"),
                models.F("received_at"),
                name="report_turn",
            ),
        ]


class ToldReport(Row):
    """What a person told, until one of those who were told of it has put it aside. `taken_by_id`: who sees to it."""

    site_id = models.UUIDField()
    reported_by_id = models.UUIDField()
    track = models.CharField(max_length=120)
    heard_at = models.DateTimeField()
    body_sealed = models.BinaryField()
    told_ids = ArrayField(models.UUIDField(), default=list, db_default=[])
    tellings = models.PositiveIntegerField(default=0, db_default=0)
    told_at = models.DateTimeField(null=True)
    taken_by_id = models.UUIDField(null=True)

    class Meta:
        """A form that is sent twice is one report."""

        constraints: ClassVar = [models.UniqueConstraint("organisation_id", "track", name="told")]


class Sighting(Row):
    """A respondent, or a vehicle that is his, seen at one of our own posts, readers or doors. One row a case.

    `track`: what makes many messages one sighting (a vehicle's track, a badge event). `certainty`: certain, possible.
    `parts`: JSON of what made the score, codes and numbers only. `body_sealed`: what was seen, under the case's key.
    A sighting that hits no case is never kept.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    source = models.CharField(max_length=30)
    sender_id = models.UUIDField(null=True)
    reported_by_id = models.UUIDField(null=True)
    site = models.ForeignKey(Site, null=True, on_delete=models.PROTECT)
    place_id = models.UUIDField(null=True)
    seen_at = models.DateTimeField()
    heard_at = models.DateTimeField()
    track = models.CharField(max_length=120)
    certainty = models.CharField(max_length=10)
    score = models.PositiveSmallIntegerField()
    parts = models.JSONField(default=list)
    body_sealed = models.BinaryField()
    judged = models.CharField(max_length=12, default="", blank=True)
    judged_by_id = models.UUIDField(null=True)
    judged_at = models.DateTimeField(null=True)
    incident_id = models.UUIDField(null=True)
    erase_at = models.DateTimeField(null=True)

    class Meta:
        """One track is one sighting of a case."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "case", "track"], name="sighting_track"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "case", "seen_at"], name="sighting_case"),
            models.Index(fields=["erase_at"], name="sighting_erase"),
        ]


class CustodyFact(Row):
    """What one source said about where a respondent is held: never changed, only taken back. Unknown counts as free.

    `rules/custody.py` says what it means. `body_sealed`: JSON of the place and the words, raw as they came.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    state = models.CharField(max_length=20)
    true_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField()
    source = models.CharField(max_length=30)
    heard_by_id = models.UUIDField(null=True)
    is_confirmed = models.BooleanField(default=False)
    settles = models.BooleanField(default=False, db_default=False)
    confirm_by = models.DateTimeField(null=True)
    body_sealed = models.BinaryField(null=True)
    taken_back_at = models.DateTimeField(null=True)
    taken_back_by_id = models.UUIDField(null=True)
    due_said_at = models.DateTimeField(null=True)
    taken_back_because = models.CharField(max_length=30, default="", db_default="", blank=True)

    class Meta:
        """Read with the case, as known at an instant."""

        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "case", "heard_at"], name="custody_case")
        ]


class Fix(Row):
    """A position: of a court-ordered monitor, or of her own device inside an open walk or incident. Erased soon."""

    sender_id = models.UUIDField()
    case_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)
    fixed_at = models.DateTimeField()
    heard_at = models.DateTimeField()
    body_sealed = models.BinaryField()
    erase_at = models.DateTimeField()

    class Meta:
        """The same fix twice is one."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "sender_id", "fixed_at"], name="fix_once"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["erase_at"], name="fix_erase")]


class Nonce(Row):
    """A signed message that a sender has used up."""

    sender_id = models.UUIDField()
    nonce = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        """Once."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "sender_id", "nonce"], name="nonce_once"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["at"], name="nonce_at")]


class Quarantined(Row):
    """A message that could not be read: set aside, counted and shown; it holds up nothing."""

    sender_id = models.UUIDField(null=True)
    source = models.CharField(max_length=30)
    why = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    count = models.PositiveIntegerField(default=1)
    raw_sealed = models.BinaryField(null=True)
    received_at = models.DateTimeField()

    class Meta:
        """Shown by time."""

        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "received_at"], name="quarantined_at")
        ]


class Look(Row):
    """A named person looked at a way out: what she looked with, and what she saw. Never "clear"."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE)
    place_id = models.UUIDField(null=True)
    walk_id = models.UUIDField(null=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    how = models.CharField(max_length=20)
    saw = models.CharField(max_length=20)
    at = models.DateTimeField()
    decides = models.BooleanField(default=False, db_default=False)

    class Meta:
        """The latest of a place is asked for."""

        indexes: ClassVar = [models.Index(fields=["organisation_id", "site", "at"], name="look_site")]  # fmt: skip


class WalkPlan(Row):
    """How her walks go: what opens them, which places are looked at, the phrase that means *stay inside*. Hers."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE)
    at_start = models.BooleanField(default=True)
    at_end = models.BooleanField(default=True)
    timer_s = models.PositiveIntegerField(default=300)
    places = models.JSONField(default=list)
    phrase_sealed = models.BinaryField(null=True)
    offers = models.JSONField(default=dict)
    set_at = models.DateTimeField()


class Hold(Row):
    """One walk that a shift opened: held until somebody has looked, what she was told, and what she chose.

    `state` and `kind`: `rules/hold.py`. `shift_ends_at`: the shift's end, or its start for `arriving`. `looked_until`:
    how long the look counts. `missed_look`: nobody had looked when she went; the employer explains that, not she.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    case_id = models.UUIDField(null=True)
    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    kind = models.CharField(max_length=10)
    shift_ends_at = models.DateTimeField()
    state = models.CharField(max_length=10)
    opened_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    told_answered_at = models.DateTimeField(null=True)
    look_id = models.UUIDField(null=True)
    looked_by_id = models.UUIDField(null=True)
    looked_until = models.DateTimeField(null=True)
    walk_id = models.UUIDField(null=True)
    declined_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    missed_look = models.BooleanField(default=False)
    explained = models.CharField(max_length=20, default="", db_default="", blank=True)
    explained_by_id = models.UUIDField(null=True)
    explained_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    due_set_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """One a shift's end and kind."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "person", "kind", "shift_ends_at"],
                name="hold_once",
                condition=~models.Q(state="moved"),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="hold_due", condition=~models.Q(due_at=None))
        ]


class BlindSpot(Row):
    """One time in which something that protection rests on saw nothing. `rules/blind.py` says when that is.

    `subject_id`: a sender, a post, of briefings the site, of papers the case. `case` None: it is there for every case.
    """

    what = models.CharField(max_length=10)
    subject_id = models.UUIDField()
    site = models.ForeignKey(Site, on_delete=models.CASCADE)
    case = models.ForeignKey(Case, null=True, on_delete=models.CASCADE)
    because = models.CharField(max_length=12)
    since = models.DateTimeField()
    found_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    well_since = models.DateTimeField(null=True)
    back_at = models.DateTimeField(null=True)

    class Meta:
        """Open once a thing and case."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "what", "subject_id", "case"],
                name="blind_once",
                condition=models.Q(back_at=None),
                nulls_distinct=False,
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "back_at"], name="blind_shown")
        ]


class DeskCount(Row):
    """How often the desks of an organisation asked who somebody is, by day (UTC); not who asked, nor about whom."""

    on_date = models.DateField()
    checks = models.PositiveIntegerField(default=0)

    class Meta:
        """One row a day."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "on_date"], name="desk_count_day"),
        ]
