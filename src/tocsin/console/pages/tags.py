"""How do templates show times, durations and words?"""

from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from django import template
from django.utils import dateformat
from django.utils.timesince import timesince
from django.utils.translation import get_language
from django.utils.translation import gettext as _

register = template.Library()

# The first that stands in what a browser says of itself: nearly all of them say Chrome and Safari too.
BROWSERS: Final = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS: Final = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"),
    ("Windows", "Windows"), ("Macintosh", "Mac"), ("Linux", "Linux"),
)  # fmt: skip
MEDIA: Final = {"image/png": "PNG", "image/jpeg": "JPEG", "application/pdf": "PDF"}


def worded(at: date, form: str) -> str:
    """Return a day or a time as `form` has it, in Django's letters, the month as the reader's language writes it.

    "27 Nov" and "27 November 2026" are "27 nov" and "27 de noviembre de 2026" in Spanish. Every page names days by this.
    """
    if (get_language() or "").startswith("es"):
        form = form.replace("j F Y", r"j \d\e F \d\e Y").replace("M", "b")
    return dateformat.format(at, form)


@register.filter("day")
def day_of(on: date | None) -> str:
    """Return a day for people: "27 Nov 2026"; "" for none."""
    return worded(on, "j M Y") if on else ""


@register.filter
def wall(at: datetime | None, zone: str = "UTC") -> str:
    """Return a time for people, in a site's zone and the reader's language: "Sun 22 Nov 23:58:07"; "" for none."""
    here = at.astimezone(ZoneInfo(zone)) if at else None
    return f"{worded(here, 'D j M H:i:s')}{_which(here)}" if here else ""


@register.simple_tag
def span(starts_at: datetime, ends_at: datetime | None, zone: str = "UTC") -> str:
    """Return from when until when something is planned, to the minute; the end's day if it is another one.

    Without an end it says from when. Where the clock is changed in between, both carry the clock's name.
    """
    begins = starts_at.astimezone(ZoneInfo(zone))
    said = worded(begins, "D j M H:i")
    if ends_at is None:
        return f"{said}{_which(begins)} –"
    ends = ends_at.astimezone(ZoneInfo(zone))
    day = "" if begins.date() == ends.date() else "D j M "
    until = worded(ends, day + "H:i")
    if begins.utcoffset() != ends.utcoffset():
        return f"{said} {begins.tzname()} – {until} {ends.tzname()}"
    return f"{said}{_which(begins)} – {until}{_which(ends)}"


@register.filter
def local_and_utc(at: datetime | None, zone: str = "UTC") -> str:
    """Return a time on the reader's clock and, last, in UTC: "Thu 26 Nov 21:36:07 CST · Fri 03:36"; "" for none.

    The template says "UTC" behind it. Of a site that keeps UTC there is one time only.
    """
    if at is None:
        return ""
    here, utc = at.astimezone(ZoneInfo(zone)), at.astimezone(UTC)
    if here.utcoffset() == utc.utcoffset():
        return wall(at)
    day = "" if here.date() == utc.date() else "D "
    return f"{worded(here, 'D j M H:i:s')} {here.tzname()} · {worded(utc, day + 'H:i')}"


@register.filter
def dated(at: datetime | None, zone: str = "UTC") -> str:
    """Return a time with its year and its clock's name: "9 Mar 2025 16:58 CDT"; "" for none."""
    here = at.astimezone(ZoneInfo(zone)) if at else None
    return f"{worded(here, 'j M Y H:i')} {here.tzname()}" if here else ""


@register.filter
def clock_time(at: datetime | None, zone: str = "UTC") -> str:
    """Return the time of day with seconds, in a site's zone; "" for none."""
    here = at.astimezone(ZoneInfo(zone)) if at else None
    return f"{here:%H:%M:%S}{_which(here)}" if here else ""


@register.filter
def seconds(ms: int | None) -> str:
    """Return milliseconds as "4.2 s"; a dash for none."""
    return "–" if ms is None else f"{ms / 1000:.1f} s"


@register.filter
def ago(at: datetime | None) -> str:
    """Return how long ago, in words; "" for none."""
    return _("%(time)s ago") % {"time": timesince(at)} if at else ""


@register.filter
def browser_words(agent: str) -> str:
    """Return which browser on which machine, of what it says of itself: "Chrome, Linux"; what is unknown says so."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return ", ".join(one for one in (browser, system) if one) or _("another program")


@register.filter
def media_word(media_type: str) -> str:
    """Return what people call this kind of file: "PDF"; one that we do not take stays as it is."""
    return MEDIA.get(media_type, media_type)


def _which(here: datetime) -> str:
    # In the night in which the clock is put back an hour comes twice; its name says which one is meant.
    is_twice = here.replace(fold=0).utcoffset() != here.replace(fold=1).utcoffset()
    return f" {here.tzname()}" if is_twice else ""
