"""Which gateways carry text messages, in and out? The file that `TOCSIN_GATEWAYS` names, every field checked.

A field that is wrong would be found on the night that it is needed: each has a kind and bounds here, and one that does
not exist is refused by its name.
"""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

MAX_GATEWAYS: Final = 1_000
MAX_SECRET_CHARS: Final = 512
MAX_BODY_CHARS: Final = 4_096
MAX_FIELD_CHARS: Final = 64
MAX_ID_PATH_CHARS: Final = 200
# Not more than the connections that are kept to one host.
MAX_CONCURRENCY: Final = 64
KINDS: Final = ("twilio", "http")
METHODS: Final = ("GET", "POST")
INBOUND_AUTHS: Final = ("hmac", "basic", "header")
PLACES: Final = ("to", "from", "text", "coding", "reference", "callback", "account", "secret")

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
_URL: Final = re.compile(r"https?://[!-~]{1,2040}", re.IGNORECASE)
_NUMBER: Final = re.compile(r"[A-Za-z0-9+][A-Za-z0-9 +._-]{0,39}")
_CONTENT_TYPE: Final = re.compile(r"[a-z]+/[!-~]+(; ?[!-~]+)*")
_PLACE: Final = re.compile(r"\{([A-Za-z_]+)\}")
_DOTTED: Final = re.compile(r"[\w-]+(\.[\w-]+)*")


class GatewayProblem(ValueError):
    """A gateways file that cannot be used: says where, why, and what would do."""

    def __init__(self, problem: str, example: str) -> None:
        """Keep both parts for the message of the setting."""
        super().__init__(problem)
        self.example = example


@dataclass(frozen=True, slots=True)
class Gateway:
    """One way in and out for text messages, from the gateways file (`[name]` tables).

    `kind` is `twilio` (form post, basic auth, X-Twilio-Signature) or `http` (a template: any gateway that
    takes a GET or POST). `opted_out`: how it says that a number took itself off (STOP), beside what is known.
    `concurrency` is how many sends may be under way with this provider at once. `region` (ISO 3166, "US") is the country
    of a sender's number that comes in without one; empty: only international forms are read.
    """

    name: str
    kind: str
    organisation: str
    url: str
    number: str
    account: str = ""
    secret: str = ""
    inbound_secret: str = ""
    method: str = "POST"
    body: str = ""
    content_type: str = "application/x-www-form-urlencoded"
    ok_status: tuple[int, ...] = (200, 201, 202)
    id_path: str = ""
    opted_out: str = ""
    inbound_from: str = "from"
    inbound_text: str = "text"
    inbound_auth: str = "hmac"
    concurrency: int = 16
    region: str = ""


def read_file(path: Path) -> tuple[Gateway, ...]:
    """Return the gateways of a file.

    Raises:
        GatewayProblem: it cannot be read, or something in it is wrong; says what.
    """
    try:
        return read_gateways(_text_of(path))
    except GatewayProblem as problem:
        raise GatewayProblem(f"{path}: {problem}", problem.example) from problem
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        example = '[harbour] with kind = "http", organisation, url, number, secret'
        raise GatewayProblem(f"{path}: {problem}", example) from problem


def _text_of(path: Path) -> str:
    if path.exists() and not path.is_file():
        # A device or a pipe may never end.
        raise GatewayProblem("is not a file", "[harbour] in it")
    return path.read_text(encoding="utf-8")


def read_gateways(text: str) -> tuple[Gateway, ...]:
    """Return the gateways of a file with this text, in its order.

    Raises:
        GatewayProblem: names the table, the field, what is wrong with it, an example.
        tomllib.TOMLDecodeError: it is not TOML.
    """
    tables = tomllib.loads(text)
    if not tables or len(tables) > MAX_GATEWAYS:
        raise GatewayProblem(f"has {len(tables)} gateways, not 1 to {MAX_GATEWAYS}", "[harbour]")
    return tuple(_gateway(name, table) for name, table in tables.items())


