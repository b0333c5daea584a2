"""Who can read a personal field? Who has the person's key, wrapped by one outside the database.

    DecryptionRefused   changed, moved to another row or column, or of a key that is not here

Three layers, each AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D 8.2.2):

    master key (keys_dir)  wraps  a person's key (database)  seals  a field (table, column, row)

Erasing a person is deleting her wrapped key: every field and entry of hers is noise from then on, and
what is in a backup once the master key of its time is destroyed. Bytes of a wrapped key: version 1, master id 1, nonce 12, ciphertext 32, tag 16. Of a
field: version 1, person-key id 1, nonce 12, ciphertext, tag 16. The first two are authenticated
too.
"""

import hashlib
import hmac
import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from enum import StrEnum
from threading import Lock
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tocsin.runtime.keys import KEY_BYTES, master_id

VERSION: Final = 1
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
HEAD_BYTES: Final = 2 + NONCE_BYTES
# A site has hundreds of people; beyond this a key is unwrapped again, which costs some 10
# microseconds.
MAX_CACHED_KEYS: Final = 4096
MAX_FIELD_BYTES: Final = 65_536
MAX_PAPER_BYTES: Final = 16 * 1024 * 1024


class Because(StrEnum):
    """Why a ciphertext was refused."""

    SHORT = "short"
    WRONG_VERSION = "wrong_version"
    UNKNOWN_KEY = "unknown_key"
    CHANGED = "changed"


class DecryptionRefused(Exception):
    """What was asked for cannot be read; says why in one word and shows none of it."""

    def __init__(self, because: Because) -> None:
        """Keep the reason."""
        super().__init__(because)
        self.because = because


