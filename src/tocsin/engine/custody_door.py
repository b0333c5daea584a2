"""How does a custody notice come in by mail? `tocsin custody-mail SLUG [WORD] < mail`, run by the operator's mail server.

It reads one raw mail, answers nobody and sends nothing. The exit codes are those of sysexits.h, which mail servers know: on
75 they keep the mail and try again. About a mail that it keeps it says nothing at all: what a program says, a mail server
may hand back to whoever sent the mail.
"""

import io
import re
import sys
from contextlib import redirect_stdout
from datetime import datetime
from typing import Final

from tocsin.flow.hear_custody_notice import NoticeIn, hear_notice
from tocsin.registry.store_calling import slugs
from tocsin.runtime import keys
from tocsin.runtime.clock import SystemClock
from tocsin.runtime.database import Connection, connect
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.settings import load
from tocsin.signals.feeds.custody_mail.mail import MAX_MAIL_BYTES, Mail, MailRefused, read_mail
from tocsin.signals.rules.custody import Source

USAGE: Final = "Usage: tocsin custody-mail SLUG [WORD] < mail   (WORD: the case it is about)\n"
WRONG_USE: Final = 64
BAD_MAIL: Final = 65
NO_EMPLOYER: Final = 67
TRY_AGAIN: Final = 75
WORD: Final = re.compile(r"[A-Za-z0-9]{1,8}")


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
        # He may have written it himself, and have asked for a receipt: a line of ours would tell him of a case.
        with redirect_stdout(io.StringIO()), connect(settings, "engine") as conn:
            return take_mail(conn, ring, mail, arguments[0], words, SystemClock().now())
    except MailRefused as refused:
        sys.stderr.write(f"tocsin custody-mail: {refused}\n")
        return BAD_MAIL
    except Exception as problem:
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
        hear_notice(conn, ring, notice, words or mail.tags)
    return 0
