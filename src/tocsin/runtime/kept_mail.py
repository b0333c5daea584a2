"""Where does a custody mail lie that we could not take in? In `DATA/custody-mail`, until a person has it taken in.

    SLUG.DIGEST.mail      handed over: the mail server has it no more
    SLUG.DIGEST.tried     a copy of what the mail server has still, and tries again
    draft                 is being written; of one that was killed nothing counts

The folder is 0700, each file 0600. A file is one line of JSON, the words that name its case, and the mail as it came. It
is sealed with the newest master key, as what is set aside in the database; where the keys cannot be read it lies open, for
that may be the very thing that is wrong, and nothing but its mode keeps it. One name is one mail, however often it is tried.
"""

import fcntl
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from tocsin.runtime import keys
from tocsin.runtime.clock import WallClock
from tocsin.runtime.encryption import DecryptionRefused, KeyRing
from tocsin.runtime.finding import OK, WRONG, Finding, closed
from tocsin.runtime.settings import Settings

# mails that may lie there; then the mail server keeps what comes
MAX_KEPT: Final = 200
# largest file that is read: a mail of 256 KB, the words before it, and the seal
MAX_FILE_BYTES: Final = 264 * 1024
# For so long the mail server may go on trying while the database is away; then the mail is taken off it, and a copy of which
# nothing was heard since counts as lying there. Mail servers give up after days.
TRIED_FOR: Final = timedelta(hours=6)
_FOLDER: Final = "custody-mail"
_DRAFT: Final = "draft"
_PURPOSE: Final = "kept custody mail"
_NAME: Final = re.compile(r"([a-z0-9][a-z0-9-]{0,59})\.[0-9a-f]{64}\.(mail|tried)")
_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_OPEN: Final = b"{"


class NotKept(Exception):
    """The mail does not lie there: the folder is full, or it is no employer's. Says which."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One file. `slug`: of the employer; "" where the name of the file is none of ours. `since`: aware UTC."""

    name: str
    slug: str
    since: datetime
    is_copy: bool


@dataclass(frozen=True, slots=True)
class RawMail:
    """A mail as it came, and the words that the mail server named its case by."""

    words: tuple[str, ...]
    raw: bytes


def name_of(slug: str, digest: str) -> str:
    """Return under which name, without its ending, a mail lies; `digest`: 64 hex digits.

    Raises:
        NotKept: this is no employer's short name.
    """
    if not _SLUG.fullmatch(slug):
        message = "no employer has such a name"
        raise NotKept(message)
    return f"{slug}.{digest}"


def keep(config: Settings, name: str, mail: RawMail, *, is_copy: bool) -> bool:
    """Write a mail, or see that it is there; when this returns it is on disk. Return whether it is handed over.

    `is_copy`: the mail server is to have it still; what was handed over before stays so. A copy that becomes the mail itself
    keeps its time.

    Raises:
        NotKept: the folder is full.
        OSError: it cannot be made, locked or written: a folder of the data that is not there is never made here, for then the
            settings are another installation's, and nobody would look where the mail lies.
    """
    with _locked(_made(config.data_dir)) as (folder, handle):
        copy, whole = folder / f"{name}.tried", folder / f"{name}.mail"
        if not whole.exists():
            if not copy.exists():
                _refuse_full(folder)
                _write(folder, copy.name, _sealed(config.keys_dir, mail))
            if not is_copy:
                copy.replace(whole)
        os.fsync(handle)
        return whole.exists()


def tried_since(config: Settings, name: str) -> datetime | None:
    """Return since when this mail is tried in vain; None if it is not, as far as is known."""
    for ending in ("mail", "tried"):
        try:
            return _time(config.data_dir / _FOLDER / f"{name}.{ending}")
        except FileNotFoundError:
            continue
    return None


def forget(config: Settings, name: str, *, is_copy_only: bool = False) -> None:
    """Delete what lies under this name; nothing is said where nothing does."""
    for ending in ("tried",) if is_copy_only else ("tried", "mail"):
        (config.data_dir / _FOLDER / f"{name}.{ending}").unlink(missing_ok=True)


def waiting(data_dir: Path, at: datetime) -> list[Waiting]:
    """Return what lies there for a person, the oldest first: not what the mail server has still, and tried of late.

    Raises:
        OSError: this account may not look.
    """
    folder = data_dir / _FOLDER
    if not folder.exists():
        return []
    found = []
    for name in _names(folder):
        match = _NAME.fullmatch(name)
        try:
            since = _time(folder / name)
        except FileNotFoundError:
            # Taken in meanwhile.
            continue
        is_copy = bool(match and match[2] == "tried")
        if not is_copy or at - since >= TRIED_FOR:
            found.append(Waiting(name, match[1] if match else "", since, is_copy))
    return sorted(found, key=lambda one: (one.since, one.name))