class PersonKey:
    """One person's key, unwrapped; lives in memory only."""

    __slots__ = ("_cipher", "_head", "_key_id")

    def __init__(self, key: bytes, *, key_id: int) -> None:
        """Prepare the cipher once: its set-up costs as much as a field."""
        self._cipher = AESGCM(key)
        self._key_id = key_id
        self._head = bytes((VERSION, key_id))

    def seal(self, table: str, column: str, row_id: UUID, text: str) -> bytes:
        """Return `text` as ciphertext that opens in this row and column only.

        Raises:
            ValueError: the text is longer than `MAX_FIELD_BYTES` in UTF-8.
        """
        plain = text.encode()
        if len(plain) > MAX_FIELD_BYTES:
            message = f"a field holds at most {MAX_FIELD_BYTES} bytes"
            raise ValueError(message)
        return self._sealed(table, column, row_id, plain)

    def seal_bytes(self, table: str, column: str, row_id: UUID, plain: bytes) -> bytes:
        """Return a paper or a photograph as ciphertext that opens in this row and column only.

        Raises:
            ValueError: it is larger than `MAX_PAPER_BYTES`.
        """
        if len(plain) > MAX_PAPER_BYTES:
            message = f"a paper holds at most {MAX_PAPER_BYTES} bytes"
            raise ValueError(message)
        return self._sealed(table, column, row_id, plain)

    def _sealed(self, table: str, column: str, row_id: UUID, plain: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        place = self._place(table, column, row_id)
        return self._head + nonce + self._cipher.encrypt(nonce, plain, place)

    def open(self, table: str, column: str, row_id: UUID, sealed: bytes) -> str:
        """Return the text that was sealed for this row and column.

        Raises:
            DecryptionRefused: changed, moved, of another key, or no ciphertext at all.
        """
        return self.open_bytes(table, column, row_id, sealed).decode()

    def open_bytes(self, table: str, column: str, row_id: UUID, sealed: bytes) -> bytes:
        """Return the bytes that were sealed for this row and column. Raises as `open`."""
        _check(sealed)
        if sealed[1] != self._key_id:
            raise DecryptionRefused(Because.UNKNOWN_KEY)
        try:
            return self._cipher.decrypt(
                sealed[2:HEAD_BYTES], bytes(sealed[HEAD_BYTES:]), self._place(table, column, row_id)
            )
        except InvalidTag as error:
            raise DecryptionRefused(Because.CHANGED) from error

    def _place(self, table: str, column: str, row_id: UUID) -> bytes:
        return self._head + f"{table}|{column}|{row_id}".encode()


class KeyRing:
    """The master keys, newest first, and what is derived from them. Threads may share it."""

    def __init__(
        self,
        masters: Sequence[bytes],
        changed: Callable[[], Sequence[bytes] | None] | None = None,
    ) -> None:
        """Take the master keys as `Keys.masters` gives them.

        `changed` returns the masters anew when their file was, else None: a process that runs while keys are rotated
        seals with the newest from then on, and opens nothing any more with one that was taken out.

        Raises:
            ValueError: none, one of a wrong length, or two that share their one-byte id.
        """
        self._changed = changed
        self._cache: OrderedDict[tuple[UUID, bytes], PersonKey] = OrderedDict()
        self._lock = Lock()
        self._take(masters)

    def _take(self, masters: Sequence[bytes]) -> None:
        if not masters or any(len(master) != KEY_BYTES for master in masters):
            message = "a key ring needs master keys of 32 bytes"
            raise ValueError(message)
        ciphers = {master_id(m): AESGCM(_derived(m, b"person keys")) for m in masters}
        if len(ciphers) != len(masters):
            message = "two master keys share an id; rotate again"
            raise ValueError(message)
        self._ciphers = ciphers
        self._local_keys = {master_id(m): AESGCM(_derived(m, b"local files")) for m in masters}
        self._index_keys = tuple(_derived(master, b"blind index") for master in masters)
        # Last: whoever seals meanwhile in another thread finds the key of the id that he reads.
        self._newest = master_id(masters[0])

    def _look(self) -> None:
        """Take the master keys anew if their file was changed."""
        masters = self._changed() if self._changed else None
        if masters:
            with self._lock:
                self._take(masters)

    def new_person_key(self, person_id: UUID) -> bytes:
        """Return a new key for this person, wrapped; store it, it exists nowhere else."""
        return self._wrap(person_id, AESGCM.generate_key(bit_length=8 * KEY_BYTES))

    def person_key(self, person_id: UUID, wrapped: bytes) -> PersonKey:
        """Return the person's key, ready to seal and open.

        Raises:
            DecryptionRefused: not her key, changed, or of a master key that is not in the ring.
        """
        name = (person_id, bytes(wrapped))
        with self._lock:
            cached = self._cache.get(name)
            if cached is not None:
                self._cache.move_to_end(name)
                return cached
        key = PersonKey(self._unwrap(person_id, name[1]), key_id=VERSION)
        with self._lock:
            self._cache[name] = key
            if len(self._cache) > MAX_CACHED_KEYS:
                self._cache.popitem(last=False)
        return key

    def forget(self, person_id: UUID) -> None:
        """Drop a person's key from memory; called when it was erased."""
        with self._lock:
            for name in [name for name in self._cache if name[0] == person_id]:
                del self._cache[name]

    def is_current(self, wrapped: bytes) -> bool:
        """Return whether the newest master key wraps it."""
        self._look()
        return len(wrapped) > 1 and wrapped[1] == self._newest

    def rewrap(self, person_id: UUID, wrapped: bytes) -> bytes:
        """Return the same key, wrapped by the newest master key; no field is sealed anew.

        Raises:
            DecryptionRefused: as `person_key`.
        """
        return self._wrap(person_id, self._unwrap(person_id, bytes(wrapped)))

    def reseal_local(self, purpose: str, sealed: bytes) -> bytes:
        """Return what `seal_local` closed, closed by the newest master key.

        Raises:
            DecryptionRefused: as `open_local`.
        """
        return self.seal_local(purpose, self.open_local(purpose, sealed))

    @property
    def newest(self) -> int:
        """Return the byte that names the newest master key; the second of whatever it closed."""
        self._look()
        return self._newest

    def blind_index(self, organisation_id: UUID, purpose: str, text: str) -> bytes:
        """Return 32 bytes to find a row by without storing what it holds (a phone number in E.164).

        The same text gives other bytes in another organisation, for another purpose, and under
        another master key. It counts as personal data and goes when the person goes.
        """
        self._look()
        return _index(self._index_keys[0], organisation_id, purpose, text)

    def blind_indexes(self, organisation_id: UUID, purpose: str, text: str) -> list[bytes]:
        """Return the index under every master key, newest first, to search by while keys rotate."""
        self._look()
        return [_index(key, organisation_id, purpose, text) for key in self._index_keys]

    def seal_local(self, purpose: str, data: bytes) -> bytes:
        """Return `data` encrypted for a file of this machine; `purpose` binds it to its use."""
        self._look()
        nonce = os.urandom(NONCE_BYTES)
        head = bytes((VERSION, self._newest))
        sealed = self._local_keys[self._newest].encrypt(nonce, data, head + purpose.encode())
        return head + nonce + sealed

    def open_local(self, purpose: str, sealed: bytes) -> bytes:
        """Return what `seal_local` closed.

        Raises:
            DecryptionRefused: changed, of another purpose, or of a master key that is not in the
                ring.
        """
        self._look()
        return _opened(self._local_keys, sealed, purpose.encode())

    def _wrap(self, person_id: UUID, key: bytes) -> bytes:
        self._look()
        nonce = os.urandom(NONCE_BYTES)
        head = bytes((VERSION, self._newest))
        cipher = self._ciphers[self._newest]
        return head + nonce + cipher.encrypt(nonce, key, head + person_id.bytes)

    def _unwrap(self, person_id: UUID, wrapped: bytes) -> bytes:
        self._look()
        return _opened(self._ciphers, wrapped, person_id.bytes)


def _opened(ciphers: dict[int, AESGCM], sealed: bytes, place: bytes) -> bytes:
    _check(sealed)
    cipher = ciphers.get(sealed[1])
    if cipher is None:
        raise DecryptionRefused(Because.UNKNOWN_KEY)
    try:
        return cipher.decrypt(sealed[2:HEAD_BYTES], sealed[HEAD_BYTES:], sealed[:2] + place)
    except InvalidTag as error:
        raise DecryptionRefused(Because.CHANGED) from error


def _check(sealed: bytes) -> None:
    if len(sealed) < HEAD_BYTES + TAG_BYTES:
        raise DecryptionRefused(Because.SHORT)
    if sealed[0] != VERSION:
        raise DecryptionRefused(Because.WRONG_VERSION)


def _derived(master: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"tocsin " + purpose).derive(master)


def _index(key: bytes, organisation_id: UUID, purpose: str, text: str) -> bytes:
    message = organisation_id.bytes + purpose.encode() + b"\0" + text.encode()
    return hmac.new(key, message, hashlib.sha256).digest()
