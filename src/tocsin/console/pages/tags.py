"""How do templates show times, durations and words?"""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils import dateformat
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def wall(at: datetime | None, zone: str = "UTC") -> str:
    """Return a time for people, in a site's zone and the reader's language: "Sun 22 Nov 23:58:07"; "" for none."""
    return dateformat.format(at.astimezone(ZoneInfo(zone)), "D j M H:i:s") if at else ""


@register.filter
def clock_time(at: datetime | None, zone: str = "UTC") -> str:
    """Return the time of day with seconds, in a site's zone; "" for none."""
    return at.astimezone(ZoneInfo(zone)).strftime("%H:%M:%S") if at else ""


@register.filter
def seconds(ms: int | None) -> str:
    """Return milliseconds as "4.2 s"; a dash for none."""
    return "–" if ms is None else f"{ms / 1000:.1f} s"


@register.filter
def ago(at: datetime | None) -> str:
    """Return how long ago, in words; "" for none."""
    return _("%(time)s ago") % {"time": timesince(at)} if at else ""
