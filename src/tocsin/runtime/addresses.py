"""Which addresses may a setting hold? Whole ones: a scheme that we speak, a host, a port that can be read."""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import SplitResult, urlsplit

MAX_GATES: Final = 16
# RFC 1035, 2.3.4
MAX_LABEL: Final = 63
EVERY_IPV4: Final = "0.0.0.0"  # noqa: S104 - compared with, not bound to
EVERY_IPV6: Final = "::"
# RFC 5321's mailbox without quoted local parts and address literals: what people really have.
MAIL_ADDRESS: Final = re.compile(
    r"(?=.{3,254}\Z)(?=[^@]{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
)
# A name, an IPv4 or an IPv6 address; letters of other scripts are names, too.
HOST: Final = re.compile(r"[\w.:-]+")
ENCODE: Final = (
    "write it percent-encoded where a name or password has one of / # ? @ : [ ] % ('/' is %2F)"
)


def _parts(text: str, schemes: tuple[str, ...]) -> SplitResult:
    """Return the parts of an address that has one of these schemes, a host and, if any, a readable port."""
    if any(not c.isprintable() or c.isspace() for c in text):
        message = "has blanks or characters that cannot be printed"
        raise ValueError(message)
    if text.partition("://")[0].lower() not in schemes:
        *others, last = [f"{scheme}://" for scheme in schemes]
        message = f"is not an {', '.join(others)} or {last} address"
        raise ValueError(message)
    try:
        parts = urlsplit(text)
        is_whole = _is_name(parts.hostname or "") and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole:
        message = f"has no host or no readable port: {ENCODE}"
        raise ValueError(message)
    return parts


def _is_name(host: str) -> bool:
    """Tell whether a host can be looked up: every label has 1 to 63 bytes, as it is sent."""
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return False
    return all(1 <= len(label) <= MAX_LABEL for label in host.removesuffix(".").split("."))


def url(text: str) -> str:
    """Return an http(s) address without its last slash.

    Raises:
        ValueError: says what is wrong with it.
    """
    # Not by urlsplit: what it says of one that it cannot read has the password in it.
    if text.strip().partition("://")[0].lower() not in {"http", "https"}:
        message = "is not an http or https address"
        raise ValueError(message)
    _parts(text, ("http", "https"))
    return text.rstrip("/")


def base(text: str) -> str:
    """Return the http(s) address below which our own pages and doors are, without its last slash.

    Raises:
        ValueError: says what is wrong with it.
    """
    found = url(text)
    parts = urlsplit(found)
    if "?" in found or "#" in found or "@" in parts.netloc:
        message = "has a name, a password, a question or a fragment: every link would carry it"
        raise ValueError(message)
    if not HOST.fullmatch(parts.hostname or ""):
        message = "is not one address: several are separated by blanks"
        raise ValueError(message)
    return found


def urls(text: str) -> tuple[str, ...]:
    """Return the addresses of gates, separated by blanks.

    Raises:
        ValueError: says what is wrong with it.
    """
    found = tuple(base(part) for part in text.split())
    if any(one.endswith("/sos") for one in found):
        message = "ends with /sos, which each phone adds itself: nothing it sends would arrive"
        raise ValueError(message)
    if not 1 <= len(found) <= MAX_GATES:
        message = (
            f"names {len(found)} gates, not 1 to {MAX_GATES}: a phone would have nowhere to press"
        )
        raise ValueError(message)
    return found


def bind(text: str) -> tuple[str, int]:
    """Return the host and port on which a process of ours listens; [::1]:8000 is one, too.

    Raises:
        ValueError: says what is wrong with it.
    """
    host, _, port = text.rpartition(":")
    host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    is_port = port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= 65535
    if not HOST.fullmatch(host) or not _is_name(host) or not is_port:
        message = "is not host:port"
        raise ValueError(message)
    return host, int(port)


def share(one: tuple[str, int], other: tuple[str, int]) -> bool:
    """Tell whether two that listen there would be in each other's way; port 0 is the system's to choose, and in nobody's."""
    if one[1] != other[1] or not one[1]:
        return False
    return any(
        _covers(a, b) or _covers(b, a) for a in _addresses(one[0]) for b in _addresses(other[0])
    )


def _addresses(host: str) -> tuple[str, ...]:
    return ("127.0.0.1", "::1") if host.lower() == "localhost" else (host.lower(),)


def _covers(host: str, other: str) -> bool:
    return host in {other, EVERY_IPV6 if ":" in other else EVERY_IPV4}


def server(*schemes: str) -> Callable[[str], str]:
    """Return what reads the address of a server, with any name and password, of one of these schemes.

    Raises:
        ValueError: says what is wrong with it.
    """

    def read(text: str) -> str:
        parts = _parts(text, schemes)
        # "smtp://name:12/34@host" is a whole address too, of another machine and port.
        if parts.path.rstrip("/") or parts.query or parts.fragment:
            message = f"goes on after its host and port: {ENCODE}"
            raise ValueError(message)
        return text

    return read


def mail(text: str) -> str:
    """Return a mail address as it is, without a name.

    Raises:
        ValueError: says what is wrong with it.
    """
    if not MAIL_ADDRESS.fullmatch(text):
        message = "is not a mail address alone, without a name or <> around it"
        raise ValueError(message)
    return text


def mail_of_person(text: str) -> str:
    """Return a person's mail address as it is: one that the mail channel sends to.

    One rule for the page, the table and the channel; like `mail`, with a whole domain: "gus@depot" has lost its end.

    Raises:
        ValueError: says what is wrong with it.
    """
    if "." not in mail(text).rpartition("@")[2]:
        message = "has no whole domain behind its @"
        raise ValueError(message)
    return text


def mailto(text: str) -> str:
    """Return a mailto: address as it is.

    Raises:
        ValueError: says what is wrong with it.
    """
    if not text.startswith("mailto:") or not MAIL_ADDRESS.fullmatch(text.removeprefix("mailto:")):
        message = "is not a mailto: address that a push service can write to"
        raise ValueError(message)
    return text
