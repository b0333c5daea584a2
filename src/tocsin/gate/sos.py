"""What is answered to a phone that presses? First on disk, then *stored*; again, a question."""

import hashlib
import json
from collections import Counter
from functools import partial

from tocsin.gate import limits
from tocsin.gate.committer import Committer
from tocsin.gate.device_keys import DeviceKeys, token_of
from tocsin.gate.folding import Folding, Line
from tocsin.gate.messages import Request, Respond, Response, error
from tocsin.gate.remembered import Grade, Remembered
from tocsin.gate.signal_body import MalformedError, Signal, read
from tocsin.runtime import spool, tokens

_PERSON, _DEVICE = slice(16, 32), slice(32, 48)
_OF_OTHER_ACTS = frozenset({"walking", "ended", "wrong", "told", "none"})
_CHECKED_IN = Response(200, b'{"ok":true}', is_known=True)
_NO_TOKEN = error(401, "an Authorization header with a Bearer token is needed")
_NOT_VALID = error(401, "the token is not valid here")


class SosDoor:
    """Checks token, key and act, and nothing else: everything else is the engine's to judge.

    `GET /sos` is a phone's check-in: is the gate there, and is its token good? It stores nothing.
    """

    def __init__(
        self, keys: DeviceKeys, committer: Committer, remembered: Remembered, counts: Counter[str]
    ) -> None:
        """Store through `committer`."""
        self._keys, self._committer = keys, committer
        self._remembered, self._counts = remembered, counts
        self.folding = Folding(partial(spool.read_drained, committer.directory), self._write_fold)

    def answer(self, request: Request, respond: Respond) -> None:
        """Respond now to what is refused or known, else when the signal is on disk."""
        authorization = request.headers.get(b"authorization", b"").decode("latin-1")
        if not token_of(authorization):
            self._counts["unsigned"] += 1
            respond(_NO_TOKEN)
            return
        then = partial(self._checked, request, authorization, respond)
        self._keys.check(authorization, then, request.is_awaited, is_strangers=request.is_strangers)

    def _checked(
        self, request: Request, authorization: str, respond: Respond, ids: bytes | None
    ) -> None:
        if ids is None:
            respond(self._stranger(authorization, request))
            return
        if request.method == b"GET":
            self._counts["checked_in"] += 1
            respond(_CHECKED_IN)
            return
        try:
            signal = read(request.body)
        except MalformedError as problem:
            self._counts["malformed"] += 1
            respond(error(400, str(problem)))
            return
        self._take(ids, signal, request.body, respond)

    def _take(self, ids: bytes, signal: Signal, body: bytes, respond: Respond) -> None:
        line = Line(ids, is_press=signal.act == "sos")
        name = mark = ids[_PERSON] + signal.key.encode()
        grade = self._remembered.grade_of(name, ids[_DEVICE])
        if line.is_press:
            # What was told of a walk or a code under this key answers no SOS: nothing may swallow one (I5).
            grade = None if grade and grade.grade in _OF_OTHER_ACTS else grade
            if grade is not None:
                self._counts["asked"] += 1
                respond(_graded(signal.key, grade))
                return
        else:
            # A code typed wrong and then right is two different acts, whatever their key. So is a question of two phones.
            said = name + ids[_DEVICE] + signal.act.encode() + b"\n" + body
            mark = hashlib.blake2b(said).digest()
        if self._remembered.is_stored(mark):
            self._counts["asked"] += 1
            respond(_graded(signal.key, grade) if grade else _stored(signal.key))
            return
        if not self._remembered.wait(mark, partial(self._settled, signal.key, respond)):
            self._counts["asked"] += 1
        elif self.folding.is_full(line):
            self._counts["folded"] += 1
            self.folding.add(line, mark, signal)
        else:
            self.folding.begin(line)
            self._committer.put(spool.DEVICE, ids + body, partial(self._written, line, mark))

    def _written(self, line: Line, mark: bytes, number: int | None) -> None:
        self.folding.end(line, number)
        self._remembered.settle([mark], is_stored=number is not None)

    def _write_fold(self, payload: bytes, marks: list[bytes]) -> None:
        def written(number: int | None) -> None:
            self._remembered.settle(marks, is_stored=number is not None)

        self._committer.put(spool.FOLD, payload, written)

    def _settled(self, key: str, respond: Respond, is_stored: bool) -> None:  # noqa: FBT001 - Answer's
        self._counts["stored" if is_stored else "not_stored"] += 1
        respond(_stored(key) if is_stored else error(507, "not stored"))

    def _stranger(self, authorization: str, request: Request) -> Response:
        self._counts["unverified"] += 1
        if request.method == b"GET":
            return _NOT_VALID
        claims = tokens.read_unverified(token_of(authorization))
        head = {
            "path": "/sos",
            "because": "token",
            "organisation_id": str(claims.organisation_id) if claims else None,
            "person_id": str(claims.person_id) if claims else None,
            "device_id": str(claims.device_id) if claims else None,
        }
        payload = json.dumps(head).encode() + b"\n" + request.body[: limits.UNVERIFIED_BODY]
        self._committer.put_unverified(spool.DEVICE, payload)
        return _NOT_VALID


def _stored(key: str) -> Response:
    return Response(202, b'{"grade":"stored","key":"%s"}' % key.encode(), is_known=True)


def _graded(key: str, grade: Grade) -> Response:
    if grade.grade == "stored":
        # A silent SOS must look like any other that nobody has seen yet, to the last byte.
        return _stored(key)
    said = json.dumps({"grade": grade.grade, "by": grade.by, "key": key})
    return Response(202, said.encode(), is_known=True)
