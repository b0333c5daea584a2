"""How is the sandbox carrier started? `python -m tocsin.carrier`, with the usual settings."""

import asyncio
import sys

from tocsin.carrier.server import Carrier
from tocsin.runtime.settings import SettingError, load
from tocsin.runtime.usable import refuse_unusable


def main() -> int:
    """Run the carrier; return 0 after a stop that was asked for, else say what is in the way."""
    try:
        settings = load()
        refuse_unusable(settings, "TOCSIN_RUN")
        asyncio.run(Carrier(settings).serve())
    except (SettingError, OSError) as problem:
        sys.stderr.write(f"carrier: {problem}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
