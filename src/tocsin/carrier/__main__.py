"""How is the sandbox carrier started? `python -m tocsin.carrier`, with the usual settings."""

import asyncio
import sys

from tocsin.carrier.server import Carrier
from tocsin.runtime.settings import SettingError, load


def main() -> int:
    """Run the carrier; return 0 after a stop that was asked for, else say what is in the way."""
    try:
        carrier = Carrier(load())
        asyncio.run(carrier.serve())
    except (SettingError, OSError) as problem:
        sys.stderr.write(f"carrier: {problem}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
