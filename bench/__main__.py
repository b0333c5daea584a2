"""Which benchmark was asked for? `run.py bench NAME ...`; without a name, what there is."""

import importlib
import signal
import sys
from pathlib import Path
from types import FrameType

HERE = Path(__file__).parent
NOT_BENCHES = {
    "__init__",
    "__main__",
    "workplace",
    "filling",
    "load",
    "sink",
    "floor",
    "wire",
    "product",
    "machine",
    "results",
    "made_up",
    "own_python",
    "plate_noise",
}


def main() -> int:
    """Run one benchmark and return its exit code."""
    names = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in NOT_BENCHES)
    if len(sys.argv) < 2 or sys.argv[1] not in names:
        sys.stderr.write(f"Usage: run.py bench NAME ...\nNAME: {', '.join(names)}\n")
        return 2
    # Told to stop, a benchmark still ends what it started and removes its folders; `serve` has its own way.
    signal.signal(signal.SIGTERM, _stop)
    run: int = importlib.import_module(f"bench.{sys.argv[1]}").main(sys.argv[2:])
    return run


def _stop(_number: int, _frame: FrameType | None) -> None:
    sys.exit(143)


if __name__ == "__main__":
    sys.exit(main())
