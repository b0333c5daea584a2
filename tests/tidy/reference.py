"""What do the reference pages say? Made from the code, so that they cannot differ from it.

    python -m tests.tidy.reference            says which pages differ
    python -m tests.tidy.reference --write    writes them

`PAGES` are whole files. `BLOCKS` are parts of written pages, between
`<!-- made: NAME -->` and `<!-- end -->`.
"""

import ast
import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, Final

from tocsin.cli import COMMANDS
from tocsin.notifications.rules.templates import TEMPLATES
from tocsin.notifications.rules.wording import ALLOWED, BY_TEXT, DRILL_WORDS, FOOTER, Answer
from tocsin.record.rules.kinds import reference as entries
from tocsin.registry.rules.contacts import CHANNELS
from tocsin.runtime.settings import SETTINGS, Gateway

ROOT: Final = Path(__file__).parents[2]
SRC: Final = ROOT / "src" / "tocsin"
CHANNEL_FOLDERS: Final = SRC / "notifications" / "channels"
# Kept as code, not as a limit: positions in an answer, classes of status codes, digits of a layout.
NO_LIMITS: Final = frozenset(
    {
        "WRONG_USE",
        "INTERRUPTED",
        "BROKEN",
        "SUCCESS",
        "REDIRECTION",
        "CLIENT_ERROR",
        "REFUSED_FOR_NOW",
        "REFUSED_FOR_GOOD",
        "FINAL",
        "VERSION",
        "ONE_SIGNAL",
        "TIME_ERROR",
        "DEVICE",
        "INBOUND",
        "FOLD",
        "ADMINISTRATOR",
        "M_TRIM_THRESHOLD",
        "M_MMAP_THRESHOLD",
        "M_ARENA_MAX",
        "IDS_BYTES",
        "DAY",
    }
)
# What a gateway's fields mean; `test_reference.py` wants words for every field.
GATEWAY_WORDS: Final = {
    "kind": "`twilio`, or `http` for any gateway that takes a GET or POST",
    "organisation": "the short name (slug) of the organisation whose texts it carries",
    "url": "where a text is handed over; for `http` with places to fill",
    "number": "the number that texts are sent from, E.164",
    "account": "name for basic authentication, or the place `{account}`",
    "secret": "password or token, or the place `{secret}`",
    "inbound_secret": "proves inbound texts; empty for Twilio: `secret`",
    "method": "`http` only: POST or GET",
    "body": "`http` only: the body with places to fill",
    "content_type": "`http` only: a form, or JSON",
    "ok_status": "`http` only: the answers that mean *taken*",
    "opted_out": "`http` only: an expression that is found where it refuses a text because the number took itself off (STOP)",
    "id_path": "`http` only: where its answer holds the text's id: a dotted path, or an expression with one group",
    "inbound_from": "`http` only: the field of an inbound text that holds the sender's number",
    "inbound_text": "`http` only: the field of an inbound text that holds its words",
    "inbound_auth": "`http` only: `hmac`, `basic` or `header`",
    "region": "country (`US`) of a sender's number that comes in without one; empty: only international forms are read",
    "concurrency": "how many sends may be under way with this gateway at once, 1 to 64",
}
# Words for limits whose name does not say enough; a docstring in the code wins.
WORDS: Final = {
    "api/receipts.py:MAX_BODY": "largest body of a status call-back, bytes",
    "console/asgi.py:WORKERS": "threads that answer pages",
    "console/asgi.py:MAX_BODY": "largest body of any request to the pages, bytes",
    "console/asgi.py:PAPERS_AT_ONCE": "forms with an order's papers that are taken in at once",
    "console/asgi.py:PAPERS_WITHIN_S": "an order's papers must have come whole within this",
    "console/asgi.py:BODY_WITHIN_S": "a request's body must have come whole within this",
    "console/django_settings.py:SESSION_COOKIE_AGE": "a sign-in ends after this, in seconds",
    "console/django_settings.py:AXES_FAILURE_LIMIT": "wrong sign-ins of one login from one address",
    "console/django_settings.py:AXES_COOLOFF_TIME": "for how long that pair then waits; signing in only, never an SOS",
    "console/live.py:BEAT_S": "a live stream says at least this often that it lives",
    "console/live.py:MAX_STREAMS": "live streams open at once",
    "console/live.py:MAX_QUEUE": "doorbells kept for one slow stream; then it is told to load anew",
    "console/sign_in.py:FRESH_S": "for this long after signing in, no password is asked again",
    "decisions/rules/incident.py:MAX_KEYS": "presses of one incident whose device is told the grade, the newest",
    "engine/brownout.py:PROBE_S": "how often PostgreSQL is asked whether it is back",
    "engine/chores.py:SEAL_S": "pause between two sealings of the record",
    "engine/chores.py:SNAPSHOT_PAUSE_S": "least pause between two snapshots, however many are wanted",
    "engine/chores.py:SNAPSHOT_S": "pause between two snapshots for the time without a database",
    "engine/chores.py:STRANGERS_S": "how often unverified signals are brought to the duty lead",
    "engine/chores.py:HEARTBEAT_S": "how often the outside watcher is told, while all is well",
    "engine/composing.py:KEEP_S": "how long an address stays in memory: a revoked one is used no longer",
    "engine/cover.py:LOOK_S": "how often the cover ahead is looked at",
    "engine/cover.py:PLAN_S": "how often rosters are planned ahead",
    "engine/desk.py:LOCK_TIMEOUT_MS": "a statement waits no longer for a lock",
    "engine/engine.py:SWEEP_S": "the net under the doorbells: spool and due rows are looked at this often anyway",
    "engine/engine.py:RENEW_S": "how often the leases of what is being sent are renewed",
    "engine/engine.py:AGAIN_S": "pause before a loop that broke is started again",
    "engine/engine.py:CLAIM_AT_ONCE": "deliveries taken at once",
    "engine/outbox.py:SEND_TIMEOUT_S": "one attempt to send takes no longer",
    "engine/outbox.py:GIVE_UP_SENDING_S": "a channel that does not end its attempt in time is cut off and has failed",
    "engine/outbox.py:PROVIDER_ID_MAX_CHARS": "kept of a provider's own name for a message",
    "runtime/addresses.py:MAX_GATES": "gates of one installation",
    "runtime/gateway_file.py:MAX_GATEWAYS": "gateways in one file",
    "runtime/gateway_file.py:MAX_SECRET_CHARS": "longest password, token or account name of a gateway",
    "runtime/gateway_file.py:MAX_BODY_CHARS": "longest body of a gateway, before its places are filled",
    "runtime/gateway_file.py:MAX_FIELD_CHARS": "longest name of a field of an inbound text",
    "runtime/gateway_file.py:MAX_ID_PATH_CHARS": "longest `id_path`",
    "runtime/gateway_file.py:MAX_CONCURRENCY": "most sends under way with one gateway",
    "runtime/reach.py:MAIL_WITHIN_S": "the doctor waits this long for each answer of the mail server",
    "runtime/reach.py:MAX_NAMES": "organisations that the doctor names beside one that does not exist",
    "engine/outbox.py:PROBE_EVERY_S": "a provider that refuses connections is tried again this often",
    "engine/outbox.py:AT_ONCE_PER_PEER": "sends under way with one provider",
    "flow/announce_gaps.py:AHEAD": "a gap in cover is said this long before it begins",
    "flow/answer_link.py:ALIVE_FOR": "an answer link dies this long after its incident is closed",
    "flow/enrol_device.py:GOOD_FOR": "how long the QR code of an enrolment is good for",
    "flow/run_drill.py:PROOF_DEADLINE_S": "how long a proof of reach waits for an answer",
    "notifications/rules/delivery.py:RETRY_S": "pauses between attempts after a temporary failure; the last one repeats",
    "notifications/rules/delivery.py:SLOW_AFTER_S": "a message that has waited so long for its turn at a provider is shown as waiting",
    "notifications/rules/delivery.py:GIVE_UP_AFTER_S": "then the delivery has failed for good",
    "notifications/rules/delivery.py:LEASE_S": "for how long an engine holds a delivery without renewing it",
    "notifications/rules/due.py:CONFIRM_AGAIN_WITHIN_S": "whoever is in charge has at least this long to answer, however late she was asked",
    "notifications/rules/due.py:CALL_AGAIN_AT_MOST_EVERY_S": "another press of hers calls everybody again, at most this often",
    "notifications/rules/respondent.py:SEEN_AGAIN_AT_MOST_EVERY_S": "one more sighting calls everybody again, at most this often",
    "notifications/rules/respondent.py:TELL_AGAIN_AT_MOST_EVERY_S": "what only informs is told again, at most this often",
    "decisions/rules/level.py:CHECK_EVERYBODY_AFTER_S": "a possible match that nobody at the door compared goes to everybody on duty",
    "decisions/rules/level.py:CHECK_HERSELF_AFTER_S": "then she is told all the same",
    "decisions/rules/level.py:INFORM_LEADS_AFTER_S": "what only informs goes to the leads if the door does not take it",
    "decisions/rules/sighting.py:KEEP_WITHOUT_INCIDENT": "a sighting that was dismissed is kept this long",
    "decisions/rules/distance.py:STALE_AFTER": "an older position is unknown, never safe",
    "decisions/rules/distance.py:ASSUMED_ACCURACY_M": "what a receiver that does not say its accuracy is believed to have",
    "decisions/rules/distance.py:USELESS_ACCURACY_M": "a position less exact than this says nothing",
    "decisions/rules/distance.py:LEAVE_MARGIN_M": "he has left a fence once he is this far beyond it",
    "decisions/rules/distance.py:LEAVE_AFTER_FIXES": "and so often in a row",
    "signals/store_fixes.py:KEPT_FOR": "a position is erased after this",
    "engine/sightings.py:TAKE_AT_ONCE": "reports taken in one transaction",
    "engine/sightings.py:SWEEP_S": "reports are looked for this often without a bell",
    "notifications/rules/escalation.py:MOST_AT_ONCE": "things that were due and are caught up in one go",
    "notifications/channels/http.py:CONNECTIONS_PER_HOST": "kept-alive connections to one host",
    "notifications/channels/sms/wording.py:SEGMENTS_MAX": "segments of one text",
    "notifications/channels/webpush/channel.py:TTL_S": "how long a push service may hold a push",
    "notifications/channels/wire.py:ANSWER_MAX_BYTES": "bytes of an answer that are read",
    "registry/rules/policy.py:MAX_STEPS": "steps of a ladder",
    "registry/rules/policy.py:MAX_OFFSET_S": "latest step, from the incident's opening",
    "registry/rules/policy.py:REPEAT_S": "lowest and highest `repeat_after_s`",
    "registry/rules/policy.py:CONFIRM_S": "lowest and highest `confirm_every_s`",
    "registry/rules/policy.py:CALL_UNCLAIMED_S": "lowest and highest `call_unclaimed_s`",
    "registry/rules/policy.py:DEADLINE_S": "lowest and highest `deadline_s`",
    "registry/rules/policy.py:MAX_QUORUM": "highest quorum of a step",
    "registry/rules/policy.py:MAX_PROVEN": "highest `required_proven`",
    "registry/rules/usual.py:WATCHER_AFTER_S": "a late walk: the watcher is called this long after she was asked",
    "registry/rules/usual.py:EVERYBODY_AFTER_S": "a late walk: everybody is called this long after she was asked",
    "signals/rules/codes.py:WRONG_CODES_THAT_ALARM": "so many wrong codes in a row look like a cancel, and alarm",
    "signals/rules/codes.py:SCRYPT_N": "cost of one code's digest (RFC 7914)",
    "signals/rules/press.py:TIMER_S": "shortest and longest timer of a walk",
    "signals/rules/press.py:TIMER_USUAL_S": "a walk's timer when none is given",
    "signals/rules/press.py:MAX_NOTE": "characters of a walk's note that are kept",
    "signals/rules/press.py:MAX_WAY": "characters of a walk's way that are kept",
}
# Demo, sandbox carrier and the doctor's own thresholds bound nothing that people rely on.
NO_LIMIT_FOLDERS: Final = ("demo", "carrier")
SEEN_AS_UNIT: Final = {
    "S": "seconds",
    "MS": "milliseconds",
    "NS": "nanoseconds",
    "MB": "MB",
    "BYTES": "bytes",
    "CHARS": "characters",
    "DAYS": "days",
    "DIGITS": "digits",
}


