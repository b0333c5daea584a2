"""What may be typed about something that happened to an order, about a house rule, and about another instant?"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tocsin.registry.forms_drafts import end_of_values, told_of_values
from tocsin.registry.forms_lines import MAX_LINE, YEAR, area_of_text, bytes_of, picture_of
from tocsin.registry.forms_orders import (
    GROUNDS,
    HER_WORDS,
    NOTICES,
    SOURCE_WORDS,
    day_field,
    refuse_contradictions,
    time_field,
)
from tocsin.registry.rules import paper
from tocsin.registry.rules.order import FactKind
from tocsin.registry.rules.order_amending import FactDraft
from tocsin.registry.rules.order_entry import UNSAID, Picture
from tocsin.registry.rules.wall_time import is_meant, latest

KINDS = (
    (FactKind.SERVED.value, _("He was served")),
    (FactKind.SERVICE_ATTEMPTED.value, _("Service was tried, he was not found")),
    (FactKind.TOLD_ORALLY.value, _("An officer told him")),
    (FactKind.IN_COURT.value, _("He was in court")),
    (FactKind.HEARING.value, _("There is a hearing")),
    (FactKind.CONTINUED.value, _("The hearing was put off (with a new end only if the court said so)")),
    (FactKind.MODIFIED.value, _("The court modified it")),
    (FactKind.RENEWED.value, _("The court renewed it until")),
    (FactKind.ENDS.value, _("Its end became known")),
    (FactKind.RECALLED.value, _("The court recalled it")),
    (FactKind.DISMISSED.value, _("The court dismissed it")),
    (FactKind.REINSTATED.value, _("The court reinstated it")),
    (FactKind.ISSUED.value, _("It was issued (put right)")),
    (FactKind.EFFECTIVE.value, _("It takes effect from (put right)")),
)  # fmt: skip


class FactForm(forms.Form):
    """Something that happened to an order."""

    kind = forms.ChoiceField(label=_("What happened"), choices=KINDS)
    when_on = day_field(_("On"))
    when_time = time_field(_("at"))
    ends_on = day_field(_("It ends on now"))
    ends_time = time_field(_("at"))
    has_open_end = forms.BooleanField(label=_("Until the court says otherwise"), required=False)
    source = forms.ChoiceField(label=_("How I know"), choices=SOURCE_WORDS, required=False)
    words = forms.CharField(label=_("In words"), required=False, max_length=MAX_LINE)

    def clean(self) -> dict[str, Any]:
        """Refuse an end and no end at once, and a time without its date: it would count from now."""
        values: dict[str, Any] = super().clean() or {}
        refuse_contradictions(self, values, ("when", "ends"))
        return values

    def draft(self, zone: ZoneInfo, here: ZoneInfo) -> FactDraft:
        """Return what a valid form says, by the court's clock; that he was told, by the later of it and ours."""
        values = self.cleaned_data
        kind = FactKind(values["kind"])
        return FactDraft(
            kind=kind,
            when=told_of_values(values, "when", kind, (zone, here)) or UNSAID,
            end=end_of_values(values, zone),
            source=values["source"] or SOURCE_WORDS[0][0],
            words=values["words"],
        )


class RetractForm(forms.Form):
    """What was said of an order is taken back."""

    retracts = forms.UUIDField(label=_("What is taken back"))
    words = forms.CharField(label=_("Why"), required=False, max_length=MAX_LINE)

    def draft(self) -> FactDraft:
        """Return what a valid form says."""
        retracts: UUID = self.cleaned_data["retracts"]
        return FactDraft(
            kind=FactKind.RETRACTED,
            retracts_id=retracts,
            words=self.cleaned_data["words"],
            source="other",
        )


class LookForm(forms.Form):
    """A second person has looked. `seen`: how many facts the page showed; nothing typed counts as none."""

    seen = forms.IntegerField(min_value=0, required=False)

    def shown(self) -> int:
        """Return how many facts were shown."""
        return (self.cleaned_data.get("seen") or 0) if self.is_valid() else 0


