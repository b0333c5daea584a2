"""Would anybody be reached by text or by mail? What `tocsin doctor` finds out about gateways and the mail server."""

import smtplib
import ssl
from collections.abc import Iterator
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

import psycopg

from tocsin.runtime import outside_database, postgres_home
from tocsin.runtime.finding import OK, WARNING, WRONG, Finding
from tocsin.runtime.settings import Settings

MAIL_WITHIN_S: Final = 5.0
MAX_NAMES: Final = 5
PORTS: Final = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})
TEXTS: Final = "text messages"
MAIL: Final = "e-mail"


def examine(config: Settings) -> Iterator[Finding]:
    """Yield what was found about texts and mail; asks the mail server and the database, for seconds at most."""
    yield from _texts(config)
    yield _mail(config)


# --- texts --------------------------------------------------------------------------------------------


def _texts(config: Settings) -> Iterator[Finding]:
    if not config.gateways:
        text = "no gateway: nobody is reached by text. Set TOCSIN_GATEWAYS."
        yield Finding(WARNING, TEXTS, text)
        return
    names = ", ".join(gateway.name for gateway in config.gateways)
    yield Finding(OK, TEXTS, f"by {names}.")
    for gateway in config.gateways:
        if gateway.kind == "http" and not gateway.inbound_secret:
            text = f"[{gateway.name}] has no inbound_secret: every text that comes in is refused."
            yield Finding(WARNING, TEXTS, text)
    yield from judge_organisations(config, _slugs(config))


def judge_organisations(config: Settings, slugs: frozenset[str] | None) -> Iterator[Finding]:
    """Yield each gateway whose organisation does not exist; `slugs`: those that do, None if that is not known.

    A text that such a gateway brings is answered with 200 and belongs to nobody.
    """
    if slugs is None:
        text = "whether the gateways' organisations exist is unknown: the database does not say."
        yield Finding(WARNING, TEXTS, text)
        return
    there = ", ".join(sorted(slugs)[:MAX_NAMES]) or "none yet (`tocsin found`)"
    for gateway in config.gateways:
        if gateway.organisation not in slugs:
            text = (
                f'[{gateway.name}] organisation = "{gateway.organisation}": there is none of this short name, '
                f"so its texts, an SOS too, reach nobody. There are: {there}. TOCSIN_GATEWAYS."
            )
            yield Finding(WRONG if slugs else WARNING, TEXTS, text)


def _slugs(config: Settings) -> frozenset[str] | None:
    is_embedded = not config.database_url
    if is_embedded and not postgres_home.is_running(postgres_home.base_folder(config) / "data"):
        return None
    try:
        return outside_database.organisations(config)
    except psycopg.Error:
        return None


# --- mail ---------------------------------------------------------------------------------------------


def _mail(config: Settings) -> Finding:
    if not config.smtp_url:
        text = "no mail server: nobody is reached by mail. Set TOCSIN_SMTP_URL."
        return Finding(WARNING, MAIL, text)
    parts = urlsplit(config.smtp_url)
    where = f"{parts.hostname}:{parts.port or PORTS[parts.scheme]}"
    try:
        _log_in(parts, config.mail_from)
    except (OSError, smtplib.SMTPException, ValueError) as problem:
        text = f"{where} {_said(problem)}: nobody is reached by mail. TOCSIN_SMTP_URL."
        return Finding(WRONG, MAIL, text)
    if parts.scheme == "smtp" and parts.username and parts.hostname not in HERE:
        text = f"{where} gets name and password without encryption: use smtp+tls:// or smtps://."
        return Finding(WARNING, MAIL, text)
    how = f"lets us in as {unquote(parts.username)}" if parts.username else "takes us without login"
    return Finding(OK, MAIL, f"{where} {how}, and {config.mail_from} as the sender.")


def _log_in(parts: SplitResult, sender: str) -> None:
    """Do what a mail begins with, and send none.

    Raises:
        OSError, smtplib.SMTPException: what is in the way; SMTPSenderRefused for the sender.
    """
    context = ssl.create_default_context()
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    # Its default asks the name server who we are, and waits for that.
    name = sender.rpartition("@")[2]
    if parts.scheme == "smtps":
        made: smtplib.SMTP = smtplib.SMTP_SSL(
            host, port, local_hostname=name, timeout=MAIL_WITHIN_S, context=context
        )
    else:
        made = smtplib.SMTP(host, port, local_hostname=name, timeout=MAIL_WITHIN_S)
    with made as server:
        if parts.scheme == "smtp+tls":
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.ehlo_or_helo_if_needed()
        code, answer = server.mail(sender)
        if code // 100 != 2:
            raise smtplib.SMTPSenderRefused(code, answer, sender)


def _said(problem: Exception) -> str:
    match problem:
        case smtplib.SMTPAuthenticationError(smtp_code=code):
            return f"refuses our name and password ({code}; is the password percent-encoded?)"
        case smtplib.SMTPSenderRefused(smtp_code=code, sender=sender):
            return f"refuses {sender} as the sender ({code}; TOCSIN_MAIL_FROM)"
        case smtplib.SMTPNotSupportedError():
            return f"does not offer what the address asks for ({problem})"
        case smtplib.SMTPException() if not _is_late(problem):
            return f"does not speak as a mail server does ({type(problem).__name__})"
    return _said_of_the_line(problem)


def _said_of_the_line(problem: Exception) -> str:
    if _is_late(problem):
        return f"did not answer within {MAIL_WITHIN_S:.0f} s"
    match problem:
        case ssl.SSLError():
            return f"has no encryption that can be trusted ({problem.reason or problem})"
        case OSError():
            return f"cannot be reached ({problem.strerror or problem})"
    return f"cannot be asked ({problem})"


def _is_late(problem: Exception) -> bool:
    # smtplib calls a time-out in the middle "disconnected".
    return isinstance(problem, TimeoutError) or isinstance(problem.__context__, TimeoutError)