def read(config: Settings, name: str) -> RawMail:
    """Return the mail of a file.

    Raises:
        OSError: it is not there, or may not be read.
        ValueError: it is larger than any of ours, or its first line is none.
        DecryptionRefused: sealed with a key that is gone, or damaged.
        KeyProblem: as `keys.load`.
    """
    path = config.data_dir / _FOLDER / Path(name).name
    with path.open("rb") as file:
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        message = f"is larger than {MAX_FILE_BYTES} bytes"
        raise ValueError(message)
    if not data.startswith(_OPEN):
        data = KeyRing(keys.load(config.keys_dir).masters).open_local(_PURPOSE, data)
    head, _, raw = data.partition(b"\n")
    return RawMail(tuple(map(str, json.loads(head)["words"])), raw)


def remove(data_dir: Path, name: str) -> None:
    """Delete one file, if it is there still."""
    (data_dir / _FOLDER / Path(name).name).unlink(missing_ok=True)


def seal_anew(data_dir: Path, ring: KeyRing) -> int:
    """Return how many files were closed with the newest master key, those that lay open too; before the old one is gone.

    What cannot be opened stays as it is. Who keeps a mail meanwhile waits, and then reads the keys anew.
    """
    if not (data_dir / _FOLDER).exists():
        return 0
    done = 0
    with _locked(data_dir / _FOLDER) as (folder, handle):
        for name in _names(folder):
            path = folder / name
            data, found = path.read_bytes(), path.stat()
            try:
                plain = data if data.startswith(_OPEN) else ring.open_local(_PURPOSE, data)
            except DecryptionRefused:
                continue
            _write(folder, name, ring.seal_local(_PURPOSE, plain))
            os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
            done += 1
        os.fsync(handle)
    return done


def examine(config: Settings) -> Finding:
    """Return what the doctor says of the folder: wrong while anything lies there."""
    what = "custody mail"
    try:
        found = waiting(config.data_dir, WallClock().now())
        in_all = len(_names(config.data_dir / _FOLDER)) if found else 0
    except NotADirectoryError:
        return Finding(
            WRONG, what, f"{config.data_dir / _FOLDER} is no folder: no mail is kept there."
        )
    except PermissionError:
        return closed(what, config.data_dir / _FOLDER)
    if not found:
        return Finding(OK, what, "none waits that could not be taken in.")
    text = (
        f"{len(found)} could not be taken in, the first {found[0].since:%Y-%m-%d %H:%M} UTC: somebody may be free, and nobody"
        " here knows. `tocsin custody-mail --again` takes them in and says why not."
    )
    full = " The folder is full: what comes now stays with the mail server, for days at most."
    return Finding(WRONG, what, text + (full if in_all >= MAX_KEPT else ""))


def _refuse_full(folder: Path) -> None:
    if len(_names(folder)) >= MAX_KEPT:
        message = f"{MAX_KEPT} mails lie there already"
        raise NotKept(message)


def _made(data_dir: Path) -> Path:
    folder = data_dir / _FOLDER
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return folder
    _give(folder, data_dir)
    _sync(data_dir)
    return folder


@contextmanager
def _locked(folder: Path) -> Iterator[tuple[Path, int]]:
    """Keep everybody else from writing there; the kernel lets go of it with whoever is killed."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_mode & 0o077:
            os.fchmod(handle, 0o700)
        yield folder, handle
    finally:
        os.close(handle)


def _write(folder: Path, name: str, data: bytes) -> None:
    draft = folder / _DRAFT
    # Not what one that was killed has left, with what mode it may have.
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    _give(draft, folder)
    draft.replace(folder / name)


def _sealed(keys_dir: Path, mail: RawMail) -> bytes:
    plain = json.dumps({"words": mail.words}).encode() + b"\n" + mail.raw
    try:
        # Read here, under the lock: the newest, also while they are replaced.
        return KeyRing(keys.load(keys_dir).masters).seal_local(_PURPOSE, plain)
    except Exception:
        # Whatever is wrong with the keys, the mail is not lost for it.
        return plain


def _give(path: Path, like: Path) -> None:
    """Let root's file belong to whom its folder does: else Tocsin itself could not read what an administrator piped in."""
    if os.geteuid() == 0:
        owner = like.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _names(folder: Path) -> list[str]:
    return [one for one in os.listdir(folder) if one != _DRAFT]


def _time(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
