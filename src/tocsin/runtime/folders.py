"""Can the folder that a setting names be used? Judged before anything is made there, and by the doctor in the same words."""

import errno
import os
from pathlib import Path
from typing import Final

# Of one name in a path, on the file systems of Linux.
MAX_NAME_BYTES: Final = 255
# Leaves room for what is made below.
MAX_PATH_BYTES: Final = 3_000
# A full or failing disk is not among them: that is no wrong setting, and it mends without another start.
WRONG: Final = frozenset(
    {
        errno.EACCES,
        errno.EINVAL,
        errno.ELOOP,
        errno.ENOENT,
        errno.ENOTDIR,
        errno.EOPNOTSUPP,
        errno.EPERM,
    }
)
# Where there is no folder yet, a file system that may not be written is no failing disk either.
WRONG_TO_MAKE: Final = WRONG | {errno.EROFS}


def path(text: str) -> Path:
    """Return the whole path that a setting names, its ~ resolved; nothing is looked at.

    Raises:
        ValueError: says what is wrong with it.
    """
    if not text or text != text.strip():
        message = "is empty, or has blanks around it"
        raise ValueError(message)
    if not text.isprintable():
        message = "has characters that cannot be printed"
        raise ValueError(message)
    try:
        found = Path(text).expanduser().absolute()
    except RuntimeError as problem:
        message = "begins with a home folder that is not known"
        raise ValueError(message) from problem
    longest = max(len(os.fsencode(part)) for part in found.parts)
    if longest > MAX_NAME_BYTES or len(os.fsencode(found)) > MAX_PATH_BYTES:
        message = f"is longer than {MAX_NAME_BYTES} bytes a name or {MAX_PATH_BYTES} in all"
        raise ValueError(message)
    return found


def why_no_folder(folder: Path) -> str | None:
    """Return what stands where `folder` is or would be made, in words; None if nothing does. Nothing is written."""
    there = _nearest(folder)
    if _is_folder(there):
        return None
    if there == folder:
        return "is not a folder"
    return f"lies below {there}, which is not a folder"


def why_unusable(folder: Path) -> str | None:
    """Return why this account can make nothing in `folder`, or (if it is not there) where it would be made; None if it can.

    A file is made and removed. None, too, while the disk is full or fails: another value would not help.
    """
    problem = why_no_folder(folder)
    if problem:
        return problem
    there = _nearest(folder)
    probe = there / f".tocsin-{os.getpid()}"
    try:
        probe.touch(mode=0o600, exist_ok=False)
        probe.unlink()
    except OSError as refused:
        if refused.errno in (WRONG if there == folder else WRONG_TO_MAKE):
            return f"cannot be used: this account can make nothing in {there} ({refused.strerror})"
    return None


def is_there(place: Path) -> bool:
    """Tell whether this account sees something at `place`, a link that leads nowhere too."""
    try:
        place.lstat()
    except OSError:
        return False
    return True


def _nearest(folder: Path) -> Path:
    return next(part for part in (folder, *folder.parents) if is_there(part))


def _is_folder(place: Path) -> bool:
    try:
        return place.is_dir()
    except OSError:
        # It leads to where this account may not look: unknown, not wrong.
        return True
