"""Which keys does this installation have? Makes them once, reads them, never shows them.

    KeyProblem          a file is missing, malformed or open to others; says which and what to do

The folder is 0700, each file 0600. It belongs on another disk, and in another backup, than the
database: who has both can read everything.

    device-signing.pem  Ed25519, signs device tokens
    device-public.txt   what the gate verifies them with, the current one first
    record-signing.pem  Ed25519, signs heads and exports
    master.key          wraps the people's keys, newest first
    answer.key          signs answer links and the tokens of unattended screens
    django.key          sessions and forms
    vapid.pem           P-256, signs Web Push
    made.txt            the names of those made so far
"""

import base64
import binascii
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from tocsin.runtime import ids

DEVICE: Final = "device-signing.pem"
DEVICE_PUBLIC: Final = "device-public.txt"
RECORD: Final = "record-signing.pem"
MASTER: Final = "master.key"
ANSWER: Final = "answer.key"
DJANGO: Final = "django.key"
VAPID: Final = "vapid.pem"
MADE: Final = "made.txt"

KEY_BYTES: Final = 32
RESTORE: Final = "Restore it from your backup of the keys."
# A bound on reading, so that a wrong path (a disk image, a device) is refused instead of read.
MAX_FILE_BYTES: Final = 65_536
MAX_MASTERS: Final = 16


class KeyProblem(Exception):
    """A key file cannot be used. The message names the file and the remedy, never its content."""

    def __init__(self, path: Path, problem: str, remedy: str) -> None:
        """Keep the parts for `tocsin doctor` and for tests."""
        super().__init__(f"{path}: {problem}. {remedy}")
        self.path, self.problem, self.remedy = path, problem, remedy


@dataclass(frozen=True, slots=True)
class Signer:
    """The key that signs heads and exports; `key_id` is what they name it by."""

    key_id: str
    public: bytes
    _key: Ed25519PrivateKey = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature of `message`."""
        return self._key.sign(message)


@dataclass(frozen=True, slots=True)
class Keys:
    """Every key of the installation. Its `repr` shows none of them.

    `masters`: 32 bytes each, newest first. `device_public`: the raw 32-byte keys that tokens verify
    with, the current one first. `vapid_public`: the uncompressed point as base64url, as a browser
    wants it; `vapid_private`: the 32-byte scalar as base64url, as pywebpush wants it.
    """

    directory: Path
    device: Ed25519PrivateKey = field(repr=False)
    device_public: tuple[bytes, ...]
    record: Signer
    masters: tuple[bytes, ...] = field(repr=False)
    answer: bytes = field(repr=False)
    django: str = field(repr=False)
    vapid_private: str = field(repr=False)
    vapid_public: str


def signer_of(key: Ed25519PrivateKey) -> Signer:
    """Return the signer of a private key; tests make theirs here."""
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return Signer(key_id(public), public, key)


def key_id(public: bytes) -> str:
    """Return the name of a public key: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]


def ensure(keys_dir: Path) -> Keys:
    """Return the keys, after making those that were never made.

    Safe at any moment: each file appears whole and on disk or not at all, the first of two starters
    wins and the other takes its keys. A key that was made before and is gone is an error, never
    silently replaced: a new master key would leave everything that the old one protects unreadable.

    Raises:
        KeyProblem: a file is missing, malformed or open to others.
        OSError: the folder cannot be made or written.
    """
    keys_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = _made(keys_dir)
    for name, fresh in _MAKERS.items():
        if name in made:
            _must_exist(keys_dir / name)
        else:
            _create_once(keys_dir / name, fresh)
    _publish_device_key(keys_dir)
    if made != set(_MAKERS):
        _replace(keys_dir / MADE, "".join(f"{name}\n" for name in sorted(made | set(_MAKERS))))
    return load(keys_dir)


def load(keys_dir: Path) -> Keys:
    """Return the keys that `ensure` made.

    Raises:
        KeyProblem: a file is missing, malformed or open to others.
    """
    _check_folder(keys_dir)
    device = _ed25519(keys_dir / DEVICE)
    vapid = _p256(keys_dir / VAPID)
    scalar = vapid.private_numbers().private_value.to_bytes(KEY_BYTES, "big")
    point = vapid.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return Keys(
        directory=keys_dir,
        device=device,
        device_public=load_device_public(keys_dir),
        record=signer_of(_ed25519(keys_dir / RECORD)),
        masters=_secrets(keys_dir / MASTER),
        answer=_secrets(keys_dir / ANSWER)[0],
        django=_read(keys_dir / DJANGO).strip(),
        vapid_private=_base64url(scalar),
        vapid_public=_base64url(point),
    )


def load_device_public(keys_dir: Path) -> tuple[bytes, ...]:
    """Return the public keys that device tokens verify with, the current one first.

    This is all that the gate reads.

    Raises:
        KeyProblem: the file is missing, malformed, or others can write to it.
    """
    return _secrets(keys_dir / DEVICE_PUBLIC)


def rotate_master(keys_dir: Path) -> Keys:
    """Return the keys with a new master key on top; the old ones still open what they closed.

    Re-wrap every person's key afterwards (`KeyRing.rewrap`), then take the old lines out of the
    file.

    Raises:
        KeyProblem: as `load`, or there are `MAX_MASTERS` keys already.
    """
    path = keys_dir / MASTER
    masters = _secrets(path)
    if len(masters) >= MAX_MASTERS:
        raise KeyProblem(path, f"holds {MAX_MASTERS} keys", "Re-wrap, then take the old ones out.")
    taken = {master_id(master) for master in masters}
    new = masters[0]
    # One byte names a master key in what it wraps, so two in the file must not share it.
    while master_id(new) in taken:
        new = os.urandom(KEY_BYTES)
    _replace(path, "".join(f"{base64.b64encode(key).decode()}\n" for key in (new, *masters)))
    return load(keys_dir)


