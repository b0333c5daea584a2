"""Which tables hold who and where?

Only for migrations and forms: every query is in `store.py`. Fields named `*_sealed` are ciphertext under
the person's own key (`runtime/encryption.py`); `*_index` are keyed digests to find a row by.
"""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser
from django.db import models

from tocsin.runtime.ids import uuid7


class Row(models.Model):
    """What every table of every stage begins with."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation_id = models.UUIDField()

    class Meta:
        """No table of its own."""

        abstract = True


class Organisation(models.Model):
    """One employer on this installation; `secret` names nothing of it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(unique=True, max_length=60)
    name = models.CharField(max_length=120)
    made_at = models.DateTimeField()


class Site(Row):
    """A place of work: its time zone, the address a call-taker needs, its outline.

    `his_record`: what somebody has written who is kept from one who works there; it stands on his screens only
    (`runtime/his_callers.py`).
    """

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=40, default="workplace")
    time_zone = models.CharField(max_length=60)
    address = models.JSONField(default=dict)
    psap = models.JSONField(default=dict)
    outline = models.JSONField(null=True, blank=True)
    his_record = models.JSONField(null=True)

    class Meta:
        """Names are unique inside an organisation."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "name"], name="site_name"),
        ]


class Place(Row):
    """A named part of a site: a door, a car park, a room, a way."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=40)
    geometry = models.JSONField(null=True, blank=True)

    class Meta:
        """Names are unique inside a site."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "site", "name"], name="place_name"),
        ]


class Post(Row):
    """A place where somebody stands watch; without a guard the shift lead is the post."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE)
    name = models.CharField(max_length=120)
    is_staffed = models.BooleanField(default=True)

    class Meta:
        """Names are unique inside a site."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "site", "name"], name="post_name"),
        ]


class Person(Row):
    """Somebody who works here, or is looked after.

    `his_record`: what somebody who is kept from her has written; it stands on his screens only (`runtime/his_people.py`).
    `made_by_id`, `made_at`: who entered her, and when.
    """

    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT)
    staff_number = models.CharField(max_length=40)
    name_sealed = models.BinaryField()
    short_name_sealed = models.BinaryField()
    role = models.CharField(max_length=40)
    language = models.CharField(max_length=10, default="en")
    manager = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL)
    is_active = models.BooleanField(default=True)
    his_record = models.JSONField(null=True)
    made_by_id = models.UUIDField(null=True)
    made_at = models.DateTimeField(null=True)

    class Meta:
        """The staff number finds a person in an import."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "staff_number"], name="person_staff_number"
            ),
        ]


class PersonKey(Row):
    """The person's data key, wrapped by a key that is not in the database; deleting it erases her data."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE)
    wrapped = models.BinaryField()


class Team(Row):
    """People who are called together."""

    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.CASCADE)
    name = models.CharField(max_length=120)
    is_rostered = models.BooleanField(default=True, db_default=True)

    class Meta:
        """Names are unique inside an organisation."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "name"], name="team_name"),
        ]


class TeamMember(Row):
    """One person in one team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE)
    person = models.ForeignKey(Person, on_delete=models.CASCADE)

    class Meta:
        """Once in a team."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "team", "person"], name="team_member"
            ),
        ]


class ContactMethod(Row):
    """One way to reach a person. Only a verified, unrevoked one is used.

    `in_vain`: somebody who is kept from her has `vouched` for it, or has `written` it down. His screens show it as he
    left it, everybody else's as not verified; to what he wrote nothing is ever sent. `his_...`: what he made of a way
    that others wrote; it stands on his screens only (`runtime/in_vain.py`). `made_by_id`: who wrote it down, and
    `confirmed_by_id`: who stood for it afterwards (`runtime/his_making.py`). `is_gone`: its push service ended it.
    `removed_by_id` and `ruled_by_id`: who removed it, and who but its owner wrote its hours last; `rule_before`: those that
    stood before (`runtime/his_ways.py`).
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    channel = models.CharField(max_length=20)
    address_sealed = models.BinaryField()
    address_index = models.BinaryField(null=True)
    secret_sealed = models.BinaryField(null=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_work = models.BooleanField(default=True)
    safe_rule = models.JSONField(default=dict)
    verified_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    in_vain = models.CharField(max_length=10, default="", db_default="")
    device_id = models.UUIDField(null=True)
    his_position = models.PositiveSmallIntegerField(null=True)
    his_safe_rule = models.JSONField(null=True)
    his_revoked_at = models.DateTimeField(null=True)
    made_by_id = models.UUIDField(null=True)
    confirmed_by_id = models.UUIDField(null=True)
    is_maker_unknown = models.BooleanField(default=False, db_default=False)
    is_gone = models.BooleanField(default=False, db_default=False)
    removed_by_id = models.UUIDField(null=True)
    ruled_by_id = models.UUIDField(null=True)
    rule_before = models.JSONField(null=True)

    class Meta:
        """Found by the person (to call her) and by the address (to know who wrote)."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "channel", "address_index"],
                name="contact_address",
                condition=models.Q(revoked_at=None),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "person"], name="contact_person")
        ]