# --- settings ---------------------------------------------------------------------------------------


def settings() -> str:
    """Return the page of the settings and of the gateways file."""
    lines = [
        "# Settings",
        "",
        "Made from `src/tocsin/runtime/settings.py`. Settings are environment variables. An unknown name that begins",
        "with `TOCSIN_` and a value that cannot be used stop the start; the message names the setting, the problem and",
        "an example. `tocsin doctor` reads the same settings.",
        "",
        "| setting | default | meaning | example |",
        "|---|---|---|---|",
    ]
    for one in SETTINGS:
        default = f"`{one.default}`" if one.default else "(empty)"
        lines.append(f"| `{one.name}` | {default} | {_cell(one.meaning)} | `{one.example}` |")
    lines += [
        "",
        "## The gateways file",
        "",
        "`TOCSIN_GATEWAYS` names a TOML file with one `[name]` table for each text-message gateway; `name` is part of its",
        "call-back addresses. [Connect a gateway](../how-to/connect-a-gateway.md) shows whole files.",
        "",
        "| field | default | meaning |",
        "|---|---|---|",
    ]
    lines += [
        f"| `{name}` | {default} | {GATEWAY_WORDS.get(name, '')} |"
        for name, default in gateway_fields()
    ]
    return "\n".join([*lines, ""])


