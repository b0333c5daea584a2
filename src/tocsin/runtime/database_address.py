"""Is this the address of a PostgreSQL, as its driver would take it? Read without the driver.

Every process reads the settings, the gate and the supervisor too, and those do without the driver: it would cost each of
them 20 MB and a tenth of a second of its start. The driver itself judges our judgement in the tests.
"""

import re
from typing import Final
from urllib.parse import unquote, urlsplit

from tocsin.runtime.addresses import ENCODE, HOST

SCHEMES: Final = ("postgresql://", "postgres://")
# A port has 16 bits.
MAX_PORT: Final = 65_535
NO_HOST: Final = f"has no host or no readable port (1 to {MAX_PORT}): {ENCODE}"
# libpq's own (PostgreSQL 18), without the user: each part goes in under its own role.
OPTIONS: Final = frozenset(
    [
        "application_name",
        "channel_binding",
        "client_encoding",
        "connect_timeout",
        "dbname",
        "fallback_application_name",
        "gssdelegation",
        "gssencmode",
        "gsslib",
        "host",
        "hostaddr",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "krbsrvname",
        "load_balance_hosts",
        "max_protocol_version",
        "min_protocol_version",
        "oauth_client_id",
        "oauth_client_secret",
        "oauth_issuer",
        "oauth_scope",
        "options",
        "passfile",
        "password",
        "port",
        "replication",
        "require_auth",
        "requirepeer",
        "scram_client_key",
        "scram_server_key",
        "service",
        "servicefile",
        "ssl_max_protocol_version",
        "ssl_min_protocol_version",
        "sslcert",
        "sslcertmode",
        "sslcompression",
        "sslcrl",
        "sslcrldir",
        "sslkey",
        "sslkeylogfile",
        "sslmode",
        "sslnegotiation",
        "sslpassword",
        "sslrootcert",
        "sslsni",
        "target_session_attrs",
        "tcp_user_timeout",
    ]
)
CHOICES: Final = {
    "channel_binding": ("disable", "prefer", "require"),
    "gssencmode": ("disable", "prefer", "require"),
    "load_balance_hosts": ("disable", "random"),
    "sslmode": ("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    "target_session_attrs": (
        "any",
        "read-write",
        "read-only",
        "primary",
        "standby",
        "prefer-standby",
    ),
}
NUMBERS: Final = frozenset(
    [
        "connect_timeout",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "tcp_user_timeout",
    ]
)

_AUTHORITY: Final = re.compile(r"[^/?#]*")
_PLACE: Final = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:\[\]]*)(?::(?P<port>[^:]*))?")
_PORT: Final = re.compile(r"[0-9]{1,5}")
_BAD_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})|%00")


def postgres(text: str) -> str:
    """Return the address of one or several PostgreSQL servers (`host:port,host:port`) as it is.

    Raises:
        ValueError: says what is wrong with it, and nothing of a password.
    """
    _judge_form(text)
    rest = text.partition("://")[2]
    authority = _AUTHORITY.match(rest)
    place = authority[0] if authority else ""
    path, _, query = rest.removeprefix(place).partition("?")
    login, _, hosts = place.rpartition("@")
    if "@" in login or "@" in path or "/" in path.removeprefix("/"):
        message = f"goes on after its host and port: {ENCODE}"
        raise ValueError(message)
    options = _options(query, is_ours="@" not in query)
    _judge_places(*_places(hosts), options)
    return text


def _judge_form(text: str) -> None:
    problem = None
    if not text.startswith(SCHEMES):
        problem = "is not a postgresql:// address"
    elif not text.isprintable() or " " in text:
        problem = "has blanks or characters that cannot be printed"
    elif _BAD_PERCENT.search(text):
        problem = "has a % without the two digits of a character behind it (% itself is %25)"
    elif "#" in text or not _can_be_split(text):
        problem = f"cannot be read: {ENCODE}"
    if problem:
        raise ValueError(problem)


def _can_be_split(text: str) -> bool:
    """Tell whether Python reads it, too; what it says if not has the password in it."""
    try:
        urlsplit(text)
    except ValueError:
        return False
    return True


def _places(text: str) -> tuple[list[str], list[str]]:
    """Return hosts and ports, one of each for every place; empty is the default."""
    found = [_PLACE.fullmatch(place) for place in text.split(",")]
    if not all(found):
        raise ValueError(NO_HOST)
    places = [match for match in found if match]
    hosts = [unquote(match["host"]).removeprefix("[").removesuffix("]") for match in places]
    return hosts, [unquote(match["port"] or "") for match in places]


def _options(query: str, *, is_ours: bool) -> dict[str, str]:
    """Return what stands behind the `?`; `is_ours`: no half of a password can be among it."""
    options = {}
    for pair in query.split("&") if query else []:
        name, _, value = pair.partition("=")
        name, value = unquote(name), unquote(value)
        if (name, value) == ("ssl", "true"):
            continue
        if pair.count("=") != 1 or name not in OPTIONS:
            shown = repr(name) if is_ours else "something"
            message = f"has {shown} behind its ?, which is no option of a connection: {ENCODE}"
            raise ValueError(message)
        _judge_option(name, value)
        options[name] = value
    return options


def _judge_option(name: str, value: str) -> None:
    if name in CHOICES and value not in CHOICES[name]:
        message = f"has a {name} that is none of {', '.join(CHOICES[name])}"
        raise ValueError(message)
    if name in NUMBERS and not re.fullmatch(r"-?[0-9]{1,9}", value):
        message = f"has a {name} that is not a whole number"
        raise ValueError(message)


def _judge_places(hosts: list[str], ports: list[str], options: dict[str, str]) -> None:
    hosts = options["host"].split(",") if options.get("host") else hosts
    ports = options["port"].split(",") if options.get("port") else ports
    if not all(_is_host(host) for host in hosts) or not all(_is_port(port) for port in ports):
        raise ValueError(NO_HOST)
    if len(ports) not in {1, len(hosts)}:
        message = (
            f"has {len(ports)} ports for {len(hosts)} hosts: give one for all, or one for each"
        )
        raise ValueError(message)


def _is_host(text: str) -> bool:
    # Empty: the driver's own default; with / or @ before it the folder of a socket.
    return not text or text.startswith(("/", "@")) or bool(HOST.fullmatch(text))


def _is_port(text: str) -> bool:
    return not text or (bool(_PORT.fullmatch(text)) and 1 <= int(text) <= MAX_PORT)
