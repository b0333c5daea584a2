"""What may be typed of an order, and what is said at which field when it cannot be taken?

The page follows the usual first page of such orders. Nothing is mandatory that is not needed, and whatever cannot be
taken stays in the draft as it was typed.
"""

from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from tocsin.registry.forms_lines import (
    MAX_LINE,
    DayField,
    MetresField,
    WallTimeField,
    area_of_text,
    bytes_of,
    e164_of,
    lines_of,
    other_of,
    picture_of,
    place_of,
    plate_of,
)
from tocsin.registry.forms_typed import check_name
from tocsin.registry.rules import paper
from tocsin.registry.rules.conditions import CONDITIONS
from tocsin.registry.rules.document import MAX_TEXT
from tocsin.registry.rules.door import (
    MAX_ADDRESSES,
    MAX_BADGES,
    MAX_NAMES,
    MAX_PHONES,
    MAX_PLATES,
    KnownPlate,
)
from tocsin.registry.rules.house_rule import Ground, Notice
from tocsin.registry.rules.order import FactKind, Family
from tocsin.registry.rules.order_document import (
    MAX_ELSEWHERE,
    MAX_PROTECTED,
    Elsewhere,
    ProtectedPerson,
)
from tocsin.registry.rules.order_entry import NOT_HERE, SOURCES, Picture, has_name_of
from tocsin.registry.rules.typed import is_zeros

# What a description or a caution says is masked by nobody: it stands on the first page as it was typed.
AS_TYPED: Final = _("A guard shows this to police as it is typed: no address, no child and no finding of the court here.")  # fmt: skip
HER_WORDS: Final = (
    ("", _("She has not been asked yet")),
    ("wants", _("She wants it entered")),
    ("told", _("She has been told that it is entered, and on which ground")),
    ("objects", _("She does not want it; it is entered on the ground below, and she has been told before")),
)  # fmt: skip
FAMILIES: Final = (
    (Family.TEMPORARY.value, _("Temporary order (until a hearing)")),
    (Family.FINAL.value, _("Final order (after a hearing)")),
    (Family.NO_CONTACT.value, _("Criminal no-contact order")),
    (Family.DIVORCE.value, _("Restraining order in a divorce")),
    (Family.WORKPLACE.value, _("Workplace injunction, asked for by the employer")),
    (Family.TRESPASS.value, _("Trespass notice (no court)")),
    (Family.BAIL.value, _("Condition of bail or of a monitor")),
)
NOTICE_WORDS: Final = (
    ("", _("Not known")),
    (FactKind.SERVED.value, _("Served")),
    (FactKind.IN_COURT.value, _("He was in court when it was issued")),
    (FactKind.TOLD_ORALLY.value, _("An officer told him")),
    (FactKind.SERVICE_ATTEMPTED.value, _("Tried, not found")),
)
SOURCE_WORDS: Final = (
    (SOURCES[0], _("The document lies before me")),
    (SOURCES[1], _("The court told me")),
    (SOURCES[2], _("The police told me")),
    (SOURCES[3], _("She told me")),
    (SOURCES[4], _("Her advocate told me")),
    (SOURCES[5], _("Somebody else")),
)
GROUNDS: Final = (
    (Ground.ORDER.value, _("An order of a court")),
    (Ground.THREAT.value, _("A threat")),
    (Ground.INCIDENT.value, _("Something that happened here")),
    (Ground.ACCESS_WITHDRAWN.value, _("He does not work here any more")),
    (Ground.TRESPASS.value, _("He came though he was told not to")),
    (Ground.SAFETY_PLAN.value, _("A safety plan")),
)
NOTICES: Final = (
    (Notice.DELAYED.value, _("He is not told yet, for the reason below")),
    (Notice.TO_BE_GIVEN.value, _("He is to be told")),
    (Notice.GIVEN.value, _("He has been told")),
)


def day_field(label: Any) -> DayField:
    """Return a field for a date."""
    return DayField(label=label, required=False, widget=forms.TextInput(attrs={"type": "date"}))