def gateway_fields() -> Iterator[tuple[str, str]]:
    """Yield each field of a gateway's table, with its default as it is written."""
    for field in fields(Gateway):
        if field.name != "name":
            default: Any = field.default
            yield field.name, "(needed)" if default is MISSING else f"`{_toml(default)}`"


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(str, value)) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


# --- limits -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Limit:
    """One named bound or time, where it stands, and what it says of itself."""

    module: str
    name: str
    value: str
    meaning: str


def limits() -> str:
    """Return the page of every named bound and time."""
    lines = [
        "# Limits and times",
        "",
        "Made from the constants of the code: every named number that bounds a loop, a queue, a text, an upload or a wait.",
        "Names end with their unit (`_S` seconds, `_MS` milliseconds, `_BYTES`, ...); two numbers are a lowest and a",
        "highest value. A constant without words of its own is described by its name.",
    ]
    module = ""
    for limit in find_limits():
        if limit.module != module:
            module = limit.module
            lines += ["", f"## `{module}`", "", f"{_question(SRC / module)}", ""]
            lines += ["| limit | value | meaning |", "|---|---|---|"]
        lines.append(f"| `{limit.name}` | {limit.value} | {limit.meaning} |")
    return "\n".join([*lines, ""])


def find_limits() -> list[Limit]:
    """Return every limit of the product, by file and in the order of the file."""
    found = []
    for path in sorted(SRC.rglob("*.py")):
        parts = path.relative_to(SRC).parts
        if "migrations" in parts or parts[0] in NO_LIMIT_FOLDERS:
            continue
        found += _limits_of(path)
    return found


