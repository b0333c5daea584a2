"""What do the small commands of `tocsin` do?"""

import sys

from tocsin.runtime import doorbell, postgres, prepare, settings
from tocsin.runtime import keys as keys_module
from tocsin.runtime.usable import refuse_unusable


def keys(_arguments: list[str]) -> int:
    """Make the keys that are missing; returns 0, or 1 after saying which file is wrong.

    Raises SettingError for a folder that cannot be used.
    """
    config = settings.load()
    refuse_unusable(config, "TOCSIN_KEYS")
    try:
        keys_module.ensure(config.keys_dir)
    except (keys_module.KeyProblem, OSError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


def migrate(_arguments: list[str]) -> int:
    """Bring the tables up to date; starts the embedded PostgreSQL for it if need be."""
    config = settings.load()
    prepare.ensure_keys(config)
    with postgres.running(config):
        prepare.bring_up_to_date(config)
    return 0


def release(_arguments: list[str]) -> int:
    """Let an engine go that holds what is old after a restore; returns 1 if no engine listens."""
    try:
        rung = doorbell.Sender(settings.load().run_dir, doorbell.ENGINE).ring(doorbell.RELEASE)
    except OSError:
        rung = False
    if not rung:
        sys.stderr.write("No engine listens; start Tocsin first (`tocsin up`).\n")
        return 1
    sys.stderr.write("The engine was told to let go: what is due goes out now.\n")
    return 0
