"""What does this installation have: its settings, keys, clock and ids? Read once for all pages."""

from functools import cache

from django.conf import settings as django_conf

from tocsin.runtime import keys
from tocsin.runtime.clock import WallClock
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import RandomIds
from tocsin.runtime.keys import Keys, watch_masters
from tocsin.runtime.settings import Settings


def settings() -> Settings:
    """Return the settings of this process."""
    found: Settings = django_conf.TOCSIN  # type: ignore[misc] # set by `configure`
    return found


@cache
def all_keys() -> Keys:
    """Return the keys of this installation."""
    return keys.load(settings().keys_dir)


@cache
def key_ring() -> KeyRing:
    """Return the ring that opens people's fields; it remembers the keys that it unwrapped."""
    return KeyRing(all_keys().masters, watch_masters(all_keys().directory))


@cache
def clock() -> WallClock:
    """Return the clock of this process."""
    return WallClock()


@cache
def ids() -> RandomIds:
    """Return the maker of identifiers."""
    return RandomIds()