def _limits_of(path: Path) -> Iterator[Limit]:
    text = path.read_text(encoding="utf-8")
    body, lines = ast.parse(text).body, text.splitlines()
    for number, node in enumerate(body):
        name, value = _assigned(node)
        if not name.isupper() or name.startswith("_") or name in NO_LIMITS or value is None:
            continue
        shown = _number(value)
        if shown is None:
            continue
        after = body[number + 1] if number + 1 < len(body) else None
        module = path.relative_to(SRC).as_posix()
        said = _said_after(after) or WORDS.get(f"{module}:{name}")
        meaning = said or _said_before(lines, node.lineno) or _in_words(name)
        yield Limit(module, name, shown, _cell(meaning))


def _assigned(node: ast.stmt) -> tuple[str, ast.expr | None]:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id, node.value
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id, node.value
    return "", None


def _number(node: ast.expr) -> str | None:
    """Return a number, or some numbers, as they are read; None for anything else."""
    try:
        # Only literals and arithmetic between them: no name can be looked up.
        value = eval(compile(ast.Expression(node), "limit", "eval"), {"__builtins__": {}})
    except Exception:
        return _days(node)
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return f"{value:,}"
    if isinstance(value, tuple) and value and all(type(one) in {int, float} for one in value):
        return ", ".join(f"{one:,}" for one in value)
    return None