class EmergencyContact(Row):
    """A relative or friend; some must never be told and never be given her place.

    Only `colleague_id` keeps a colleague out; `asked_colleague_id` is one whom a supervisor wrote down, and who waits for
    her yes.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    name_sealed = models.BinaryField()
    address_sealed = models.BinaryField()
    relation = models.CharField(max_length=60)
    language = models.CharField(max_length=10, default="", db_default="")
    colleague_id = models.UUIDField(null=True)
    added_by_id = models.UUIDField(null=True)
    asked_colleague_id = models.UUIDField(null=True)
    removal_asked_by_id = models.UUIDField(null=True)
    never_notify = models.BooleanField(default=False)
    never_give_location = models.BooleanField(default=True)


class Device(Row):
    """A phone or button that may raise; it reads nothing. `his_revoked_at`: revoked on the screens of who is kept from her."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    label = models.CharField(max_length=60)
    enrolled_at = models.DateTimeField()
    enrolled_by_id = models.UUIDField(null=True)
    revoked_at = models.DateTimeField(null=True)
    in_vain = models.BooleanField(default=False, db_default=False)
    his_revoked_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by_id = models.UUIDField(null=True)


class CodePair(Row):
    """Both codes of a person, as one digest each under her key; which is which is inside the ciphertext."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE)
    pair_sealed = models.BinaryField()
    set_at = models.DateTimeField()
    wrong_count = models.PositiveSmallIntegerField(default=0)


class Enrolment(Row):
    """One QR code: for one person, used once, good for ten minutes."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    secret_digest = models.BinaryField()
    made_by_id = models.UUIDField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Account(AbstractBaseUser):
    """A staff member's sign-in. Carries nothing that names a person but the login chosen for it.

    `made_by_id`: who chose its password last, and `made_at` when; `confirmed_by_id`: who has seen since that it is hers.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation_id = models.UUIDField()
    person = models.OneToOneField(Person, on_delete=models.CASCADE)
    login = models.CharField(max_length=80, unique=True)
    is_active = models.BooleanField(default=True)
    in_vain = models.BooleanField(default=False, db_default=False)
    made_by_id = models.UUIDField(null=True)
    made_at = models.DateTimeField(null=True)
    confirmed_by_id = models.UUIDField(null=True)
    is_maker_unknown = models.BooleanField(default=False, db_default=False)

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar = []


class Loosening(Row):
    """A change that leaves people with less than before; it is made when a second person agrees (I17)."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE)
    what = models.CharField(max_length=20)
    body = models.JSONField()
    reasons = models.JSONField(default=list)
    asked_at = models.DateTimeField()
    asked_by_id = models.UUIDField()
    decided_at = models.DateTimeField(null=True)
    decided_by_id = models.UUIDField(null=True)
    is_agreed = models.BooleanField(null=True)

    class Meta:
        """The open ones of a site are shown, and nobody agrees with himself."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(decided_by_id=None)
                | models.Q(is_agreed=False)
                | ~models.Q(decided_by_id=models.F("asked_by_id")),
                name="loosening_takes_two",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["organisation_id", "site"],
                name="loosening_open",
                condition=models.Q(decided_at=None),
            ),
        ]


class EscalationPolicy(Row):
    """Who is called when, in seconds; a running incident keeps the version it began with."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE)
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=120)
    body = models.JSONField()
    made_at = models.DateTimeField()
    made_by_id = models.UUIDField(null=True)

    class Meta:
        """One policy of a kind for a site."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "site", "kind"], name="policy_kind"),
        ]
