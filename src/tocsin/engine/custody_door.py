"""How does a custody notice come in by mail? `tocsin custody-mail SLUG [WORD] < mail`, run by the operator's mail server.

It reads one raw mail, answers nobody and sends nothing. The exit codes are those of sysexits.h, which mail servers know: on
75 they keep the mail and try again, for days, and then give it back to whoever sent it. So 75 is for what passes by itself:
the database is away. On any other fault of ours, and if the database stays away for hours, the mail is kept as it came in
`DATA/custody-mail` (`runtime/kept_mail.py`), where the doctor and the duty lead are told of it, and the end is 0, once it is
on disk. About a mail that is kept it says nothing at all: what a program says, a mail server may hand back to its sender.

    tocsin custody-mail --again         takes in what is kept; says of each that is left why, 1 if any is
    tocsin custody-mail --read FILE     shows a kept mail as it came
"""

import hashlib
import io
import re
import sys
from contextlib import redirect_stdout, suppress
from datetime import datetime
from typing import BinaryIO, Final

import psycopg

from tocsin.flow.hear_custody_notice import NoticeIn, hear_notice
from tocsin.registry.store_calling import slugs
from tocsin.runtime import kept_mail, keys, postgres
from tocsin.runtime.clock import SystemClock, WallClock
from tocsin.runtime.database import Connection, connect
from tocsin.runtime.encryption import DecryptionRefused, KeyRing
from tocsin.runtime.kept_mail import RawMail, Waiting
from tocsin.runtime.settings import Settings, load
from tocsin.signals.feeds.custody_mail.mail import (
    MAX_MAIL_BYTES,
    Mail,
    MailRefused,
    read_mail,
    refuse_large,
)
from tocsin.signals.rules.custody import Source

USAGE: Final = (
    "Usage: tocsin custody-mail SLUG [WORD] < mail   (WORD: the case it is about)\n"
    "       tocsin custody-mail --again\n"
    "       tocsin custody-mail --read FILE\n"
)
WRONG_USE: Final = 64
BAD_MAIL: Final = 65
NO_EMPLOYER: Final = 67
TRY_AGAIN: Final = 75
# longest line that a mail server sets before a mail (`From sender date`); it is another one at each try
MAX_ENVELOPE_BYTES: Final = 2_000
# What passes by itself: the database is away, or too busy. What the mail server tries again may then be taken as ever.
PASSES: Final = (psycopg.OperationalError, psycopg.InterfaceError)
WORD: Final = re.compile(r"[A-Za-z0-9]{1,8}")


def main(arguments: list[str]) -> int:
    """Take one mail from standard input; 0 when it is kept, also if nobody could read it."""
    if arguments[:1] in (["--again"], ["--read"]):
        return _kept(arguments)
    if len(arguments) not in (1, 2) or not all(map(WORD.fullmatch, arguments[1:])):
        sys.stderr.write(USAGE)
        return WRONG_USE
    words = tuple(word.upper() for word in arguments[1:])
    try:
        return _take_or_keep(arguments[0], RawMail(words, piped(sys.stdin.buffer)))
    except MailRefused as refused:
        sys.stderr.write(f"tocsin custody-mail: {refused}\n")
        return BAD_MAIL
    except Exception as problem:
        # Whatever is wrong here is not wrong with the mail: the server keeps it, and nothing is lost.
        sys.stderr.write(f"tocsin custody-mail: not now ({type(problem).__name__}); try again\n")
        return TRY_AGAIN


def piped(stream: BinaryIO) -> bytes:
    """Return a mail as it came, without the line that some mail servers set before it: one more byte than is taken at most."""
    line = stream.readline(MAX_ENVELOPE_BYTES)
    head = b"" if line.startswith(b"From ") and line.endswith(b"\n") else line
    return head + stream.read(MAX_MAIL_BYTES + 1 - len(head))


def _take_or_keep(slug: str, mail: RawMail) -> int:
    """Take a mail in, or keep it; return the exit code.

    Raises:
        MailRefused: too large, also while something else is wrong: its sender hears it once.
        Exception: it is neither taken nor kept for certain.
    """
    refuse_large(mail.raw)
    settings = load()
    try:
        name = name_of(slug, mail)
    except kept_mail.NotKept as refused:
        sys.stderr.write(f"tocsin custody-mail: {refused}\n")
        return NO_EMPLOYER
    # Before anything is read of it: what has this process killed is found here, and told, hours later.
    with suppress(Exception):
        kept_mail.keep(settings, name, mail, is_copy=True)
    try:
        # He may have written it himself, and have asked for a receipt: a line of ours would tell him of a case.
        with redirect_stdout(io.StringIO()), connect(settings, "engine") as conn:
            code = take_raw(conn, settings, slug, mail)
    except Exception as problem:
        if not _is_handed_over(settings, name, mail, problem):
            raise
        return 0
    with suppress(OSError):
        kept_mail.forget(settings, name, is_copy_only=code != 0)
    return code