def time_field(label: Any) -> WallTimeField:
    """Return a field for a time of day."""
    return WallTimeField(
        label=label, required=False, widget=forms.TextInput(attrs={"type": "time"})
    )


def _words(label: Any, rows: int = 2, hint: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=MAX_TEXT,
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def _line(label: Any, hint: Any = "") -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=MAX_LINE, help_text=hint)


def _file(label: Any, hint: Any = "") -> forms.FileField:
    return forms.FileField(label=label, required=False, help_text=hint, allow_empty_file=True)


def refuse_contradictions(form: forms.Form, values: dict[str, Any], times: tuple[str, ...]) -> None:
    """Say at its field that there is an end and none, or a time without its date. `times`: the fields by their first word."""
    if values.get("has_open_end") and values.get("ends_on"):
        form.add_error("ends_on", _("It cannot have an end and none."))
    for name in times:
        if values.get(f"{name}_time") and not values.get(f"{name}_on"):
            form.add_error(f"{name}_on", _("There is a time without its date."))


class KnownForm(forms.Form):
    """What more is known of him; empty fields say nothing, and nothing is taken away by it."""

    aliases = _words(_("Another name he uses"), 2, _("One a line."))
    respondent_born_on = day_field(_("His date of birth"))
    description = _words(_("How to know him"), 2, format_lazy("{} {}", _("Height, hair, glasses, marks. Not race, origin or religion."), AS_TYPED))  # fmt: skip
    photo = _file(_("Photograph (PNG or JPEG)"))
    phones = _words(_("His telephone numbers"), 2, _("One a line, with the country: +1 …"))
    addresses = _words(_("His e-mail addresses and accounts"), 2, _("One a line, to the letter; capitals count for nothing."))  # fmt: skip
    badges = _words(_("His badge numbers"), 2, _("One a line."))
    plates = _words(_("Plates of vehicles he uses"), 2, _("One a line; after a comma the state or country."))  # fmt: skip
    vehicles = _line(_("Vehicles, in words"))

    def clean_aliases(self) -> tuple[str, ...]:
        """Return his other names."""
        names = lines_of(self.cleaned_data["aliases"], MAX_NAMES - 1)
        for name in names:
            check_name(name)
        return names

    def clean_addresses(self) -> tuple[str, ...]:
        """Return his addresses and accounts, as they were typed."""
        return lines_of(self.cleaned_data["addresses"], MAX_ADDRESSES)

    def clean_badges(self) -> tuple[str, ...]:
        """Return the numbers of his badges."""
        badges = lines_of(self.cleaned_data["badges"], MAX_BADGES)
        if any(map(is_zeros, badges)):
            raise ValidationError(_("A badge of zeros alone matches nobody: readers show it for a card that they cannot read."))  # fmt: skip
        return badges

    def clean_phones(self) -> tuple[str, ...]:
        """Return his numbers in E.164."""
        return tuple(e164_of(line) for line in lines_of(self.cleaned_data["phones"], MAX_PHONES))

    def clean_plates(self) -> tuple[KnownPlate, ...]:
        """Return the plates; one without a letter or digit is none."""
        return tuple(plate_of(line) for line in lines_of(self.cleaned_data["plates"], MAX_PLATES))

    def clean_photo(self) -> Picture | None:
        """Return the photograph without its side data."""
        return picture_of(self.cleaned_data["photo"])