def _days(node: ast.expr) -> str | None:
    """Return a `timedelta(days=3)` as it reads."""
    is_duration = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "timedelta"
    if not is_duration or not isinstance(node, ast.Call):
        return None
    said = [f"{ast.unparse(word.value)} {word.arg}" for word in node.keywords]
    return ", ".join(said) or None


def _said_after(node: ast.stmt | None) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return str(node.value.value)
    return ""


def _said_before(lines: list[str], lineno: int) -> str:
    said: list[str] = []
    for line in reversed(lines[: lineno - 1]):
        if not line.startswith("# ") or line.startswith("# ---"):
            break
        said.insert(0, line.removeprefix("# "))
    return " ".join(said)


def _in_words(name: str) -> str:
    words = name.split("_")
    unit = SEEN_AS_UNIT.get(words[-1]) if len(words) > 1 else None
    text = " ".join(words[:-1] if unit else words).lower()
    return f"{text} ({unit})" if unit else text


# --- channels ---------------------------------------------------------------------------------------


def channels() -> str:
    """Return the page of the channels, from their folders."""
    not_sent = [kind for kind in CHANNELS if kind not in channel_kinds()]
    lines = [
        "# Channels",
        "",
        "Made from `src/tocsin/notifications/channels/`. Each folder passes one shared contract suite",
        "(`tests/channels/test_contract.py`): success, permanent and temporary failure, time-out, hang, wrong answer,",
        "duplicate, restart in the middle of sending.",
        "",
        "What a provider answers says nothing about a person: *sent* means handed over. Whatever fails for good moves that",
        "person's next channel at once.",
    ]
    if not_sent:
        lines += [
            "",
            f"A contact method may also be of the kind {', '.join(f'`{kind}`' for kind in not_sent)}; nothing is sent to it"
            " yet, and its delivery fails, visibly.",
        ]
    for kind in channel_kinds():
        folder = CHANNEL_FOLDERS / kind
        lines += ["", f"## {kind}", "", _doc(folder / "__init__.py"), ""]
        for file in sorted(folder.glob("*.py"), key=lambda path: path.name != "channel.py"):
            if file.name != "__init__.py":
                lines += [f"`{file.name}`", "", _as_text(_doc(file)), ""]
        lines.pop()
    lines += ["", "## What all of them share", "", "`http.py`", ""]
    lines += [_as_text(_doc(CHANNEL_FOLDERS / "http.py"))]
    return "\n".join([*lines, ""])


def channel_kinds() -> list[str]:
    """Return the kinds, one for each folder."""
    return sorted(path.parent.name for path in CHANNEL_FOLDERS.glob("*/channel.py"))


# --- commands ---------------------------------------------------------------------------------------


def _cell(text: str) -> str:
    """Return a text for a cell of a table: a bar ends one, also inside a piece of code."""
    return text.replace("|", "\\|")


