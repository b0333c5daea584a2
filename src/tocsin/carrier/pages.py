"""What does a person see of the carrier? Every phone and mailbox, and a place to answer.

Plain HTML without script: the list and the messages renew themselves, the answer box stands outside
of what is renewed. All that came from outside is escaped; links are the only thing made of a text.
"""

from collections.abc import Iterable
from html import escape
from typing import Final
from urllib.parse import quote

from tocsin.carrier.boxes import LINK, Box, Item
from tocsin.carrier.http import Response

POLICY: Final = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'self'"
)
HEADERS: Final = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    # Not *no-referrer*: a browser then says of our own forms that they come from nowhere, and they are refused.
    ("Referrer-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
)
RENEW_S: Final = 2
ANSWERS: Final = (("1", "in charge"), ("2", "going"), ("3", "there"), ("4", "cannot"))
STYLE: Final = b"""
:root { color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif; }
body { max-width: 46rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; }
.note { border-left: .3rem solid #a60; padding: .2rem .8rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #8888; }
td a { overflow-wrap: anywhere; }
td.count { font-variant-numeric: tabular-nums; }
@media (max-width: 34rem) { th, td { padding: .35rem .3rem; } th:nth-child(2), td:nth-child(2) { display: none; } }
.new { font-weight: 700; }
ol { list-style: none; padding: 0; }
li { border: 1px solid #8888; border-radius: .6rem; padding: .5rem .8rem; margin: .5rem 0;
  overflow-wrap: anywhere; }
li.reply { margin-left: 3rem; }
li p { margin: .2rem 0; white-space: pre-line; }
.meta { font-size: .85rem; opacity: .8; }
iframe { width: 100%; height: 26rem; border: 1px solid #8888; border-radius: .6rem; }
form { display: inline-block; margin: .2rem .2rem .2rem 0; }
button, input, textarea { font: inherit; min-height: 2.75rem; padding: .3rem .6rem; }
:focus-visible { outline: 3px solid #06c; outline-offset: 2px; }
"""


def style() -> Response:
    """Return the style sheet."""
    return Response(200, STYLE, "text/css; charset=utf-8", HEADERS)


def list_page(boxes: Iterable[Box], modes: dict[str, str]) -> Response:
    """Return the list of everything that has messages."""
    rows = "".join(
        f'<tr><td><a href="/box?of={quote(box.name, safe="")}">{escape(box.name)}</a></td>'
        f"<td>{box.kind}</td>"
        f'<td class="count{" new" if box.unread else ""}">{box.unread} new</td>'
        f"<td>{_clock(box.items[-1])}</td></tr>"
        for box in boxes
        if box.items
    )
    table = (
        "<table><thead><tr><th>Whose</th><th>What</th><th>Unread</th><th>Last</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
        if rows
        else "<p>Nothing was sent yet.</p>"
    )
    broken = ", ".join(f"{escape(name)}: {mode}" for name, mode in modes.items() if mode != "ok")
    note = f'<p class="note">Told to misbehave: {broken}.</p>' if broken else ""
    opener = (
        '<form action="/box"><label>Open a phone <input name="of" placeholder="+15550100" required>'
        "</label> <button>Open</button></form>"
    )
    return _page(
        "Sandbox carrier", f"<h1>Phones and mailboxes</h1>{note}{table}{opener}", renew=True
    )


def box_page(box: Box) -> Response:
    """Return one phone with its place to write, or a mailbox."""
    name, of = escape(box.name), quote(box.name, safe="")
    frame = f'<iframe title="Messages of {name}" src="/messages-of?of={of}"></iframe>'
    write = (
        f'<form method="post" action="/answer"><input type="hidden" name="of" value="{name}">'
        '<label>Text from this phone <input name="text" maxlength="500" required></label>'
        " <button>Send</button></form>"
        if box.kind == "phone"
        else ""
    )
    body = f'<p><a href="/">All phones and mailboxes</a></p><h1>{name}</h1>{frame}{write}'
    return _page("Sandbox carrier", body)


def messages_page(box: Box) -> Response:
    """Return the messages of a box, the newest first, as the frame of its page."""
    items = "".join(_item(item) for item in reversed(box.items))
    body = f"<ol>{items}</ol>" if items else "<p>Nothing came yet.</p>"
    newest = next((item for item in reversed(box.items) if item.code and not item.is_reply), None)
    answers = _answers(box, newest.code) if newest and newest.code and box.kind == "phone" else ""
    return _page("Messages", answers + body, renew=True)


def _answers(box: Box, code: str) -> str:
    forms = "".join(
        '<form method="post" action="/answer"><input type="hidden" name="frame" value="yes">'
        f'<input type="hidden" name="of" value="{escape(box.name)}">'
        f'<input type="hidden" name="text" value="{number} {code}">'
        f"<button>{number} {code} {word}</button></form>"
        for number, word in ANSWERS
    )
    return f"<p>Answer by text:</p>{forms}"


def _item(item: Item) -> str:
    who = f"sent, {escape(item.outcome)}" if item.is_reply else f"by {escape(item.provider)}"
    times = f", came {item.times} times" if item.times > 1 else ""
    subject = f"<strong>{escape(item.subject)}</strong>" if item.subject else ""
    kind = ' class="reply"' if item.is_reply else ""
    return (
        f"<li{kind}>{subject}<p>{_linked(item.text)}</p>"
        f'<span class="meta">{_clock(item)} {who}{times}</span></li>'
    )


def _linked(text: str) -> str:
    made, done = [], 0
    for found in LINK.finditer(text):
        address = escape(found[0])
        made.append(escape(text[done : found.start()]))
        made.append(f'<a href="{address}" target="_blank" rel="noopener noreferrer">{address}</a>')
        done = found.end()
    return "".join(made) + escape(text[done:])


def _clock(item: Item) -> str:
    return f'<time datetime="{item.at.isoformat()}">{item.at:%H:%M:%S} UTC</time>'


def _page(title: str, body: str, *, renew: bool = False) -> Response:
    refresh = f'<meta http-equiv="refresh" content="{RENEW_S}">' if renew else ""
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width">'
        f'<link rel="stylesheet" href="/style.css">{refresh}</head>'
        f"<body><main>{body}</main></body></html>"
    )
    return Response(200, text.encode("utf-8", "replace"), "text/html; charset=utf-8", HEADERS)