class OrderForm(KnownForm):
    """An order, in the order of its first page."""

    protected = forms.ChoiceField(label=_("Whom it protects"), required=False)
    her_word = forms.ChoiceField(label=_("What she says to this entry"), choices=HER_WORDS, required=False)  # fmt: skip
    her_ground = _line(_("The ground, if she has not agreed"))
    others = _words(_("Others it protects"), 2, _("One a line: name, date of birth, the word child for a child."))  # fmt: skip
    colleague = forms.ChoiceField(label=_("He works here: who"), required=False)
    respondent_name = _line(_("Whom it restrains: name"))
    aliases = _words(_("Other names he uses"), 2, _("One a line."))
    relation = _line(_("How he stands to her"))
    family = forms.ChoiceField(label=_("What it is"), choices=FAMILIES)
    court = _line(_("Court"))
    docket = _line(_("Case or docket number"))
    petitioner = _line(_("Who asked for it, if not she"))
    court_time_zone = forms.CharField(label=_("The court's time zone"), max_length=60, help_text=_("Times are by its clock; when he was told, by the later of its clock and ours."))  # fmt: skip
    issued_on = day_field(_("Issued on"))
    issued_time = time_field(_("at"))
    effective_on = day_field(_("In effect from, if later"))
    effective_time = time_field(_("at"))
    ends_on = day_field(_("Ends on"))
    ends_time = time_field(_("at"))
    has_open_end = forms.BooleanField(label=_("Until the court says otherwise"), required=False)
    hearing_on = day_field(_("Hearing on"))
    hearing_time = time_field(_("at"))
    notice = forms.ChoiceField(label=_("Does he know of it"), choices=NOTICE_WORDS, required=False)
    notice_on = day_field(_("When he was told or served"))
    notice_time = time_field(_("at"))
    conditions = forms.MultipleChoiceField(
        label=_("What it forbids"),
        choices=[(code, format_lazy("{} {}", code, _(words))) for code, words in CONDITIONS.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("There is no condition %(value)s: the codes are 01 to 09.")},
    )  # fmt: skip
    away_from = forms.MultipleChoiceField(
        label=_("Stay away from"), required=False, widget=forms.CheckboxSelectMultiple
    )
    away_metres = MetresField(label=_("How far from these"), required=False, help_text=_("100 m, 500 ft, 200 yards"))  # fmt: skip
    away_her_metres = MetresField(label=_("How far from her, wherever she is"), required=False)
    elsewhere = _words(_("Other places (home, school)"), 2, _("One a line; after a comma the distance. Nobody at a door sees them."))  # fmt: skip
    # What a map draws is longer than what people type; its own bound is in `rules/geojson.py`.
    elsewhere_area = forms.CharField(label=_("An area on a map (GeoJSON)"), required=False, widget=forms.Textarea(attrs={"rows": 2}))  # fmt: skip
    has_firearm_mark = forms.BooleanField(label=_("He may not have weapons (firearm mark)"), required=False)  # fmt: skip
    caution = _line(_("Caution: weapons, threats, what he has said"), AS_TYPED)
    is_mutual = forms.BooleanField(label=_("It restrains both (mutual)"), required=False)
    terms = _words(_("Terms in words"), 3)
    findings = _words(_("Findings of the court"), 2, _("Nobody at a door sees them."))
    document = _file(_("The document (PDF, PNG or JPEG, 6 MB)"))
    first_page = _file(_("Its first page, masked (PNG or JPEG)"), _("With addresses, children and findings covered. Without it a guard shows police a page typed from these fields."))  # fmt: skip
    source = forms.ChoiceField(label=_("How I know"), choices=SOURCE_WORDS, required=False)
    supersedes = forms.ChoiceField(label=_("It replaces"), required=False, help_text=_("A criminal no-contact order or a condition of bail does not end an order of another court: it stands beside it."))  # fmt: skip
    supersedes_at_once = forms.BooleanField(label=_("at once, not only when he is served"), required=False)  # fmt: skip
    linked = forms.MultipleChoiceField(
        label=_("Who else learns nothing (no reason is kept)"), required=False
    )
    advocate = forms.ChoiceField(label=_("Whom she wants told when somebody is let into this case"), required=False)  # fmt: skip
    with_rule = forms.BooleanField(label=_("House rule: he is not admitted, as of now"), required=False)  # fmt: skip
    rule_ground = forms.ChoiceField(label=_("Ground"), choices=GROUNDS, required=False)
    rule_days = forms.IntegerField(label=_("For how many days (90 at most)"), required=False, initial=30)  # fmt: skip
    rule_contest = _line(_("To whom he can write to contest it"))
    rule_notice = forms.ChoiceField(label=_("Notice to him"), choices=NOTICES, required=False)
    rule_reason = _line(_("Why he is not told yet"))
    rule_delay_days = forms.IntegerField(label=_("Told within how many days (14 at most)"), required=False, initial=7)  # fmt: skip

    def __init__(
        self, *arguments: Any, choices: dict[str, list[tuple[str, str]]], **named: Any
    ) -> None:
        """Offer the people, sites, places and orders of `choices`, by field."""
        super().__init__(*arguments, **named)
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]

    def clean_respondent_name(self) -> str:
        """Return his name, if it can be one; whoever works here needs none."""
        name = str(self.cleaned_data["respondent_name"]).strip()
        if name:
            check_name(name)
        return name

    def clean_court_time_zone(self) -> str:
        """Return the zone's name if the time-zone database has it."""
        name = str(self.cleaned_data["court_time_zone"]).strip()
        try:
            ZoneInfo(name)
        except (KeyError, OSError, ValueError) as problem:
            raise ValidationError(
                _("There is no such time zone; like America/Chicago.")
            ) from problem
        return name

    def clean_others(self) -> tuple[ProtectedPerson, ...]:
        """Return the others it protects."""
        return tuple(
            other_of(line) for line in lines_of(self.cleaned_data["others"], MAX_PROTECTED)
        )

    def clean_elsewhere(self) -> tuple[Elsewhere, ...]:
        """Return the places that are not ours."""
        return tuple(
            place_of(line) for line in lines_of(self.cleaned_data["elsewhere"], MAX_ELSEWHERE)
        )

    def clean_elsewhere_area(self) -> dict[str, Any] | None:
        """Return the drawn area, or None."""
        text = str(self.cleaned_data["elsewhere_area"]).strip()
        if not text:
            return None
        # The distance of the only place that is named is the area's too (`forms_drafts.py`).
        named: tuple[Elsewhere, ...] = self.cleaned_data.get("elsewhere", ())
        return area_of_text(text, named[0].metres if len(named) == 1 else None)

    def clean_first_page(self) -> Picture | None:
        """Return the masked page without its side data; a PDF keeps what lies under the boxes."""
        return picture_of(self.cleaned_data["first_page"])

    def clean_document(self) -> Picture | None:
        """Return the document."""
        raw = bytes_of(self.cleaned_data["document"], paper.MAX_DOCUMENT_BYTES)
        if raw is None:
            return None
        kind = paper.kind_of(raw)
        if kind is None:
            raise ValidationError(_("This is no PDF, PNG or JPEG, whatever its name says."))
        return Picture(kind, raw)

    def clean(self) -> dict[str, Any]:
        """Refuse an end and no end at once, and a time without its date."""
        values: dict[str, Any] = super().clean() or {}
        if self._is_namesake(values):
            self.add_error("colleague", _("Somebody of this name works here. Say whether it is he: whoever works here learns nothing of it only if you do."))  # fmt: skip
        if self._is_second() and not values.get("supersedes"):
            self.add_error("supersedes", _("Say whether it takes the place of an order that is entered, or stands beside it."))  # fmt: skip
        refuse_contradictions(self, values, ("issued", "effective", "ends", "hearing", "notice"))
        return values

    def _is_namesake(self, values: dict[str, Any]) -> bool:
        typed, people = values.get("respondent_name"), self.fields["colleague"].choices  # type: ignore[attr-defined]
        if not typed or values.get("colleague"):
            return False
        return any(has_name_of(typed, str(name)) for one, name in people if one not in {"", NOT_HERE})  # fmt: skip

    def _is_second(self) -> bool:
        # Nothing is usual here: what is preset would end an order without anybody's having said so.
        return len(self.fields["supersedes"].choices) > 1  # type: ignore[attr-defined]
