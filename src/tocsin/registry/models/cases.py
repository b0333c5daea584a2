"""Which tables hold the orders, the respondents, and who may know of them?

A *case* is everything held about one protected person and one respondent. Its personal fields are sealed under a
key of its own (`CaseKey`), so that destroying that key erases it. Row-level security on every table here lets nobody read
who is a party on the other side (`runtime/row_security.py`, `protect_case`).
"""

from typing import ClassVar

from django.db import models

from tocsin.registry.models.workplace import Person, Place, Post, Row, Site


class Case(Row):
    """One protected person and one respondent. `word` is what it is called where its names must not be said.

    `protected` None: a trespass notice that protects a place. `colleague`: the respondent, if he works here.
    `released_at` None: the visible steps against a colleague are prepared only; until then quiet watch. `*_asked_*`: what
    somebody asked for that a second person has to agree to. `no_notices_at`: since when she wants no notice of whom we tell.
    """

    word = models.CharField(max_length=8)
    protected = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    colleague = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    respondent_sealed = models.BinaryField()
    opened_at = models.DateTimeField()
    opened_by_id = models.UUIDField()
    release_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    legal_hold_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    erase_on = models.DateField(null=True)
    erased_at = models.DateTimeField(null=True)
    advocate_id = models.UUIDField(null=True)
    no_notices_at = models.DateTimeField(null=True)
    hold_lift_asked_by_id = models.UUIDField(null=True)
    hold_lift_asked_at = models.DateTimeField(null=True)
    advocate_asked_id = models.UUIDField(null=True)
    advocate_asked_by_id = models.UUIDField(null=True)
    advocate_asked_at = models.DateTimeField(null=True)
    erase_asked_on = models.DateField(null=True)
    erase_asked_by_id = models.UUIDField(null=True)
    erase_asked_at = models.DateTimeField(null=True)

    class Meta:
        """The word names one case of an organisation."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "word"], name="case_word"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "protected"], name="case_protected"),
        ]


class CaseKey(Row):
    """The case's data key, wrapped by a key that is not in the database; deleting it erases the case's data."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE)
    wrapped = models.BinaryField()


class Party(Row):
    """Who learns nothing of a case: the respondent, or an account linked to him (no reason is recorded)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    added_by_id = models.UUIDField(null=True)
    unlink_asked_by_id = models.UUIDField(null=True)
    unlink_asked_at = models.DateTimeField(null=True)
    unlinked_by_id = models.UUIDField(null=True)

    class Meta:
        """Once in a case at a time: whoever was let in again can be shut out once more."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "case", "person"],
                condition=models.Q(until=None),
                name="party_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "person"], name="party_person")
        ]


class Grant(Row):
    """Who may read a case, and until when. `kind`: entered, granted, break_glass.

    `granted` counts only once a second person agreed; `break_glass` ends after 60 minutes and tells `told_id` at once.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    kind = models.CharField(max_length=20)
    reason_sealed = models.BinaryField(null=True)
    asked_at = models.DateTimeField()
    asked_by_id = models.UUIDField()
    agreed_at = models.DateTimeField(null=True)
    agreed_by_id = models.UUIDField(null=True)
    told_id = models.UUIDField(null=True)
    until_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by_id = models.UUIDField(null=True)

    class Meta:
        """Looked up for every row of a case that is read."""

        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "case", "person"], name="grant_case")
        ]


class Reading(Row):
    """One look into a case, written before it was answered. `why`: herself, entered, granted, break_glass."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    person_id = models.UUIDField()
    what = models.CharField(max_length=40)
    why = models.CharField(max_length=20)
    grant_id = models.UUIDField(null=True)
    read_at = models.DateTimeField()

    class Meta:
        """Shown to her, the newest first."""

        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "case", "read_at"], name="reading_case")
        ]


