"""Which tables hold what we decided, and what people did about it?"""

from typing import ClassVar

from django.db import models

from tocsin.registry.models import Case, Person, Row, Site


class Incident(Row):
    """Something that matters until people stand it down. `rules/incident.py` says what may happen to it.

    `progress` is the pure state that has no column of its own. `due_at` is the next thing that time does to
    it and `due_set_at` when that was decided: the wait left over is never more than their difference,
    however the machine's clock is stepped.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    walk_id = models.UUIDField(null=True)
    case_id = models.UUIDField(null=True)
    word = models.CharField(max_length=8)
    kind = models.CharField(max_length=20)
    is_drill = models.BooleanField()
    is_about_place = models.BooleanField(default=False, db_default=False)
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
                condition=models.Q(closed_at=None)
                & ~models.Q(kind__in=["proof", "gap", "look", "task", "task_due", "blind", "sees"])
                & models.Q(is_about_place=False),
            ),
            models.UniqueConstraint(
                fields=["organisation_id", "case_id"],
                name="incident_open_place",
                condition=models.Q(closed_at=None, is_about_place=True),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"], name="incident_due", condition=models.Q(closed_at=None)
            ),
            models.Index(fields=["organisation_id", "opened_at"], name="incident_opened"),
            models.Index(
                fields=["organisation_id", "walk_id"],
                name="incident_look",
                condition=models.Q(closed_at=None, kind="look"),
            ),
            models.Index(
                fields=["organisation_id", "case_id"],
                name="incident_case",
                condition=~models.Q(case_id=None),
            ),
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


class Safeguard(Row):
    """One measure that a fact opened: an owner, a deadline, evidence. `rules/safeguards.py` says what may happen to it.

    `state`: offered (touches her: hers to take or decline), open, prepared (waits to be released), done, declined,
    dropped. `event_id`: the fact that opened it. `incident_id`: set for the tasks of an incident.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    template = models.CharField(max_length=40)
    event = models.CharField(max_length=30)
    event_id = models.UUIDField()
    incident_id = models.UUIDField(null=True)
    touches_her = models.BooleanField()
    is_visible_step = models.BooleanField(default=False)
    state = models.CharField(max_length=12)
    owner_id = models.UUIDField(null=True)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    escalated_to_id = models.UUIDField(null=True)
    escalated_at = models.DateTimeField(null=True)
    paged_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by_id = models.UUIDField(null=True)
    evidence_sealed = models.BinaryField(null=True)

    class Meta:
        """One fact opens one of a kind."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "case", "template", "event_id"], name="safeguard_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"], name="safeguard_due", condition=models.Q(ended_at=None)
            ),
        ]


class SafeguardNotice(Row):
    """Somebody was told of a safeguard, once: `as_what` owner, manager (it is late), her (it is offered), duty (page)."""

    safeguard = models.ForeignKey(Safeguard, on_delete=models.CASCADE)
    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    as_what = models.CharField(max_length=10)
    at = models.DateTimeField()

    class Meta:
        """Told once."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "safeguard", "person", "as_what"],
                name="safeguard_notice_once",
            ),
        ]


class Release(Row):
    """When the visible steps against a colleague are released together: proposed by one, agreed by another.

    She agrees herself, or the safety lead records that she chose in person (`in_person`).
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    release_at = models.DateTimeField()
    planned_at = models.DateTimeField()
    planned_by_id = models.UUIDField()
    agreed_at = models.DateTimeField(null=True)
    agreed_by_id = models.UUIDField(null=True)
    in_person = models.BooleanField(default=False)
    withdrawn_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)

    class Meta:
        """One plan of a case at a time."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "case"],
                name="release_open",
                condition=models.Q(withdrawn_at=None, released_at=None),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["release_at"],
                name="release_due",
                condition=models.Q(withdrawn_at=None, released_at=None) & ~models.Q(agreed_at=None),
            ),
        ]


class Briefing(Row):
    """One person at one post is to read what the door knows of a case: asked, and read. A new version asks again."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    post_id = models.UUIDField(null=True)
    site_id = models.UUIDField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    version = models.PositiveIntegerField()
    asked_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        """Asked once a version."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "case", "person", "version"], name="briefing_once"
            ),
        ]


class RiskReview(Row):
    """Answers to a statutory set of questions. Hers: she may refuse, and delete it; never in the record's chain."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    question_set = models.CharField(max_length=40)
    version = models.CharField(max_length=20)
    asked_at = models.DateTimeField()
    asked_by_id = models.UUIDField()
    is_refused = models.BooleanField(default=False)
    answers_sealed = models.BinaryField(null=True)
    review_on = models.DateField(null=True)
