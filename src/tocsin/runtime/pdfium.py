"""Which dots are the first page of this PDF? PDF on standard input, PNG on standard output; a process of its own.

    python -I -m tocsin.runtime.pdfium

It ends with 0, or with the code that says why there is no picture (`drawing.Undrawn`). Before it looks at the PDF it gives
up what it could do harm with: no file and no connection can be opened any more, no process started, and memory, time and
what it writes are bounded. The only module that knows PDFium; nobody imports it.
"""

import ctypes
import os
import resource
import struct
import sys
import zlib
from collections.abc import Iterable
from typing import Final

import pypdfium2 as pdfium
from pypdfium2.raw import FPDF_ERR_PASSWORD

from tocsin.runtime.drawing import (
    DOTS_PER_INCH,
    DRAWN_BYTES,
    LONGER_SIDE_PX,
    MEMORY_BYTES,
    PROCESSOR_S,
    SIDE_PT,
    Undrawn,
)

_POINTS_PER_INCH: Final = 72
# Sides are rounded up: 1600.0000000000002 dots would be 1601.
_HAIR_LESS: Final = 1 - 1e-9
_PR_SET_DUMPABLE: Final = 4
_NOBODY: Final = 65_534
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_GREY: Final = 0
_RGB: Final = 2


def shut_in() -> None:
    """Give up everything but the two open files, some memory and some time; there is no way back.

    Fonts that are not in the PDF are then PDFium's own, the same on every machine.
    """
    if sys.platform == "linux":
        # A dump of this process would be the document, plain on disk.
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    bounds = {
        resource.RLIMIT_AS: MEMORY_BYTES,
        resource.RLIMIT_CPU: PROCESSOR_S,
        resource.RLIMIT_FSIZE: DRAWN_BYTES,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 0,
    }
    for what, most in bounds.items():
        _, already = resource.getrlimit(what)
        bound = most if already == resource.RLIM_INFINITY else min(most, already)
        resource.setrlimit(what, (bound, bound))
    if os.geteuid() == 0:
        # Root could lift every bound again.
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)


def draw(pdf: bytes) -> bytes | Undrawn:
    """Return the first page as a PNG, or why there is none. Broken, locked and empty PDFs are told apart."""
    try:
        document = pdfium.PdfDocument(pdf)
        # Before its page: else what was filled into a form is not drawn.
        document.init_forms()
        return _draw(document[0])
    except pdfium.PdfiumError as problem:
        is_locked = problem.err_code == FPDF_ERR_PASSWORD
        return Undrawn.LOCKED if is_locked else Undrawn.BROKEN


def _draw(page: pdfium.PdfPage) -> bytes | Undrawn:
    sides = page.get_size()
    least, most = SIDE_PT
    if not all(least <= side <= most for side in sides):
        return Undrawn.NO_PAPER
    scale = min(DOTS_PER_INCH / _POINTS_PER_INCH, LONGER_SIDE_PX / max(sides))
    return _png(page.render(scale=scale * _HAIR_LESS, rev_byteorder=True))


def _png(drawn: pdfium.PdfBitmap) -> bytes:
    """Return an RGB bitmap as a PNG; a page without colours as a grey one, a third of the size."""
    dots = memoryview(drawn.buffer).cast("B")
    rows = [
        bytes(dots[at : at + 3 * drawn.width])
        for at in range(0, drawn.height * drawn.stride, drawn.stride)
    ]
    kind = _RGB
    if all(row[0::3] == row[1::3] == row[2::3] for row in rows):
        kind, rows = _GREY, [row[0::3] for row in rows]
    head = struct.pack(">IIBBBBB", drawn.width, drawn.height, 8, kind, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    chunks: Iterable[bytes] = (_chunk(b"IHDR", head), _chunk(b"IDAT", body), _chunk(b"IEND", b""))
    return b"".join([_SIGNATURE, *chunks])


def _chunk(name: bytes, content: bytes) -> bytes:
    check = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)


def main() -> int:
    """Draw what standard input holds; return the code with which to end."""
    shut_in()
    drawn = draw(sys.stdin.buffer.read())
    if isinstance(drawn, Undrawn):
        return drawn
    sys.stdout.buffer.write(drawn)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
