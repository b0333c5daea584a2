"""What does `tocsin keys` do?

tocsin keys             make the keys that are missing
tocsin keys rotate      replace the master key; everybody may go on working
"""

import sys

import psycopg

from tocsin.engine.snapshotting import seal_anew
from tocsin.flow.rotate_keys import StillOpen, rotate_keys
from tocsin.runtime import commands, kept_mail, keys, postgres, settings
from tocsin.runtime.database import connect
from tocsin.runtime.encryption import DecryptionRefused, KeyRing

WRONG_USE = 2


def main(arguments: list[str]) -> int:
    """Run one of the two; returns 0, 1 after saying what was wrong, 2 for another word."""
    if not arguments:
        return commands.keys(arguments)
    if arguments != ["rotate"]:
        sys.stderr.write("Usage: tocsin keys [rotate]\n")
        return WRONG_USE
    config = settings.load()
    try:
        found = keys.load(config.keys_dir)
        with (
            postgres.running(config),
            connect(config, "engine") as engine,
            connect(config, "web") as web,
        ):
            # Not before the database is there: a new key, of which nobody has a copy, would seal what comes meanwhile.
            if len(found.masters) == 1:
                found = keys.rotate_master(config.keys_dir)
            ring = KeyRing(found.masters)
            done = rotate_keys(engine, web, ring)
        # Else an engine that starts without its database in the next half minute would know nobody to call.
        seal_anew(config.spool_dir, ring)
        kept_mail.seal_anew(config.data_dir, ring)
        retired = keys.retire_masters(config.keys_dir)
    except StillOpen:
        sys.stderr.write(
            "A transaction has been open since before the rotation; the old key stays. Run it again, and back up the"
            " keys as they are: the new one is in use.\n"
        )
        return 1
    except (keys.KeyProblem, DecryptionRefused, psycopg.Error, OSError) as problem:
        sys.stderr.write(f"tocsin keys rotate: {problem}\n")
        return 1
    sys.stderr.write(
        f"{done.keys} keys, {done.fields} fields and {done.factors} second factors are closed with the new master"
        f" key; {retired} old one is not needed any more and was taken out. Back up the keys now;"
        " a backup of the database from before opens only with the old ones.\n"
    )
    return 0
