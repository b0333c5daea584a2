"""Where do readers, trackers and other systems hand in what they saw? One door a sender, which may only add.

200 means kept: it is said after the commit and never before. What cannot be read is set aside and shown, and said in a
fixed word. No answer depends on whether anybody was recognised, but for a badge that is to be refused: that reader shows
its ordinary fault (`flow/answer_badge.py`). Unknown, revoked and badly signed are one answer.

    401     not proved          413     too large       422     set aside as a whole
    429     too many            503     try again
"""

from functools import cache
from typing import Final
from uuid import UUID

from django.conf import settings as django_conf
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tocsin.api.limits import MAX_BODY, MAX_WITH_PICTURE, Throttle
from tocsin.api.proof import Request, is_proved, nonce_of
from tocsin.flow.answer_badge import Asked, Badges, asked_of
from tocsin.flow.open_door import find_sender, is_used
from tocsin.flow.take_message import Remembered, Taken, take_or_set_aside
from tocsin.registry.rules.sender import Proof, SenderKind, SenderRow
from tocsin.runtime import keys, logs
from tocsin.runtime.clock import WallClock
from tocsin.runtime.database import connect
from tocsin.runtime.doorbell import ENGINE, REPORT, Sender
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import RandomIds
from tocsin.runtime.pool import Busy, Pool
from tocsin.runtime.settings import Settings
from tocsin.signals.feeds.reading import Message
from tocsin.signals.rules.quarantine import Why

MULTIPART: Final = "multipart/form-data"
FORM: Final = "application/x-www-form-urlencoded"
# They read no answer, and would send what cannot be read again and again.
DEVICES: Final = frozenset(
    {SenderKind.PLATE_RECOGNIZER, SenderKind.REKOR, SenderKind.OWNTRACKS, SenderKind.OSMAND}
)
AGAIN_S: Final = "1"

log = logs.get("intake")


@csrf_exempt
@transaction.non_atomic_requests
@require_http_methods(["GET", "POST"])
def sightings(request: HttpRequest, sender_id: UUID) -> HttpResponse:
    """Keep what this sender saw."""
    is_picture = request.content_type == MULTIPART
    most = MAX_WITH_PICTURE if is_picture else MAX_BODY
    if _length(request) > most:
        return _said("too large", 413)
    try:
        with _pool().connection() as conn:
            found = find_sender(conn, _ring(), sender_id)
            if found is None:
                return _not_proved()
            sender, key = found
            message, proved = _read(request, sender)
            if not is_proved(sender.proof, key, proved, at=_clock().now()):
                return _not_proved()
            if not _throttle().take(sender.id):
                return _said("too many", 429)
            with conn.transaction():
                at = _clock().now()
                nonce = nonce_of(proved) if sender.proof is Proof.SIGNATURE else ""
                if nonce and is_used(conn, sender, nonce, at=at):
                    return _said("used already", 409)
                taken = take_or_set_aside(
                    conn, _ring(), sender, message, at=at, ids=RandomIds(), remembered=_remembered()
                )  # fmt: skip
    except Busy:
        return _said("try again", 503)
    _remembered().keep(taken)
    if taken.kept:
        _bell().ring(REPORT)
    return _answer(sender, taken)


def _read(request: HttpRequest, sender: SenderRow) -> tuple[Message, Request]:
    """Return the message, and what of the request is proved. A picture in it is passed over."""
    body = b""
    if request.content_type != MULTIPART:
        body = said = request.body
    else:
        request.upload_handlers = [_NoFiles(request)]
        if sender.proof is Proof.SIGNATURE and _length(request) <= MAX_BODY:
            body = request.body
        said = request.POST.get("json", "").encode()
    headers = {name.lower(): value for name, value in request.headers.items()}
    query = request.META.get("QUERY_STRING", "")
    proved = Request(request.method or "", request.get_full_path(), headers, body)
    return Message(said, request.content_type or "", query), proved


def _answer(sender: SenderRow, taken: Taken) -> HttpResponse:
    if sender.kind == SenderKind.BADGE:
        return _badge(sender, asked_of(taken))
    if sender.kind == SenderKind.OWNTRACKS:
        return JsonResponse([], safe=False)
    whys = sorted({str(one.why) for one in taken.bad})
    if sender.kind == SenderKind.OSMAND:
        refused = any(one.why is Why.OTHER_DEVICE for one in taken.bad)
        return HttpResponse(status=400 if refused else 200, content_type="text/plain")
    said = {"kept": len(taken.kept), "set_aside": len(taken.bad)}
    if not taken.bad:
        return JsonResponse(said)
    is_whole = not taken.seen and sender.kind not in DEVICES
    return JsonResponse({**said, "why": whys}, status=422 if is_whole else 200)


def _badge(sender: SenderRow, asked: Asked | None) -> HttpResponse:
    try:
        with _doors().connection() as conn:
            return JsonResponse(_badges().answer(conn, _ring(), sender, asked))
    except Busy:
        # The reader goes by its own list, as if we were not there.
        return _said("try again", 503)
    except Exception as problem:
        # The same, whatever is wrong here: what it saw is kept already, and would come again and again. No trace of it.
        log.error("badge.unanswered", sender_id=str(sender.id), problem=type(problem).__name__)  # noqa: TRY400
        return _said("try again", 503)


class _NoFiles(FileUploadHandler):
    """Passes over every file of a form: pictures of people are no business of ours."""

    def new_file(self, *_arguments: object, **_named: object) -> None:
        raise SkipFile

    def receive_data_chunk(self, _raw_data: bytes, _start: int) -> bytes | None:
        return None

    def file_complete(self, _file_size: int) -> None:
        return None


def _length(request: HttpRequest) -> int:
    said = request.META.get("CONTENT_LENGTH") or "0"
    return int(said) if said.isdecimal() else MAX_WITH_PICTURE + 1


def _not_proved() -> HttpResponse:
    answer = _said("not proved", 401)
    answer["WWW-Authenticate"] = 'Basic realm="tocsin"'
    return answer


def _said(words: str, status: int) -> HttpResponse:
    answer = HttpResponse(words, status=status, content_type="text/plain")
    if status in {429, 503}:
        answer["Retry-After"] = AGAIN_S
    return answer


def _settings() -> Settings:
    found: Settings = django_conf.TOCSIN  # type: ignore[misc] # set by `configure`
    return found


@cache
def _ring() -> KeyRing:
    folder = _settings().keys_dir
    return KeyRing(keys.load(folder).masters, keys.watch_masters(folder))


@cache
def _clock() -> WallClock:
    return WallClock()


@cache
def _pool() -> Pool:
    return Pool(lambda: connect(_settings(), "web"))


@cache
def _doors() -> Pool:
    return Pool(lambda: connect(_settings(), "door"))


@cache
def _remembered() -> Remembered:
    return Remembered()


@cache
def _badges() -> Badges:
    return Badges()


@cache
def _throttle() -> Throttle:
    return Throttle(_clock().monotonic)


@cache
def _bell() -> Sender:
    _settings().run_dir.mkdir(parents=True, exist_ok=True)
    return Sender(_settings().run_dir, ENGINE)
