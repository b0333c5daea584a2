"""What does a custody notice say? A text in one of two known layouts in, one notice out; else None: a person reads it.

There is no published format and no interface (standards.md 7), so only what cannot mean anything else is read: lines
with labels, or the one sentence that names the person and what happened. Everything else, the service's own "we tell
you when the offender is released, transferred or escapes" among it, is not understood: nobody knows what it says.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final

from tocsin.signals.rules.custody import State

MAX_NOTICE: Final = 16_000
MAX_NAME: Final = 120
# The one sentence stands at the beginning; a longer search costs a hostile text a second.
MAX_SENTENCES: Final = 4_000
OLDEST: Final = timedelta(days=366)
FARTHEST: Final = timedelta(days=366)
# North American zones by their letters (hours from UTC); any other leaves the time open.
ZONES: Final = {
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9,
    "AKDT": -8, "HST": -10, "UTC": 0, "GMT": 0,
}  # fmt: skip
# What happened, as such services say it; what holds another one stands before it.
EVENTS: Final = (
    ("not in custody", State.RELEASED), ("out of custody", State.RELEASED), ("discharged", State.RELEASED),
    ("paroled", State.RELEASED), ("out on parole", State.RELEASED), ("out on bond", State.RELEASED),
    ("out on bail", State.RELEASED), ("sentence expired", State.RELEASED),
    ("unsupervised custody", State.LEAVE), ("work release", State.LEAVE), ("furlough", State.LEAVE),
    ("scheduled to be released", State.RELEASED), ("advance notice of release", State.RELEASED),
    ("advance notification of release", State.RELEASED), ("released from custody", State.RELEASED),
    ("release from custody", State.RELEASED), ("no longer in custody", State.RELEASED),
    ("released", State.RELEASED), ("release", State.RELEASED), ("bonded out", State.RELEASED),
    ("escaped from custody", State.ESCAPED), ("escaped", State.ESCAPED), ("escape", State.ESCAPED),
    ("transferred", State.TRANSFERRED), ("transfer", State.TRANSFERRED),
    ("returned to custody", State.HELD), ("return to custody", State.HELD), ("taken into custody", State.HELD),
    ("in custody", State.HELD), ("booked", State.HELD), ("arrested", State.HELD),
    ("custody status unknown", State.UNKNOWN), ("unknown", State.UNKNOWN),
)  # fmt: skip
_TAKES_BACK: Final = re.compile(r"\b(?:not|never|denied|cancel\w*|error|test)\b")
_IS_COMING: Final = ("scheduled", "advance")
_SERVICE: Final = re.compile(r"\bVINE(?:Link)?\b|\bcustody (?:status )?notif", re.IGNORECASE)
_LABEL: Final = re.compile(
    r"^\s*(?P<label>offender(?: name)?|inmate(?: name)?|name|offender id|inmate id|booking (?:number|id)"
    r"|facility|agency|location|event|status|custody status|change|date|date and time|effective)\s*:\s*(?P<value>.+?)\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_SENTENCE: Final = re.compile(
    r"(?P<name>[^\W\d_][\w .,'\u2019-]{1,118}?),?\s+\(?(?:offender|inmate|booking)\s*(?:id|no\.?|number|#)?\s*:?\s*"
    r"(?P<number>[A-Z0-9-]{3,20})\)?,?\s+(?:was|is|has been|has)\s+(?P<what>[a-z ]{4,40}?)(?:\s+from\s+custody)?"
    # "is scheduled to be released": no place begins with "be".
    r"(?:\s+(?:from(?!\s+custody)|by|at|to(?!\s+be\b)|in)\s+(?:the\s+)?(?P<place>[^\n]{3,120}?))?"
    r"(?:\s+on\s+(?P<when>[^\n]{6,60}?))?\s*\.(?:\s|$)",
    re.IGNORECASE,
)
_DATE: Final = re.compile(
    r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})"
    r"(?:,?\s+(?:at\s+)?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2})?(?:\s*(?P<half>[AP]\.?M\.?))?)?"
    r"(?:\s+(?P<zone>[A-Z]{3,4}))?\s*",
    re.IGNORECASE,
)
_PIN: Final = re.compile(r"\b(?:PIN|confirm (?:this|receipt)|reply (?:YES|Y|1))\b", re.IGNORECASE)
_NAMES: Final = ("offender", "offender name", "inmate", "inmate name", "name")
_NUMBERS: Final = ("offender id", "inmate id", "booking number", "booking id")
_PLACES: Final = ("facility", "agency", "location")
_WHAT: Final = ("event", "status", "custody status", "change")
_WHEN: Final = ("date", "date and time", "effective")


@dataclass(frozen=True, slots=True)
class Notice:
    """What a notice says. `true_at` None: it gives no time with a zone, so it counts from when it was heard.

    `asks_to_be_answered`: it wants her PIN or a reply. That is hers alone: an answer stops the service's calls.
    """

    state: State
    name: str
    number: str
    place: str
    true_at: datetime | None
    asks_to_be_answered: bool


def is_notice(text: str) -> bool:
    """Return whether this may be a custody notice at all: it names such a service."""
    return bool(_SERVICE.search(text[:MAX_NOTICE]))


def read_notice(text: str, heard_at: datetime) -> Notice | None:
    """Return what the notice says, or None if it is in no known layout or could mean two things."""
    text = text[:MAX_NOTICE]
    if not is_notice(text):
        return None
    said = _labelled(text) or _sentence(text)
    if said is None:
        return None
    what = _event(said["what"])
    if what is None:
        return None
    state, is_coming = what
    return Notice(
        state=state,
        name=" ".join(said["name"].split())[:MAX_NAME],
        number=said["number"],
        place=" ".join(said["place"].split())[:MAX_NAME],
        true_at=_true_at(said["when"], heard_at, is_coming=is_coming),
        asks_to_be_answered=bool(_PIN.search(text)),
    )


def _labelled(text: str) -> dict[str, str] | None:
    found: dict[str, list[str]] = {}
    for match in _LABEL.finditer(text):
        label = " ".join(match["label"].casefold().split())
        found.setdefault(label, []).append(match["value"])
    said = {
        "name": _one(found, _NAMES),
        "number": _one(found, _NUMBERS),
        "place": _one(found, _PLACES),
        "what": _one(found, _WHAT),
        "when": _one(found, _WHEN),
    }
    if any(value is None for value in said.values()) or not said["name"] or not said["what"]:
        return None
    return {name: value or "" for name, value in said.items()}


def _one(found: dict[str, list[str]], labels: tuple[str, ...]) -> str | None:
    """Return the one value of these labels, "" if there is none, None if they differ: two things are no answer."""
    values = {value.casefold(): value for label in labels for value in found.get(label, ())}
    return None if len(values) > 1 else next(iter(values.values()), "")


def _sentence(text: str) -> dict[str, str] | None:
    matches = list(_SENTENCE.finditer(" ".join(text.split())[:MAX_SENTENCES]))
    if len(matches) != 1:
        return None
    found = {name: value or "" for name, value in matches[0].groupdict().items()}
    # The name is what stands after the last full stop: "This is VINE. REX NOTREAL, offender ID ...".
    found["name"] = re.split(r"[.:!]\s+", found["name"])[-1].strip(" ,")
    return found


def _event(what: str) -> tuple[State, bool] | None:
    plain = " ".join(what.casefold().replace("-", " ").split())
    said = set()
    rest = plain
    for words, state in EVENTS:
        if re.search(rf"\b{words}\b", rest):
            said.add(state)
            rest = re.sub(rf"\b{words}\b", " ", rest)
    # Looked for in what is left: "not in custody" is a release, "not released" is none.
    if len(said) != 1 or _TAKES_BACK.search(rest):
        return None
    return said.pop(), any(word in plain for word in _IS_COMING)


def _true_at(text: str, heard_at: datetime, *, is_coming: bool) -> datetime | None:
    """Return when it is true; None unless date, zone and sense are beyond doubt. Only a release may lie ahead."""
    match = _DATE.match(text.strip())
    zone = ZONES.get((match["zone"] or "").upper()) if match else None
    if match is None or zone is None:
        return None
    hour = int(match["hour"] or 0)
    half = (match["half"] or "").replace(".", "").upper()
    if half:
        hour = hour % 12 + (12 if half == "PM" else 0)
    try:
        at = datetime(
            int(match["year"]),
            int(match["month"]),
            int(match["day"]),
            hour,
            int(match["minute"] or 0),
            tzinfo=timezone(timedelta(hours=zone)),
        )
    except ValueError:
        return None
    latest = heard_at + FARTHEST if is_coming else heard_at
    return at.astimezone(heard_at.tzinfo) if heard_at - OLDEST <= at <= latest else None