class RuleForm(forms.Form):
    """A house rule; its field names are those of the order's page."""

    rule_ground = forms.ChoiceField(label=_("Ground"), choices=GROUNDS)
    rule_days = forms.IntegerField(label=_("For how many days (90 at most)"), initial=30)
    rule_contest = forms.CharField(
        label=_("To whom he can write to contest it"), required=False, max_length=MAX_LINE
    )
    rule_notice = forms.ChoiceField(label=_("Notice to him"), choices=NOTICES)
    rule_reason = forms.CharField(
        label=_("Why he is not told yet"), required=False, max_length=MAX_LINE
    )
    rule_delay_days = forms.IntegerField(label=_("Told within how many days (14 at most)"), required=False, initial=7)  # fmt: skip


class HerWordForm(forms.Form):
    """What she says to an entry."""

    her_word = forms.ChoiceField(label=_("What she says to this entry"), choices=HER_WORDS, required=False)  # fmt: skip
    her_ground = forms.CharField(label=_("The ground, if she has not agreed"), required=False, max_length=MAX_LINE)  # fmt: skip


class AreaForm(forms.Form):
    """The area of a place that an order names and that is not ours."""

    area = forms.CharField(label=_("An area on a map (GeoJSON)"), widget=forms.Textarea(attrs={"rows": 2}))  # fmt: skip

    def __init__(self, *given: Any, metres: int | None = None, **more: Any) -> None:
        """`metres`: the distance that the order keeps him from the place."""
        super().__init__(*given, **more)
        self._metres = metres

    def clean_area(self) -> dict[str, Any]:
        """Return the area. Raises ValidationError: what is wrong with it, and where."""
        return area_of_text(str(self.cleaned_data["area"]), self._metres)


class PaperForm(forms.Form):
    """The document of an order."""

    document = forms.FileField(
        label=_("The document (PDF, PNG or JPEG, 6 MB)"), allow_empty_file=True
    )

    def clean_document(self) -> Picture:
        """Return the document; its type is what its bytes say."""
        raw = bytes_of(self.cleaned_data["document"], paper.MAX_DOCUMENT_BYTES) or b""
        kind = paper.kind_of(raw)
        if kind is None:
            raise ValidationError(_("This is no PDF, PNG or JPEG, whatever its name says."))
        return Picture(kind, raw)


class MaskForm(forms.Form):
    """The masked first page of a document; who gives it has looked at what is still to be read on it."""

    first_page = forms.FileField(
        label=_("Its first page, masked (PNG or JPEG)"), allow_empty_file=True
    )
    is_approved = forms.BooleanField(
        label=_("I have looked: no address, no child, no finding can be read on it")
    )

    def clean_first_page(self) -> Picture | None:
        """Return the picture without its side data."""
        return picture_of(self.cleaned_data["first_page"])


class InstantForm(forms.Form):
    """Another instant, and what was known when."""

    at = forms.CharField(label=_("At"), required=False, widget=forms.TextInput(attrs={"type": "datetime-local", "step": "1"}))  # fmt: skip
    known_at = forms.CharField(label=_("as we knew it at"), required=False, widget=forms.TextInput(attrs={"type": "datetime-local", "step": "1"}))  # fmt: skip

    def instants(self, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
        """Return both instants by this clock, None where nothing was typed. Raises ValidationError."""
        values: dict[str, Any] = self.cleaned_data
        return _instant(values["at"], zone), _instant(values["known_at"], zone)

    def clean_at(self) -> str:
        """Return the text, if it is an instant."""
        _instant(self.cleaned_data["at"], ZoneInfo("UTC"))
        return str(self.cleaned_data["at"])

    def clean_known_at(self) -> str:
        """Return the text, if it is an instant."""
        _instant(self.cleaned_data["known_at"], ZoneInfo("UTC"))
        return str(self.cleaned_data["known_at"])


def _instant(text: str, zone: ZoneInfo) -> datetime | None:
    if not text.strip():
        return None
    try:
        wall = datetime.fromisoformat(text.strip())
    except ValueError as problem:
        raise ValidationError(_("Write it like 2025-03-09T16:58.")) from problem
    if not is_meant(wall):
        raise ValidationError(YEAR)
    return wall.astimezone(UTC) if wall.tzinfo else latest(wall, zone)