def _gateway(name: str, table: object) -> Gateway:
    if not isinstance(table, Mapping):
        raise GatewayProblem(
            f"{name!r} stands outside a table", f'[harbour] and then {name} = "..."'
        )
    if not _NAME.fullmatch(name):
        raise GatewayProblem(
            f"[{name}] is not a name for an address (A-Z a-z 0-9 _ -)", "[harbour]"
        )
    for field in table:
        if field not in CHECKS:
            known = ", ".join(CHECKS)
            raise GatewayProblem(f"[{name}] {field}: there is no such field", f"one of {known}")
    for field in fields(Gateway):
        if field.name != "name" and field.default is MISSING and field.name not in table:
            raise GatewayProblem(f"[{name}] {field.name} is missing", EXAMPLES[field.name])
    values = {field: _checked(name, field, value) for field, value in table.items()}
    gateway = Gateway(name=name, **values)
    if gateway.kind == "twilio":
        _judge_twilio(gateway, set(table))
    else:
        _judge_http(gateway)
        _judge_inbound(gateway, set(table))
    return gateway


def _checked(name: str, field: str, value: object) -> Any:
    try:
        return CHECKS[field](value)
    except ValueError as problem:
        # What is secret is not shown: this line goes to a log.
        shown = "" if "secret" in field else f"{value!r} "
        message = f"[{name}] {field}: {shown}{problem}"
        raise GatewayProblem(message, EXAMPLES[field]) from problem


# --- single fields ------------------------------------------------------------------------------------


def _text(
    most: int, pattern: re.Pattern[str] | None = None, what: str = ""
) -> Callable[[Any], str]:
    def check(value: object) -> str:
        if not isinstance(value, str):
            message = "is not text in quotation marks"
            raise ValueError(message)  # noqa: TRY004 - the file's value is wrong, not our types
        if len(value) > most or not all(c.isprintable() or c == "\n" for c in value):
            message = f"has more than {most} characters, or some that cannot be printed"
            raise ValueError(message)
        if pattern and not pattern.fullmatch(value):
            message = f"is not {what}"
            raise ValueError(message)
        return value

    return check


def _one_of(words: tuple[str, ...]) -> Callable[[Any], str]:
    def check(value: object) -> str:
        if value not in words:
            message = f"is none of {', '.join(words)}"
            raise ValueError(message)
        return str(value)

    return check


def _address(value: object) -> str:
    url = _text(2_048, _URL, "an http or https address without blanks")(value)
    parts = urlsplit(url)
    try:
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or "@" in parts.netloc:
        message = (
            "has no host, no readable port, or a name before its host (use account and secret)"
        )
        raise ValueError(message)
    return _with_places(url)


def _body(value: object) -> str:
    return _with_places(_text(MAX_BODY_CHARS)(value))


def _with_places(text: str) -> str:
    for place in _PLACE.findall(text):
        if place not in PLACES:
            message = f"has a place {{{place}}} that is none of {', '.join(PLACES)}"
            raise ValueError(message)
    return text


def _statuses(value: object) -> tuple[int, ...]:
    found = value if isinstance(value, list) else []
    # A text that was refused with 4xx or 5xx and called sent would be lost without a word.
    if not found or not all(type(one) is int and 200 <= one <= 299 for one in found):
        message = "is not a list of numbers from 200 to 299, without quotation marks"
        raise ValueError(message)
    return tuple(found)


def _id_path(value: object) -> str:
    path = _text(MAX_ID_PATH_CHARS)(value)
    if not path or _DOTTED.fullmatch(path):
        return path
    try:
        groups = re.compile(path).groups
    except re.error as problem:
        message = f"is no regular expression ({problem})"
        raise ValueError(message) from problem
    if groups != 1:
        message = "is neither a dotted path nor an expression with one group"
        raise ValueError(message)
    return path


def _expression(value: object) -> str:
    text = _text(MAX_ID_PATH_CHARS)(value)
    try:
        is_everything = bool(text) and re.compile(text).search("") is not None
    except re.error as problem:
        message = f"is no regular expression ({problem})"
        raise ValueError(message) from problem
    if is_everything:
        message = (
            "is found in any answer: every text that fails would look as if its number were blocked"
        )
        raise ValueError(message)
    return text


def _concurrency(value: object) -> int:
    if type(value) is not int or not 1 <= value <= MAX_CONCURRENCY:
        message = f"is not a whole number from 1 to {MAX_CONCURRENCY}"
        raise ValueError(message)
    return value