def commands() -> str:
    """Return the page of the commands."""
    usage = re.search(r'"""(.*?)"""', (ROOT / "run.py").read_text(encoding="utf-8"), re.DOTALL)
    lines = [
        "# Commands",
        "",
        "Made from `run.py`, `src/tocsin/cli.py` and the modules behind them. `run.py` is for a checkout: it sets up what",
        "it needs, then becomes the command. `tocsin` is the installed command (`.venv/bin/tocsin` in a checkout).",
        "",
        "## run.py",
        "",
        _as_text(usage[1] if usage else ""),
        "",
        "## tocsin",
        "",
        "| command | meaning |",
        "|---|---|",
    ]
    lines += [
        f"| `tocsin {one.name} {_cell(one.arguments)}`".rstrip(" `") + f"` | {one.meaning} |"
        for one in COMMANDS
    ]
    lines += [
        "",
        "Exit codes: 0 done, 1 not done (the reason stands on standard error), 2 wrong use, 130 interrupted.",
    ]
    for one in COMMANDS:
        module, _, function = one.run.partition(":")
        path = SRC.parent / Path(*module.split("."))
        file = path.with_suffix(".py") if path.with_suffix(".py").exists() else path / "__init__.py"
        if (path / "command.py").exists():
            file = path / "command.py"
        said = _function_doc(file, function) if module == "tocsin.runtime.commands" else _doc(file)
        lines += ["", f"### tocsin {one.name}", "", _as_text(said)]
    return "\n".join([*lines, ""])


def _function_doc(file: Path, name: str) -> str:
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return ast.get_docstring(node) or ""
    return ""


# --- texts ------------------------------------------------------------------------------------------


def templates() -> str:
    """Return the page of every text that can be sent."""
    lines = [
        "# Every text that can be sent",
        "",
        "Made from `src/tocsin/notifications/rules/templates.py`. `tests/rules/test_wording.py` reads each of them.",
        "",
        "The secrecy class decides which facts the words can reach at all:",
        "",
        "| class | facts |",
        "|---|---|",
    ]
    lines += [f"| {secrecy.value} | {', '.join(names)} |" for secrecy, names in ALLOWED.items()]
    lines += [
        "",
        f"A drill's text begins with {DRILL_WORDS['en']} ({DRILL_WORDS['es']}). By text message the link and how to answer",
        "stand below; by mail the link and: " + f"*{FOOTER['en']}*",
        "",
        "| answer by text | en | es |",
        "|---|---|---|",
    ]
    lines += [
        f"| {each.value} | {BY_TEXT[each]['en']} | {BY_TEXT[each]['es']} |" for each in Answer
    ]
    lines += ["", "| text | read by | class | answer | en | es |", "|---|---|---|---|---|---|"]
    for one in TEMPLATES:
        said = " | ".join(_cell(one.words[language].text) for language in ("en", "es"))
        lines.append(
            f"| `{one.name}` | {one.audience.value} | {one.secrecy.value} | {one.answer.value} | {said} |"
        )
    lines += ["", "Subjects (they show on a locked screen, so they say nothing):", ""]
    subjects = dict.fromkeys(
        one.words[language].subject for one in TEMPLATES for language in ("en", "es")
    )
    lines += [f"* {subject}" for subject in subjects]
    return "\n".join([*lines, ""])


def idle_texts() -> list[str]:
    """Return the texts whose name stands nowhere else in the code: nothing sends them."""
    written = SRC / "notifications" / "rules" / "templates.py"
    code = [p.read_text(encoding="utf-8") for p in SRC.rglob("*.py") if p != written]
    names = dict.fromkeys(one.name for one in TEMPLATES)
    return [name for name in names if not any(f'"{name}"' in text for text in code)]


# --- the gate's answers -----------------------------------------------------------------------------