def _is_handed_over(settings: Settings, name: str, mail: RawMail, problem: Exception) -> bool:
    """Keep a mail that could not be taken; return whether the mail server need not have it any more.

    Raises:
        NotKept, OSError: as `kept_mail.keep`.
    """
    since = kept_mail.tried_since(settings, name)
    is_long = since is not None and WallClock().now() - since >= kept_mail.TRIED_FOR
    passes = isinstance(problem, PASSES) and not is_long
    return kept_mail.keep(settings, name, mail, is_copy=passes)


def name_of(slug: str, mail: RawMail) -> str:
    """Return under which name a mail is kept: the same for the same mail, tried again."""
    digest = hashlib.sha256("\n".join((*mail.words, "")).encode() + mail.raw).hexdigest()
    return kept_mail.name_of(slug, digest)


def take_raw(conn: Connection, settings: Settings, slug: str, mail: RawMail) -> int:
    """Read a raw mail and take it; return the exit code. Raises as `read_mail`, `keys.load` and `take_mail`."""
    ring = KeyRing(keys.load(settings.keys_dir).masters)
    return take_mail(conn, ring, read_mail(mail.raw), slug, mail.words, SystemClock().now())


def take_mail(
    conn: Connection,
    ring: KeyRing,
    mail: Mail,
    slug: str,
    words: tuple[str, ...],
    at: datetime,
) -> int:
    """Keep one mail for this employer, in one transaction; return the exit code.

    `words`: the case that the mail server named; without, the address behind "+", then the respondent's name.
    """
    with conn.transaction():
        employers = {name: number for number, name in slugs(conn).items()}
        if slug not in employers:
            sys.stderr.write("tocsin custody-mail: there is no such employer\n")
            return NO_EMPLOYER
        notice = NoticeIn(
            organisation_id=employers[slug],
            source=Source.MAIL_NOTICE,
            text=mail.text or mail.subject,
            digest=mail.digest,
            heard_at=at,
        )
        hear_notice(conn, ring, notice, words or mail.tags)
    return 0


def _kept(arguments: list[str]) -> int:
    """Do what an operator asks of the kept mails; return 0, or 1 if something is left, or 64 if it was wrongly called."""
    match arguments:
        case ["--again"]:
            return take_again(load())
        case ["--read", name]:
            return _show(load(), name)
    sys.stderr.write(USAGE)
    return WRONG_USE


def _show(settings: Settings, name: str) -> int:
    try:
        mail = kept_mail.read(settings, name)
    except (OSError, ValueError, DecryptionRefused) as problem:
        sys.stderr.write(f"tocsin custody-mail: {name}: {problem}\n")
        return 1
    sys.stdout.buffer.write(mail.raw)
    return 0


def take_again(settings: Settings) -> int:
    """Take in every mail that is kept, each by itself; return 1 after saying which are left and why, else 0.

    Each counts as heard now. One that was taken meanwhile is the same once more.
    """
    found, left = kept_mail.waiting(settings.data_dir, WallClock().now()), 0
    if found:
        with postgres.running(settings), connect(settings, "engine") as conn:
            for one in found:
                problem = _again(conn, settings, one)
                left += bool(problem)
                if problem:
                    sys.stderr.write(f"tocsin custody-mail: {one.name} is left: {problem}\n")
    sys.stdout.write(f"{len(found) - left} taken in, {left} left.\n")
    return 1 if left else 0


def _again(conn: Connection, settings: Settings, one: Waiting) -> str:
    """Take one in and delete its file; return why not, "" if all is well."""
    if not one.slug:
        return "this is no name of ours"
    try:
        code = take_raw(conn, settings, one.slug, kept_mail.read(settings, one.name))
    except PASSES:
        raise
    except FileNotFoundError:
        return ""
    except Exception as problem:
        return f"{type(problem).__name__}; read it with --read, and paste it on the page Custody"
    if code:
        return f"no employer is called {one.slug}; give the file another name"
    kept_mail.remove(settings.data_dir, one.name)
    return ""
