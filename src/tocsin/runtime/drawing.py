"""What does the first page of a PDF look like? Drawn by a process of its own that can reach nothing.

A PDF is what a stranger wrote, read by a library in C: whatever it does there ends with that process (`pdfium.py`).
Neither the PDF nor the picture lies in a file: both are handed over in memory.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum, unique
from threading import BoundedSemaphore
from typing import Final

from tocsin.runtime.logs import get

DOTS_PER_INCH: Final = 150
"""Dots of a drawn page an inch, as long as that is not more than the next allows."""
LONGER_SIDE_PX: Final = 1600
"""Dots of its longer side at most; as many as `mask.js` keeps."""
SIDE_PT: Final = (72, 14_400)
"""Lowest and highest side of a page, 1/72 inch: an inch, and what ISO 32000-1 (annex C) allows."""
DRAWN_WITHIN_S: Final = 10.0
"""A page that is not drawn within this is not drawn."""
PROCESSOR_S: Final = 5
"""Of a processor's time the process that draws a page has so much."""
MEMORY_BYTES: Final = 512 * 1024 * 1024
"""Addresses of the process that draws a page: its program, its library, the PDF and the picture."""
DRAWN_BYTES: Final = 8 * 1024 * 1024
"""The largest picture of a page: every dot in a colour of its own."""
DRAWN_AT_ONCE: Final = 2
"""Pages drawn at once; whoever wants one more is told so."""

_turns: Final = BoundedSemaphore(DRAWN_AT_ONCE)
log = get(__name__)


@unique
class Undrawn(IntEnum):
    """Why there is no picture of a page; also the code with which the process that draws ends."""

    LOCKED = 10
    """It asks for a password."""
    BROKEN = 11
    """It cannot be read, or has no page."""
    NO_PAPER = 12
    """A side of its first page is outside of `SIDE_PT`."""
    HEAVY = 13
    """The process that drew it was ended by one of its bounds, or by itself."""
    BUSY = 14
    """Others have pages drawn."""


def first_page(pdf: bytes, *, within_s: float = DRAWN_WITHIN_S) -> bytes | Undrawn:
    """Return the first page of a PDF as a PNG of at most `LONGER_SIDE_PX`, or why there is none.

    What was drawn is one flat picture: no text, no layer, nothing under anything.
    """
    if not _turns.acquire(blocking=False):
        return Undrawn.BUSY
    try:
        return _drawn(pdf, within_s)
    except OSError as problem:
        # No memory or no process left just now; a picture of the page can still be given.
        log.warning("drawing.not_begun", problem=problem.strerror)
        return Undrawn.HEAVY
    finally:
        _turns.release()


def _drawn(pdf: bytes, within_s: float) -> bytes | Undrawn:
    with _in_memory("pdf", pdf) as given, _in_memory("page") as taken:
        code = _run(given, taken, within_s)
        if code == 0:
            return os.pread(taken, DRAWN_BYTES, 0)
    found = Undrawn(code) if code in list(Undrawn) else Undrawn.HEAVY
    # The code tells an operator a killed process (negative) from one that never began (1).
    log.info("drawing.undrawn", because=found.name, code=code)
    return found


def _run(given: int, taken: int, within_s: float) -> int | None:
    """Return the code of the process that draws, None if it took too long."""
    # It reads and writes memory, never a pipe: it waits for nobody, and ends by itself if we die.
    with subprocess.Popen(
        # Isolated, and told nothing: no setting, no key, no address of a database.
        [sys.executable, "-I", "-m", "tocsin.runtime.pdfium"],
        stdin=given,
        stdout=taken,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={},
        start_new_session=True,
    ) as drawing:
        try:
            return drawing.wait(within_s)
        except subprocess.TimeoutExpired:
            drawing.kill()
            return None


@contextmanager
def _in_memory(name: str, content: bytes = b"") -> Iterator[int]:
    """Yield a file that lies in memory and has no name in any folder, to be read from its beginning."""
    handle = os.memfd_create(name)
    try:
        with open(handle, "wb", closefd=False) as file:
            file.write(content)
        os.lseek(handle, 0, os.SEEK_SET)
        yield handle
    finally:
        os.close(handle)
