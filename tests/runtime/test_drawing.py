"""Is the first page of a PDF drawn as it is, and does whatever a stranger's PDF does end with the process that draws?"""

import random
import signal
import struct
import subprocess
import sys
import threading
import zlib
from pathlib import Path

import pytest

from tests import paper
from tests.paper import pdf
from tocsin.registry.rules.paper import MAX_DOCUMENT_BYTES, PNG, bare, kind_of
from tocsin.runtime import drawing
from tocsin.runtime.drawing import Undrawn, first_page

BLACK, WHITE = b"\0", b"\xff"


def size_of(png: bytes) -> tuple[int, int]:
    """Return width and height in dots."""
    wide, high = struct.unpack_from(">II", png, 16)
    return wide, high


def dots_of(png: bytes) -> bytes:
    """Return the dots row by row, a byte each in a page without colours, three in one with."""
    wide, high = size_of(png)
    per_dot = 3 if png[25] == 2 else 1
    (length,) = struct.unpack_from(">I", png, 33)
    raw = zlib.decompress(png[41 : 41 + length])
    step = 1 + wide * per_dot
    return b"".join(raw[at + 1 : at + step] for at in range(0, high * step, step))


def drawn(document: bytes) -> bytes:
    """Return the picture; fail with the reason if there is none."""
    found = first_page(document)
    assert isinstance(found, bytes), found
    return found


def in_there(script: str) -> subprocess.CompletedProcess[str]:
    """Run a script where a PDF is drawn, shut in as that process is."""
    begin = (
        "import os, resource, socket, sys\nfrom tocsin.runtime.pdfium import shut_in\nshut_in()\n"
    )
    command = [sys.executable, "-I", "-c", begin + script]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


# --- what is drawn --------------------------------------------------------------------------------


def test_the_page_is_a_png_with_the_words_as_dots_and_nothing_beside_them() -> None:
    page = drawn(pdf("TEMPORARY ORDER", "1 Example Road"))
    assert kind_of(page) == PNG
    assert bare(page) == page
    assert b"Example" not in page
    assert set(dots_of(page)) >= {0, 255}


def test_other_words_are_other_dots() -> None:
    one, other = drawn(pdf("1 Example Road")), drawn(pdf("2 Example Road"))
    assert size_of(one) == size_of(other)
    assert dots_of(one) != dots_of(other)


def test_colours_stay_and_a_page_without_them_takes_a_third() -> None:
    red = drawn(pdf(drawn=b"1 0 0 rg 0 0 612 792 re f"))
    assert (red[25], dots_of(red)[:6]) == (2, b"\xff\0\0" * 2)
    black = drawn(pdf(drawn=b"0 0 612 792 re f"))
    assert (black[25], dots_of(black)[:6]) == (0, BLACK * 6)


def test_of_a_scan_of_600_dots_an_inch_the_page_is_drawn() -> None:
    scan = paper.picture(bytes(3 * 5100 * 6600), 5100, 6600)
    page = drawn(pdf(drawn=b"612 0 0 792 0 0 cm /I Do", image=scan))
    assert set(dots_of(page)) == {0}


def test_what_was_filled_into_a_form_and_what_was_stamped_on_it_is_drawn() -> None:
    look = paper.stream(b"0 0 300 40 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 300 40]")
    form = (
        b"<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(W)/Rect[50 600 350 640]/F 4/AP<</N 5 0 R>>>>"
    )
    stamp = b"<</Type/Annot/Subtype/Stamp/Rect[50 400 350 440]/F 4/AP<</N 5 0 R>>>>"
    page = drawn(
        paper.of_objects(
            [
                b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>",
                b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
                b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Annots[4 0 R 6 0 R]>>",
                form,
                look,
                stamp,
            ]
        )
    )
    wide, high = size_of(page)
    dots, per_dot = dots_of(page), 3 if page[25] == 2 else 1
    at = [(high * (792 - y) // 792 * wide + wide * 200 // 612) * per_dot for y in (620, 420, 500)]
    assert [dots[place : place + 1] for place in at] == [BLACK, BLACK, WHITE]


# --- how large ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "dots"),
    [((612, 792), (1237, 1600)), ((595, 842), (1131, 1600)), ((432, 288), (900, 600)),
     ((768, 480), (1600, 1000)), ((769, 480), (1600, 999)), ((480, 14_400), (54, 1600))],
)  # fmt: skip
def test_a_page_has_150_dots_an_inch_and_never_more_than_1600_on_its_longer_side(
    points: tuple[int, int], dots: tuple[int, int]
) -> None:
    assert size_of(drawn(pdf(size=points))) == dots


@pytest.mark.parametrize("size", [(72, 72), (14_400, 14_400), (72, 14_400)])
def test_a_page_from_an_inch_to_200_inches_is_drawn(size: tuple[int, int]) -> None:
    assert max(size_of(drawn(pdf(size=size)))) <= 1600


@pytest.mark.parametrize("size", [(71, 72), (72, 71), (14_401, 72), (72, 14_401), (0, 0)])
def test_a_page_beyond_that_is_no_paper(size: tuple[int, int]) -> None:
    # One that says nothing is a letter for PDFium.
    expected = (1237, 1600) if size == (0, 0) else Undrawn.NO_PAPER
    found = first_page(pdf(size=size))
    assert (size_of(found) if isinstance(found, bytes) else found) == expected


def test_the_largest_picture_that_can_come_of_a_page_fits() -> None:
    noise = random.Random(1).randbytes(3 * 1600 * 1600)
    document = pdf(size=(768, 768), drawn=b"768 0 0 768 0 0 cm /I Do", image=paper.picture(noise, 1600, 1600))  # fmt: skip
    page = drawn(document)
    assert size_of(page) == (1600, 1600)
    assert 3 * 1600 * 1600 < len(page) <= drawing.DRAWN_BYTES


# --- what is not drawn ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (paper.locked(), Undrawn.LOCKED),
        (paper.without_pages(), Undrawn.BROKEN),
        (b"%PDF-1.7 the paper", Undrawn.BROKEN),
        (b"", Undrawn.BROKEN),
        (pdf("cut off")[:200], Undrawn.BROKEN),
        # Five seconds of a processor: that it is given no more is asked by day, below.
        pytest.param(paper.endless(), Undrawn.HEAVY, marks=pytest.mark.night),
    ],
    ids=["locked", "without a page", "only called a PDF", "nothing", "cut off", "endless"],
)
def test_what_cannot_be_drawn_says_why(document: bytes, why: Undrawn) -> None:
    assert len(document) < MAX_DOCUMENT_BYTES
    assert first_page(document) is why


