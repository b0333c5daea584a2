"""What may be typed about a machine that reports, and what is said when it cannot be taken?"""

from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tocsin.registry.rules.rows import SiteRow
from tocsin.registry.rules.sender import (
    LEAST_INTERVAL_S,
    MAX_FAULT,
    MAX_SENDER_NAME,
    MAX_TOPIC,
    MOST_INTERVAL_S,
    USUAL_FAULT,
    USUAL_INTERVAL_S,
    Proof,
    SenderKind,
    SenderRow,
)

KIND_WORDS: Final = {
    SenderKind.PLATE_RECOGNIZER: _("Plate reader: Plate Recognizer Stream"),
    SenderKind.REKOR: _("Plate reader: Rekor Scout (OpenALPR)"),
    SenderKind.FRIGATE: _("Plate reader: Frigate, over MQTT"),
    SenderKind.BADGE: _("Badge reader or access control"),
    SenderKind.VISITOR_LIST: _("Visitor system"),
    SenderKind.CONTACT: _("Telephone or mail system (who called or wrote)"),
    SenderKind.OWNTRACKS: _("Monitor that a court ordered, OwnTracks"),
    SenderKind.OSMAND: _("Monitor that a court ordered, OsmAnd or Traccar"),
    SenderKind.SIGNED_JSON: _("Another system, signed JSON"),
}
PROOF_WORDS: Final = {
    "": _("the usual one of its kind"),
    Proof.SIGNATURE: _("a signature over each message (best)"),
    Proof.BASIC: _("its key as a password (HTTP Basic)"),
    Proof.TOKEN: _("its key in a header"),
}
PROBLEMS: Final = {
    "case": _("There is no such case here, or this kind belongs to none."),
    "name": _("Another sender has this name, or it is missing or too long."),
    "site": _("Where does it stand?"),
    "interval_s": _("From 30 seconds to a day."),
    "topic": _("Frigate needs one topic without # and +; other kinds but OwnTracks have none."),
    "kind": _("There is no such kind."),
}


class SenderForm(forms.Form):
    """A machine that reports."""

    kind = forms.ChoiceField(label=_("What is it?"), choices=list(KIND_WORDS.items()))
    name = forms.CharField(
        label=_("Name, as people here call it"),
        max_length=MAX_SENDER_NAME,
        required=False,
        help_text=_("A monitor gets a name of its own, which says nothing."),
    )
    where = forms.ChoiceField(label=_("Where does it stand?"), required=False)
    case = forms.CharField(
        label=_("Its case, by its word"),
        max_length=8,
        required=False,
        help_text=_("Only for a monitor that a court ordered: nobody else's position is taken."),
    )
    interval_s = forms.IntegerField(
        label=_("Seconds between its signs of life"),
        initial=USUAL_INTERVAL_S,
        min_value=LEAST_INTERVAL_S,
        max_value=MOST_INTERVAL_S,
        help_text=_(
            "Silent for twice as long, the protection that rests on it is blind, and people are told."
        ),
    )
    proof = forms.ChoiceField(
        label=_("How does it prove who it is?"), choices=list(PROOF_WORDS.items()), required=False
    )
    topic = forms.CharField(
        label=_("Topic at the broker"),
        max_length=MAX_TOPIC,
        required=False,
        help_text=_(
            "Frigate: its prefix, usually frigate. OwnTracks over MQTT: owntracks/name/phone."
        ),
    )
    device = forms.CharField(label=_("Device number it must name"), max_length=64, required=False)
    fault = forms.CharField(
        label=_("What the badge reader shows when a card cannot be read"),
        max_length=MAX_FAULT,
        required=False,
    )

    def __init__(self, *arguments: Any, places: list[tuple[str, str]], **named: Any) -> None:
        """Offer the sites and posts as (value, words)."""
        super().__init__(*arguments, **named)
        self.fields["where"].choices = [("", "–"), *places]  # type: ignore[attr-defined]
        # Put together here, in the language of who reads it; above it would be for all in the first one's.
        said = gettext("A badge that is to be refused gets exactly this. Usually: %(usual)s")
        self.fields["fault"].help_text = said % {"usual": USUAL_FAULT}

    def sender(self) -> SenderRow:
        """Return what was typed; ids are given later."""
        values = self.cleaned_data
        site_id, post_id = place_of(values["where"])
        said = {name: values[name].strip() for name in ("proof", "topic", "device", "fault")}
        return SenderRow(
            id=UUID(int=0),
            organisation_id=UUID(int=0),
            name=values["name"].strip(),
            kind=values["kind"],
            site_id=site_id,
            post_id=post_id,
            interval_s=values["interval_s"],
            settings={name: value for name, value in said.items() if value},
        )


def place_words(sites: list[tuple[SiteRow, list[tuple[UUID, str]]]]) -> list[tuple[str, str]]:
    """Return what a select offers: each site, and each of its posts."""
    found = []
    for site, posts in sites:
        found.append((str(site.id), site.name))
        found += [(f"{site.id}:{post_id}", f"{site.name}, {name}") for post_id, name in posts]
    return found


def place_of(text: str) -> tuple[UUID | None, UUID | None]:
    """Return (site, post) of one of `place_words`; it was one of the choices, so it can be read."""
    site, _colon, post = text.partition(":")
    return UUID(site) if site else None, UUID(post) if post else None
