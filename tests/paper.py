"""How does a PDF look, written by hand? One page, a few objects, nothing that the test does not say."""

import zlib
from collections.abc import Sequence

LETTER = (612, 792)


def stream(content: bytes, about: bytes = b"") -> bytes:
    """Return an object that holds bytes."""
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (about, len(content), content)


def of_objects(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """Return a PDF of these objects, numbered from 1, which is its root."""
    parts, places, at = [b"%PDF-1.4\n"], [], 9
    for number, content in enumerate(objects, 1):
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, content))
        places.append(b"%010d 00000 n \n" % at)
        at += len(parts[-1])
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    end = b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n"
    return b"".join([*parts, head, *places, end % (len(places) + 1, trailer, at)])


def pdf(*lines: str, size: tuple[float, float] = LETTER, drawn: bytes = b"", image: bytes = b"", trailer: bytes = b"") -> bytes:  # fmt: skip
    """Return a PDF of one page: lines of 24 points from its top left, then what `drawn` says, with an image `/I`."""
    said = b" ".join(b"(%s) '" % line.encode() for line in lines)
    text = b"BT /F 24 Tf 30 TL 72 %f Td %s ET " % (size[1] - 60, said)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %f %f]/Contents 4 0 R/Resources" % size
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        page + b"<</Font<</F 5 0 R>>/XObject<</I 6 0 R>>>>>>",
        stream(zlib.compress(text + drawn), b"/Filter/FlateDecode"),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        image or b"null",
    ]
    return of_objects(objects, trailer)


def picture(dots: bytes, wide: int, high: int) -> bytes:
    """Return an image in three colours for a page."""
    about = (
        b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8"
    )
    return stream(zlib.compress(dots), about % (wide, high) + b"/Filter/FlateDecode")


def locked() -> bytes:
    """Return a PDF that asks for a password (RC4 of 40 bits, and nobody knows which)."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>",
        b"<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>" % (b"11" * 32, b"22" * 32),
    ]
    return of_objects(objects, b"/Encrypt 4 0 R/ID[<00><00>]")


def without_pages() -> bytes:
    """Return a PDF that has no page."""
    return of_objects([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"])


def endless() -> bytes:
    """Return a small PDF whose page would be drawn for minutes: one large image, very often."""
    image = picture(bytes(3 * 1500 * 1500), 1500, 1500)
    return pdf(drawn=b"q 600 0 0 780 0 0 cm /I Do Q " * 20_000, image=image)
