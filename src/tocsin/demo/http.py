"""How do the people of the story reach the doors? By HTTP, as their phones and browsers do."""

import http.client
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

TIMEOUT_S: Final = 20.0
FORM: Final = "application/x-www-form-urlencoded"
_DRAFT: Final = re.compile(r'name="draft" value="([^"]+)"')
_TOKEN: Final = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')

Form = Mapping[str, str | list[str]]


class DoorError(Exception):
    """A door did not answer as it should; the message says which, and how it did."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, and how long it took in milliseconds."""

    status: int
    headers: dict[str, str]
    body: bytes
    took_ms: float

    @property
    def text(self) -> str:
        """Return the body as text."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Return the body's JSON; raises ValueError."""
        return json.loads(self.body)


@dataclass(slots=True)
class Door:
    """One server, over one connection that is kept; `cookies` are those of one browser."""

    base: str
    cookies: dict[str, str] = field(default_factory=dict)
    _line: http.client.HTTPConnection | None = None

    def get(self, path: str, headers: dict[str, str] | None = None) -> Reply:
        """Ask for a page; redirects are not followed."""
        return self.send("GET", path, headers=headers)

    def post_json(self, path: str, value: object, headers: dict[str, str] | None = None) -> Reply:
        """Post JSON."""
        body = json.dumps(value).encode()
        return self.send(
            "POST", path, body=body, headers={"Content-Type": "application/json", **(headers or {})}
        )

    def post_form(self, path: str, values: Form) -> Reply:
        """Post a form, as a browser on a page of this server does; a list is a field that was ticked several times."""
        headers = {"Content-Type": FORM, "Origin": self.base, "Referer": self.base + path}
        return self.send("POST", path, body=urlencode(values, doseq=True).encode(), headers=headers)

    def submit(self, page: str, path: str, values: Form) -> Reply:
        """Open a page and post a form of it, with the page's own token against forgery and its hidden draft, if any."""
        shown = self.get(page)
        found = _TOKEN.search(shown.text)
        if found is None:
            message = f"{page} shows no form (status {shown.status})"
            raise DoorError(message)
        draft = _DRAFT.search(shown.text)
        hidden = {"csrfmiddlewaretoken": found[1]} | ({"draft": draft[1]} if draft else {})
        return self.post_form(path, {**hidden, **values})

    def send(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Send one request and return the reply; a kept connection that was closed is opened anew, once."""
        sent = dict(headers or {})
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        for is_last in (False, True):
            line = self._line or http.client.HTTPConnection(
                urlsplit(self.base).netloc, timeout=TIMEOUT_S
            )
            self._line = line
            began = time.monotonic()
            try:
                line.request(method, path, body=body, headers=sent)
                answer = line.getresponse()
                read = answer.read()
            except (OSError, http.client.HTTPException) as problem:
                self.close()
                if is_last:
                    message = f"{self.base}{path}: {problem}"
                    raise DoorError(message) from problem
                continue
            self._keep_cookies(answer)
            took_ms = (time.monotonic() - began) * 1000
            return Reply(answer.status, _headers(answer), read, took_ms)
        raise DoorError(path)

    def close(self) -> None:
        """Give the connection back."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def _keep_cookies(self, answer: http.client.HTTPResponse) -> None:
        for header in answer.headers.get_all("Set-Cookie", []):
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name.strip()] = value.strip()


def _headers(answer: http.client.HTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.getheaders()}
