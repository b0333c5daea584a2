"""How does the supervisor run in these tests? Over sample parts."""

import sys
from pathlib import Path

from tocsin.runtime import settings
from tocsin.runtime.parts import Part, SupervisorError
from tocsin.runtime.supervisor import Supervisor

PARTS = {
    "gate": Part("gate", "tests.runtime.sample_gate", needs_database=False, longest_pause_s=0.5),
    "engine": Part("engine", "tests.runtime.sample_engine", needs_database=True, longest_pause_s=2),
    "standing": Part(
        "engine",
        "tests.runtime.sample_engine",
        needs_database=True,
        longest_pause_s=2,
        stands_by=True,
    ),
    "broken": Part("broken", "tests.runtime.no_such", needs_database=False, longest_pause_s=0.1),
}


def main(names: list[str]) -> int:
    """Run the named parts until told to stop; the tables count as up to date."""
    config = settings.load()
    config.keys_dir.mkdir(parents=True, exist_ok=True)
    (Path(config.keys_dir) / "device-public.txt").touch()
    parts = [PARTS[name] for name in names]
    try:
        Supervisor(config, parts=parts, bring_up_to_date=lambda: None).run()
    except SupervisorError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