def refusals() -> str:
    """Return the table of every refusal that the gate can answer, from its `error(...)` calls."""
    found: dict[int, dict[str, None]] = {}
    for path in sorted((SRC / "gate").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "error" and node.args:
                status = ast.literal_eval(node.args[0])
                found.setdefault(status, {})[f"{_text_of(node.args[1])} (`{path.name}`)"] = None
    for problem in malformed():
        found[400][f"{problem} (`signal_body.py`)"] = None
    found.setdefault(405, {})["(no body, to HEAD)"] = None
    lines = ["| status | `error` |", "|---|---|"]
    for status in sorted(found):
        lines += [
            f"| {status} | {_cell(text)} |"
            for text in found[status]
            if text[0] != "{" or "str(" not in text
        ]
    return "\n".join(lines)


def malformed() -> Iterator[str]:
    """Yield what the gate says of a body that is no signal."""
    tree = ast.parse((SRC / "gate" / "signal_body.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "message":
            yield _text_of(node.value)


def _text_of(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text_of(part) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return "..."
    return "{str(problem)}"


# --- measurements -----------------------------------------------------------------------------------


def benchmarks() -> str:
    """Return the page of what was measured, from `bench/results/`; it changes with each measurement."""
    lines = [
        "# Measured",
        "",
        "Made from `bench/results/*.json` by `python -m tests.tidy.reference --write`. Measure it yourself:",
        "`python3 run.py bench` names the benchmarks. The floor is the smallest durable relay on PostgreSQL, measured in the",
        "same run; compare ratios when machines differ. Each file in `bench/results/` says on which machine it was made.",
    ]
    results = sorted((ROOT / "bench" / "results").glob("*.json"))
    if not results:
        lines += ["", "Nothing is kept here yet: not measured."]
    for path in results:
        said = json.loads(path.read_text(encoding="utf-8"))
        lines += [
            "",
            f"## {said['bench']}",
            "",
            f"{said['about']}: `python3 run.py bench {said['bench']}`",
            "",
        ]
        lines += [
            "| figure | measured | must | stretch | floor | times the floor | met |",
            "|---|---|---|---|---|---|---|",
        ]
        lines += [_figure(one) for one in said["figures"]]
    return "\n".join([*lines, ""])


def _figure(one: dict[str, Any]) -> str:
    shown = [one[name] for name in ("must", "stretch", "floor", "ratio_to_floor")]
    cells = ["" if value is None else str(value) for value in shown]
    met = "" if one["must"] is None else "yes" if one["is_met"] else "NO"
    return f"| {_cell(one['name'])} | {one['value']} {one['unit']} | {' | '.join(cells)} | {met} |"


# --- reading the code -------------------------------------------------------------------------------


def _doc(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


def _question(path: Path) -> str:
    return _doc(path).partition("\n\n")[0].replace("\n", " ")


def _as_text(said: str) -> str:
    return f"```text\n{said.strip()}\n```"


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().replace("|", "\\|")


# --- pages ------------------------------------------------------------------------------------------

PAGES: Final[dict[str, Callable[[], str]]] = {
    "docs/reference/settings.md": settings,
    "docs/reference/limits.md": limits,
    "docs/reference/entries.md": entries,
    "docs/reference/channels.md": channels,
    "docs/reference/commands.md": commands,
    "docs/reference/templates.md": templates,
}
BLOCKS: Final[dict[tuple[str, str], Callable[[], str]]] = {
    ("docs/reference/gate-api.md", "refusals"): refusals,
}


# Written with the others, but allowed to lag: a measurement must not turn a test red.
MEASURED: Final[dict[str, Callable[[], str]]] = {"docs/reference/benchmarks.md": benchmarks}


def made() -> dict[str, str]:
    """Return each page that is made, or has a made part, as it should be."""
    pages = {name: make() for name, make in PAGES.items()}
    for (name, block), make in BLOCKS.items():
        text = pages.get(name) or (ROOT / name).read_text(encoding="utf-8")
        pages[name] = _put(text, block, make())
    return pages


def _put(text: str, block: str, content: str) -> str:
    begin = f"<!-- made: {block} -->\n"
    before, found, rest = text.partition(begin)
    _, end, after = rest.partition("<!-- end -->")
    if not (found and end):
        message = f"no place for {block}"
        raise ValueError(message)
    return f"{before}{begin}{content}\n{end}{after}"


def differing() -> list[str]:
    """Return the pages that are not as the code makes them."""
    return [
        name
        for name, text in made().items()
        if not (ROOT / name).exists() or (ROOT / name).read_text(encoding="utf-8") != text
    ]


def main(words: list[str]) -> int:
    """Write the pages, or say which differ."""
    different = differing()
    if words == ["--write"]:
        pages = made() | {name: make() for name, make in MEASURED.items()}
        for name in [*different, *MEASURED]:
            (ROOT / name).write_text(pages[name], encoding="utf-8")
            print(f"written: {name}")
        return 0
    print("\n".join(different) or "every page is as the code makes it")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