def _region(value: object) -> str:
    # Here, not above: every process reads this file, and few have a region to look up (7 MB and 80 ms each).
    from phonenumbers import SUPPORTED_REGIONS  # noqa: PLC0415

    # "UK" is none, "GB" is: a wrong one would read every number in its national form as nobody's.
    if not isinstance(value, str) or value not in SUPPORTED_REGIONS:
        message = f"{value!r} is no country's two capital letters (ISO 3166)"
        raise ValueError(message)
    return value


_FIELD: Final = _text(MAX_FIELD_CHARS, re.compile(r"[!-~]+"), "the name of a field")
_SECRET: Final = _text(MAX_SECRET_CHARS)

CHECKS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "kind": _one_of(KINDS),
    "organisation": _text(60, _SLUG, "a short name (small letters, digits, dashes)"),
    "url": _address,
    "number": _text(40, _NUMBER, "a number or a sender's name"),
    "account": _text(MAX_SECRET_CHARS),
    "secret": _SECRET,
    "inbound_secret": _SECRET,
    "method": _one_of(METHODS),
    "body": _body,
    "content_type": _text(100, _CONTENT_TYPE, "a content type"),
    "ok_status": _statuses,
    "id_path": _id_path,
    "opted_out": _expression,
    "inbound_from": _FIELD,
    "inbound_text": _FIELD,
    "inbound_auth": _one_of(INBOUND_AUTHS),
    "concurrency": _concurrency,
    "region": _region,
}
EXAMPLES: Final = {
    "kind": 'kind = "http"',
    "organisation": 'organisation = "harbour-county-ems"',
    "url": 'url = "https://sms.example.org/v1/messages"',
    "number": 'number = "+13125550190"',
    "account": 'account = "tocsin"',
    "secret": 'secret = "the password, in quotation marks"',
    "inbound_secret": 'inbound_secret = "a long random text"',
    "method": 'method = "POST"',
    "body": """body = '{"to": "{to}", "text": "{text}"}'""",
    "content_type": 'content_type = "application/json"',
    "ok_status": "ok_status = [200, 201, 202]",
    "id_path": 'id_path = "messages.0.id"',
    "opted_out": 'opted_out = "code.?: ?4030"',
    "inbound_from": 'inbound_from = "from"',
    "inbound_text": 'inbound_text = "text"',
    "inbound_auth": 'inbound_auth = "hmac"',
    "concurrency": "concurrency = 16",
    "region": 'region = "US"',
}
ONLY_HTTP: Final = frozenset(
    {"method", "body", "content_type", "ok_status", "id_path", "opted_out"}
    | {"inbound_from", "inbound_text", "inbound_auth"}
)


# --- fields together ----------------------------------------------------------------------------------


def _judge_twilio(gateway: Gateway, given: set[str]) -> None:
    for field in ("account", "secret"):
        if not getattr(gateway, field):
            message = f"[{gateway.name}] {field} is missing: Twilio refuses every text without it"
            raise GatewayProblem(message, EXAMPLES[field])
    for field in sorted(given & ONLY_HTTP):
        message = f'[{gateway.name}] {field} has no meaning with kind = "twilio"'
        raise GatewayProblem(message, 'kind = "http"')


def _judge_http(gateway: Gateway) -> None:
    if gateway.method == "GET" and gateway.body:
        message = f"[{gateway.name}] body: a GET has none; put the places into url"
        raise GatewayProblem(message, 'method = "POST"')
    for place in ("to", "text"):
        if f"{{{place}}}" not in gateway.url + gateway.body:
            where = "url" if gateway.method == "GET" else "url or body"
            message = f"[{gateway.name}] {where}: no place {{{place}}}, so nobody could be reached"
            raise GatewayProblem(message, EXAMPLES["body"])
    if gateway.body and "json" in gateway.content_type:
        try:
            json.loads(_PLACE.sub("0", gateway.body))
        except ValueError as problem:
            message = f"[{gateway.name}] body: is no JSON ({problem})"
            raise GatewayProblem(message, EXAMPLES["body"]) from problem


def _judge_inbound(gateway: Gateway, given: set[str]) -> None:
    if "inbound_auth" in given and not gateway.inbound_secret:
        message = f"[{gateway.name}] inbound_secret is missing: every text that comes in is refused"
        raise GatewayProblem(message, EXAMPLES["inbound_secret"])
    if gateway.inbound_from == gateway.inbound_text:
        message = f"[{gateway.name}] inbound_text is the same field as inbound_from"
        raise GatewayProblem(message, EXAMPLES["inbound_text"])