def test_a_pdf_that_unpacks_to_more_than_the_memory_is_not_drawn() -> None:
    lines = b"0 0 m 612 792 l 100 3 l f\n" * 4_000_000
    bomb = pdf(drawn=lines)
    assert len(bomb) < MAX_DOCUMENT_BYTES
    assert first_page(bomb) is Undrawn.HEAVY


def test_what_takes_longer_than_its_time_is_ended_and_leaves_no_process() -> None:
    children = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    before = children.read_text()
    assert first_page(pdf("in time"), within_s=0.0) is Undrawn.HEAVY
    assert children.read_text() == before


def test_where_no_process_can_be_started_it_says_so_and_the_next_page_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as without:
        without.setattr(sys, "executable", "/nowhere/python")
        assert first_page(pdf("nobody draws")) is Undrawn.HEAVY
    assert isinstance(first_page(pdf("drawn")), bytes)


def test_two_pages_are_drawn_at_once_and_a_third_waits_for_nobody() -> None:
    assert drawing._turns.acquire(blocking=False)
    try:
        assert isinstance(first_page(pdf("the second")), bytes)
        assert drawing._turns.acquire(blocking=False)
        try:
            assert first_page(pdf("the third")) is Undrawn.BUSY
        finally:
            drawing._turns.release()
    finally:
        drawing._turns.release()
    assert isinstance(first_page(pdf("again")), bytes)


def test_pages_drawn_side_by_side_are_not_mixed_up() -> None:
    found: dict[str, bytes | Undrawn] = {}
    words = ("one", "other")
    threads = [threading.Thread(target=lambda w=word: found.update({w: first_page(pdf(w))})) for word in words]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {word: first_page(pdf(word)) for word in words}


# --- the process that draws -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "act",
    [
        "open('/etc/passwd')",
        "open('/tmp/left-behind', 'w')",
        "socket.socket()",
        "os.dup(1)",
        "os.dup2(1, 5)",
        "os.fork()",
        "os.memfd_create('more')",
        "resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9))",
        "resource.setrlimit(resource.RLIMIT_CPU, (9, 9))",
        "os.setuid(0) if os.getuid() else sys.exit('is root')",
        "bytearray(resource.getrlimit(resource.RLIMIT_AS)[0])",
    ],
)
def test_it_can_open_no_file_and_no_connection_start_nothing_and_take_nothing_back(
    act: str,
) -> None:
    done = in_there(f"try:\n {act}\nexcept (OSError, ValueError, MemoryError):\n print('refused')\n")  # fmt: skip
    assert (done.stdout, done.stderr) == ("refused\n", "")


def test_it_is_bounded_as_it_is_said() -> None:
    names = ("AS", "CPU", "FSIZE", "NOFILE", "NPROC", "CORE")
    done = in_there(f"print([resource.getrlimit(getattr(resource, 'RLIMIT_' + n)) for n in {names}])")  # fmt: skip
    bounds = (drawing.MEMORY_BYTES, drawing.PROCESSOR_S, drawing.DRAWN_BYTES, 0, 0, 0)
    assert done.stdout.strip() == str([(bound, bound) for bound in bounds])


def test_it_may_use_five_seconds_of_a_processor_and_not_six() -> None:
    done = in_there("while True: sys.stdout.write(f'{int(sum(os.times()[:2]))}\\n'); sys.stdout.flush()\n")  # fmt: skip
    assert done.returncode == -signal.SIGKILL
    assert int(done.stdout.split()[-1]) in {4, 5}


def test_it_may_write_so_many_bytes_and_not_one_more(tmp_path: Path) -> None:
    script = "from tocsin.runtime.drawing import DRAWN_BYTES as n\nprint(os.write(1, bytes(n)) == n, file=sys.stderr)\nos.write(1, b'x')"  # fmt: skip
    begin = "import os, sys\nfrom tocsin.runtime.pdfium import shut_in\nshut_in()\n"
    with (tmp_path / "page").open("wb") as file:
        done = subprocess.run(
            [sys.executable, "-I", "-c", begin + script],
            stdout=file,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.stderr.startswith("True\n")
    assert "File too large" in done.stderr
    assert (tmp_path / "page").stat().st_size == drawing.DRAWN_BYTES


def test_whoever_has_a_page_drawn_does_not_load_the_library() -> None:
    # That nobody else does is an import contract (pyproject.toml).
    script = "import sys, tocsin.runtime.drawing\nprint([name for name in sys.modules if 'pdfium' in name])"
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=False)  # fmt: skip
    assert done.stdout.strip() == "[]", done.stderr