class ProtectionOrder(Row):
    """One order of a court, or what acts like one. What happened to it, and when, are its facts.

    `body_sealed`: JSON of court, docket, petitioner, protected people, terms, stay-away places that are not ours.
    `stay_away`: JSON list of {"site": id} or {"place": id}, each with "metres". `conditions`: national codes 01 to 09.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    family = models.CharField(max_length=30)
    court_time_zone = models.CharField(max_length=60)
    conditions = models.JSONField(default=list)
    stay_away = models.JSONField(default=list)
    has_firearm_mark = models.BooleanField(default=False)
    is_mutual = models.BooleanField(default=False)
    body_sealed = models.BinaryField()
    supersedes = models.ForeignKey("self", null=True, on_delete=models.PROTECT)
    entered_at = models.DateTimeField()
    entered_by_id = models.UUIDField()
    review_due_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by_id = models.UUIDField(null=True)
    review_asked_at = models.DateTimeField(null=True)
    review_told_at = models.DateTimeField(null=True)

    class Meta:
        """Read with its case; unreviewed ones are looked for."""

        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "case"], name="order_case"),
            models.Index(
                fields=["review_due_at"],
                name="order_unreviewed",
                condition=models.Q(reviewed_at=None),
            ),
        ]


class OrderFact(Row):
    """One thing that happened to an order, as one source told it: never changed, only retracted by a later one.

    When it was true (`true_at`, or `local_date` where only a date is known, in the court's time zone), and when we
    heard it (`heard_at`). `body_sealed`: JSON of what belongs to it (a new end, a new place, the words of an officer).
    `reviewed_at`: when a second person looked at it, if it was told after the look at the entry.
    """

    order = models.ForeignKey(ProtectionOrder, on_delete=models.CASCADE)
    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    kind = models.CharField(max_length=30)
    true_at = models.DateTimeField(null=True)
    local_date = models.DateField(null=True)
    heard_at = models.DateTimeField()
    heard_by_id = models.UUIDField(null=True)
    source = models.CharField(max_length=40)
    retracts_id = models.UUIDField(null=True)
    body_sealed = models.BinaryField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by_id = models.UUIDField(null=True)
    review_asked_at = models.DateTimeField(null=True)
    review_told_at = models.DateTimeField(null=True)

    class Meta:
        """Read with its order, as known at an instant."""

        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "order", "heard_at"], name="orderfact_order")
        ]


class OrderDraft(Row):
    """An order that could not be taken yet, as it was typed: sealed under the key of who types it, and only hers."""

    author = models.ForeignKey(Person, on_delete=models.CASCADE)
    typed_sealed = models.BinaryField()
    changed_at = models.DateTimeField()


class OrderDocument(Row):
    """The paper of an order. `first_page_sealed`: its first page with addresses, children and findings masked."""

    order = models.ForeignKey(ProtectionOrder, on_delete=models.CASCADE)
    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    content_sealed = models.BinaryField()
    first_page_sealed = models.BinaryField(null=True)
    first_page_type = models.CharField(max_length=40, default="", blank=True)
    first_page_by_id = models.UUIDField(null=True)
    added_at = models.DateTimeField()
    added_by_id = models.UUIDField()


class HouseRule(Row):
    """The employer's own exclusion: owner, ground, notice or a reasoned delay of it, a contact, an end within 90 days."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    sites = models.JSONField(default=list)
    owner_id = models.UUIDField()
    ground = models.CharField(max_length=40)
    notice = models.CharField(max_length=20)
    notice_due_at = models.DateTimeField(null=True)
    notice_told_at = models.DateTimeField(null=True)
    notice_led_at = models.DateTimeField(null=True)
    contest_sealed = models.BinaryField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    made_at = models.DateTimeField()
    made_by_id = models.UUIDField()
    lift_asked_by_id = models.UUIDField(null=True)
    lift_asked_at = models.DateTimeField(null=True)
    lifted_by_id = models.UUIDField(null=True)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        """No endless exclusion."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="house_rule_ends_after_start",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "case"], name="house_rule_case")
        ]


class DoorEntry(Row):
    """What the door needs of a case and no more: whom to know, what to do, whom to call. Never the reasons.

    `match_sealed`: JSON of names, born_on, phones, badges, plates (with region), to match by. `photo_sealed`: his
    photograph, for a person to compare. `sites`: ids where it stands; empty is everywhere. `informs`: ids of other sites, where it
    only informs. `places`: ids of single places
    where it stands although it stands at none of their sites: a colleague's car park.
    """

    case = models.OneToOneField(Case, on_delete=models.CASCADE)
    match_sealed = models.BinaryField()
    photo_sealed = models.BinaryField(null=True)
    photo_type = models.CharField(max_length=40, default="", blank=True)
    instruction = models.CharField(max_length=40)
    sites = models.JSONField(default=list)
    informs = models.JSONField(default=list, db_default=[])
    places = models.JSONField(default=list, db_default=[])
    version = models.PositiveIntegerField(default=1)
    is_active = models.BooleanField(default=True)
    updated_at = models.DateTimeField()
    lower_asked_by_id = models.UUIDField(null=True)
    lower_asked_at = models.DateTimeField(null=True)
    lowered_by_id = models.UUIDField(null=True)
    lowered_at = models.DateTimeField(null=True)


class DoorState(Row):
    """How many changes there were to what an organisation's doors match by; triggers count, nobody writes it."""

    generation = models.PositiveBigIntegerField(default=0)

    class Meta:
        """One of an organisation."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id"], name="door_state"),
        ]


class DoorPage(Row):
    """The first page of an order as a guard may open it for police: typed from the fields, or masked by who entered it.

    No address, no child, no finding. Read only by who has written down, a moment ago, that she opens it.
    """

    case = models.OneToOneField(Case, on_delete=models.CASCADE)
    typed_sealed = models.BinaryField()
    picture_sealed = models.BinaryField(null=True)
    picture_type = models.CharField(max_length=40, default="", blank=True)
    made_at = models.DateTimeField()


class DoorChange(Row):
    """At which count a case's door entry or key changed last; triggers write it. The case may be gone."""

    case_id = models.UUIDField()
    generation = models.PositiveBigIntegerField()

    class Meta:
        """One of a case; looked up by what is newer than a count."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "case_id"], name="door_change_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "generation"], name="door_change_since")
        ]


class FleetVehicle(Row):
    """A vehicle of the employer: who has its keys may come in it."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE)
    name = models.CharField(max_length=60)
    plate = models.CharField(max_length=20)
    region = models.CharField(max_length=10, default="", blank=True)

    class Meta:
        """Names are unique inside a site."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "site", "name"], name="fleet_name"),
        ]


class FleetKey(Row):
    """Who has the keys of a vehicle."""

    vehicle = models.ForeignKey(FleetVehicle, on_delete=models.CASCADE)
    person = models.ForeignKey(Person, on_delete=models.CASCADE)

    class Meta:
        """Once."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "vehicle", "person"], name="fleet_key"
            ),
        ]


class Sender(Row):
    """A machine that reports: a badge reader, a plate reader, a tracker, a feed. It may only add.

    `key_sealed`: what signs its messages, under the machine's own key. `case`: a monitor that a court ordered.
    `person`: her own device. Silent for two intervals, it is blind. `dropped_count`: positions that came while they
    were nobody's business, of which nothing was kept. `revoked_by_id`: who shut it out (`runtime/his_machines.py`).
    """

    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=30)
    site = models.ForeignKey(Site, null=True, on_delete=models.CASCADE)
    place = models.ForeignKey(Place, null=True, on_delete=models.SET_NULL)
    post = models.ForeignKey(Post, null=True, on_delete=models.SET_NULL)
    case = models.ForeignKey(Case, null=True, on_delete=models.CASCADE)
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE)
    key_sealed = models.BinaryField()
    interval_s = models.PositiveIntegerField(default=300)
    settings = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by_id = models.UUIDField(null=True)
    heard_at = models.DateTimeField(null=True)
    silent_said_at = models.DateTimeField(null=True)
    dropped_count = models.PositiveBigIntegerField(default=0, db_default=0)

    class Meta:
        """Names are unique inside an organisation."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "name"], name="sender_name"),
        ]
