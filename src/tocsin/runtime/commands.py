"""What do the small commands of `tocsin` do?"""

import sys

from tocsin.runtime import keys as keys_module
from tocsin.runtime import postgres, prepare, settings


def keys(_arguments: list[str]) -> int:
    """Make the keys that are missing; returns 0, or 1 after saying which file is wrong."""
    try:
        keys_module.ensure(settings.load().keys_dir)
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