def retire_masters(keys_dir: Path) -> int:
    """Return how many old master keys were taken out: only the newest stays. What they wrap is noise from then on.

    Raises:
        KeyProblem: as `load`.
    """
    path = keys_dir / MASTER
    masters = _secrets(path)
    if len(masters) > 1:
        _replace(path, f"{base64.b64encode(masters[0]).decode()}\n")
    return len(masters) - 1


def watch_masters(keys_dir: Path) -> Callable[[], tuple[bytes, ...] | None]:
    """Return a question whose answer is the master keys if their file was changed since the last time, else None."""
    path = keys_dir / MASTER
    known = [_stamp(path)]

    def changed() -> tuple[bytes, ...] | None:
        stamp = _stamp(path)
        if stamp is None or stamp == known[0]:
            return None
        masters = _secrets(path)
        known[0] = stamp
        return masters

    return changed


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        # The folder may be away for a moment (another disk): what is in memory goes on.
        return None
    return found.st_ino, found.st_mtime_ns


def master_id(master: bytes) -> int:
    """Return the byte that names a master key in what it wraps: of a digest, it tells nothing."""
    return hashlib.sha256(b"tocsin master key\0" + master).digest()[0]


def _made(keys_dir: Path) -> set[str]:
    path = keys_dir / MADE
    return set(path.read_text(encoding="ascii").split()) & set(_MAKERS) if path.exists() else set()


def _must_exist(path: Path) -> None:
    if not path.exists():
        raise KeyProblem(path, "was made once and is missing", RESTORE)


def _create_once(path: Path, fresh: Callable[[], str]) -> None:
    if path.exists():
        return
    draft = _draft(path, fresh())
    try:
        # A link fails when the name exists, a rename would overwrite: the key of the first starter
        # stays.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    _sync_folder(path.parent)


def _replace(path: Path, text: str) -> None:
    _draft(path, text).replace(path)
    _sync_folder(path.parent)


def _draft(path: Path, text: str) -> Path:
    draft = path.with_name(f".{path.name}.{ids.secret(9)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    return draft


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _publish_device_key(keys_dir: Path) -> None:
    """Put the current device key on top of those that tokens verify with; older ones stay."""
    path = keys_dir / DEVICE_PUBLIC
    key = _ed25519(keys_dir / DEVICE)
    current = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    known = _secrets(path) if path.exists() else ()
    if known[:1] != (current,):
        lines = (current, *(public for public in known if public != current))
        _replace(path, "".join(f"{base64.b64encode(public).decode()}\n" for public in lines))


def _check_folder(keys_dir: Path) -> None:
    if not keys_dir.is_dir():
        raise KeyProblem(keys_dir, "no such folder", "Start Tocsin once, or set TOCSIN_KEYS.")
    if keys_dir.stat().st_mode & 0o022:
        raise KeyProblem(keys_dir, "others can write here", f"Run: chmod 700 {keys_dir}")


def _read(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        if mode & (0o022 if path.name == DEVICE_PUBLIC else 0o077):
            raise KeyProblem(path, "others can read or write it", f"Run: chmod 600 {path}")
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES).decode("ascii")
    except FileNotFoundError as error:
        raise KeyProblem(path, "is missing", RESTORE) from error
    except UnicodeDecodeError as error:
        raise _malformed(path) from error
    except OSError as error:
        raise KeyProblem(path, f"cannot be read ({error.strerror})", "Check its owner.") from error


def _malformed(path: Path) -> KeyProblem:
    return KeyProblem(path, "is not a key of the expected kind", RESTORE)


def _ed25519(path: Path) -> Ed25519PrivateKey:
    key = _private(path)
    if not isinstance(key, Ed25519PrivateKey):
        raise _malformed(path)
    return key


def _p256(path: Path) -> EllipticCurvePrivateKey:
    key = _private(path)
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise _malformed(path)
    return key


def _private(path: Path) -> PrivateKeyTypes:
    try:
        return load_pem_private_key(_read(path).encode("ascii"), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _malformed(path) from error


def _secrets(path: Path) -> tuple[bytes, ...]:
    lines = [line for line in _read(path).split() if line]
    try:
        keys = tuple(base64.b64decode(line, validate=True) for line in lines)
    except (binascii.Error, ValueError) as error:
        raise _malformed(path) from error
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise _malformed(path)
    return keys


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _pem(key: Ed25519PrivateKey | EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


def _fresh_secret() -> str:
    return base64.b64encode(os.urandom(KEY_BYTES)).decode("ascii") + "\n"


_MAKERS: Final[dict[str, Callable[[], str]]] = {
    DEVICE: lambda: _pem(Ed25519PrivateKey.generate()),
    RECORD: lambda: _pem(Ed25519PrivateKey.generate()),
    MASTER: _fresh_secret,
    ANSWER: _fresh_secret,
    DJANGO: lambda: ids.secret(50) + "\n",
    VAPID: lambda: _pem(generate_private_key(SECP256R1())),
}
