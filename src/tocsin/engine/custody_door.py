"""How does a custody notice come in by mail? `tocsin custody-mail SLUG [WORD] < mail`, run by the operator's mail server.

It reads one raw mail, answers nobody and sends nothing. The exit codes are those of sysexits.h, which mail servers know: on
75 they keep the mail and try again.
"""

import re
import sys
from datetime import datetime
from typing import Final

import psycopg

from tocsin.flow.hear_custody_notice import NoticeIn, hear_notice
from tocsin.flow.record_custody import Recorded
from tocsin.registry.store_calling import slugs
from tocsin.runtime import keys, logs
from tocsin.runtime.clock import SystemClock
from tocsin.runtime.database import Connection, connect
from tocsin.runtime.encryption import DecryptionRefused, KeyRing
from tocsin.runtime.keys import KeyProblem
from tocsin.runtime.settings import SettingError, load
from tocsin.signals.feeds.custody_mail.mail import MAX_MAIL_BYTES, Mail, MailRefused, read_mail
from tocsin.signals.rules.custody import Source, State

USAGE: Final = "Usage: tocsin custody-mail SLUG [WORD] < mail   (WORD: the case it is about)\n"
WRONG_USE: Final = 64
BAD_MAIL: Final = 65
NO_EMPLOYER: Final = 67
TRY_AGAIN: Final = 75
WORD: Final = re.compile(r"[A-Za-z0-9]{1,8}")

log = logs.get("custody")


def main(arguments: list[str]) -> int:
    """Take one mail from standard input; 0 when it is kept, also if nobody could read it."""
    if len(arguments) not in (1, 2) or not all(map(WORD.fullmatch, arguments[1:])):
        sys.stderr.write(USAGE)
        return WRONG_USE
    words = tuple(word.upper() for word in arguments[1:])
    try:
        # Before anything that may be away: what is too large now is too large in an hour, and its sender hears it once.
        mail = read_mail(sys.stdin.buffer.read(MAX_MAIL_BYTES + 1))
        settings = load()
        ring = KeyRing(keys.load(settings.keys_dir).masters)
        with connect(settings, "engine") as conn:
            return take_mail(conn, ring, mail, arguments[0], words, SystemClock().now())
    except MailRefused as refused:
        sys.stderr.write(f"tocsin custody-mail: {refused}\n")
        return BAD_MAIL
    except (psycopg.Error, SettingError, KeyProblem, DecryptionRefused, OSError) as problem:
        # Whatever is wrong here is not wrong with the mail: the server keeps it, and nothing is lost.
        sys.stderr.write(f"tocsin custody-mail: not now ({type(problem).__name__}); try again\n")
        return TRY_AGAIN


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
        done = hear_notice(conn, ring, notice, words or mail.tags)
    kept = [one.fact for one in done if isinstance(one, Recorded)]
    unread = sum(fact.state is State.NOT_UNDERSTOOD for fact in kept)
    log.info("custody.mail", cases=len(kept), unread=unread)
    return 0
