"""A house for the pages' tests: two organisations with people, a web process, and how to sign in."""

import base64
import hashlib
import hmac
import json
import re
import struct
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import requests
from django.contrib.auth.hashers import ScryptPasswordHasher  # type: ignore[attr-defined]

from tests.pages.web import PARALLELISM, WORK_FACTOR
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.raise_sos import raise_sos
from tocsin.registry import store_people as people
from tocsin.registry import store_sign_ins as sign_ins
from tocsin.registry import store_sites as sites
from tocsin.registry.rules.duty import Shift
from tocsin.registry.rules.rows import ContactRow, PersonRow, SiteRow
from tocsin.runtime.database import connect, viewing
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import RandomIds, uuid7
from tocsin.runtime.keys import Keys
from tocsin.runtime.settings import Settings
from tocsin.signals.rules.press import Press

PASSWORD = "a long enough phrase"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
IDS = RandomIds()
_HASH: list[str] = []


def hashed() -> str:
    """Return the password's hash, made once, and as cheap as the web process of these tests makes them."""
    if not _HASH:
        cheap = ScryptPasswordHasher().encode(PASSWORD, "fixedsaltfixedsalt", n=WORK_FACTOR, p=PARALLELISM)  # fmt: skip
        _HASH.append(cheap)
    return _HASH[0]


def totp(at: float | None = None, secret: str = TOTP_SECRET) -> str:
    """Return the six digits of RFC 6238 for now; written here anew, so that it is no echo of the library."""
    counter = struct.pack(">Q", int((at or time.time()) // 30))
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


@dataclass
class Organisation:
    """One employer of the tests: its site, and people by role."""

    id: UUID
    site_id: UUID
    people: dict[str, UUID] = field(default_factory=dict)
    logins: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Return the address behind which its people sit."""
        return f"10.{self.id.bytes[-3]}.{self.id.bytes[-2]}.{self.id.bytes[-1]}"


@dataclass
class House:
    """The web process, its database, and what the tests ask of both."""

    settings: Settings
    keys: Keys
    base: str

    def __post_init__(self) -> None:
        self.ring = KeyRing(self.keys.masters)
        self.conn = connect(self.settings, "web")
        self.engine = connect(self.settings, "engine")

    def new_organisation(self) -> Organisation:
        """Make an employer with one person of each role; all but the responder can sign in, with TOTP set up."""
        found = Organisation(uuid7(), uuid7())
        at = datetime.now(UTC)
        tail = found.id.hex[-8:]
        with viewing(self.conn, found.id):
            sites.insert_organisation(self.conn, found.id, f"house-{tail}", "House", at=at)
            place = SiteRow(id=found.site_id, organisation_id=found.id, name="Depot", time_zone="America/Chicago", address={"street": "1 Example Road", "floor": "2", "locality": "Riverside"}, psap={"number": "911"})  # fmt: skip
            sites.save_site(self.conn, place)
            for number, role in enumerate(("responder", "guard", "shift_lead", "safety_lead"), 1):
                self._person(found, role, f"{tail}-{number}", at)
            shifts = [
                Shift(person_id=found.people[role], role=role, starts_at=at - timedelta(hours=1), ends_at=at + timedelta(hours=5), local_start=at.replace(tzinfo=None), local_end=at.replace(tzinfo=None), source="pattern")
                for role in ("responder", "guard", "shift_lead")
            ]  # fmt: skip
            sites.insert_shifts(self.conn, found.id, found.site_id, shifts)
        return found

    def _person(self, org: Organisation, role: str, number: str, at: datetime) -> None:
        person = PersonRow(id=uuid7(), organisation_id=org.id, staff_number=number, name=f"{role.title()} Sample", short_name=f"{role[:1].upper()}. Sample", role=role, site_id=org.site_id)  # fmt: skip
        people.insert_person(self.conn, self.ring, person)
        org.people[role] = person.id
        phone = ContactRow(id=uuid7(), person_id=person.id, channel="sms", address=f"+1312555{int(number[-1]):04d}", position=1, verified_at=at)  # fmt: skip
        people.insert_contact(self.conn, self.ring, org.id, phone)
        if role != "responder":
            login = f"{role.replace('_', '-')}-{number}"
            account_id = sign_ins.insert_account(self.conn, org.id, person.id, login, hashed())
            self.set_up_second_factor(account_id)
            org.logins[role] = login

    def set_up_second_factor(self, account_id: UUID) -> None:
        """Write the authenticator as the set-up page would."""
        sealed = base64.b64encode(self.ring.seal_local("totp", TOTP_SECRET.encode())).decode()
        self.conn.execute(
            "insert into mfa_authenticator (user_id, type, data, created_at) values (%s, 'totp', %s, now())",
            (account_id, json.dumps({"secret": sealed})),
        )

    def sos(self, org: Organisation, *, by: str = "responder", silent: bool = False) -> UUID:
        """Raise an SOS as the engine would, and return its incident."""
        press = Press(
            organisation_id=org.id,
            person_id=org.people[by],
            device_id=None,
            key=f"k-{uuid7().hex}",
            act="sos",
            source="device",
            received_at=datetime.now(UTC),
            is_silent=silent,
        )
        alarms = PostgresAlarms(self.engine, self.ring)
        with alarms.atomically():
            changes = raise_sos(alarms, [press], ids=IDS)
        incident = changes[0].incident
        assert incident is not None
        return incident.id

    def ring_screens(self, org: Organisation, incident_id: UUID, version: int = 1) -> None:
        """Say that an incident changed, as the engine does after its commit."""
        said = json.dumps({"o": str(org.id), "i": str(incident_id), "v": version})
        self.engine.execute("select pg_notify('tocsin_live', %s)", (said,))

    def signed_in(
        self, org: Organisation, role: str = "shift_lead", *, again: bool = False
    ) -> "Browser":
        """Return a browser in which this person is signed in; `again`: with the next digits, since each count once."""
        browser = Browser(self.base, org.address)
        browser.sends("/sign-in", "/account/second/code", login=org.logins[role], password=PASSWORD)
        code = totp(time.time() + 30 if again else None)
        browser.sends("/account/second/code", "/", code=code)
        return browser


class Browser:
    """A browser without scripts: cookies, redirects and the forms' tokens."""

    def __init__(self, base: str, address: str = "198.51.100.1") -> None:
        self.base = base
        self.session = requests.Session()
        # As a proxy in front of us would say; each employer of the tests sits behind an address of its own.
        self.session.headers["X-Forwarded-For"] = address

    def get(self, path: str, **headers: str) -> requests.Response:
        """Return a page."""
        return self.session.get(self.base + path, headers=headers, timeout=20)

    @staticmethod
    def token(shown: requests.Response) -> str:
        """Return the token of the page's first form."""
        found = CSRF.search(shown.text)
        assert found, shown.text
        return found[1]

    def post_form(self, path: str, form: str | None = None, **values: str) -> requests.Response:
        """Open the page `form` (else `path`), fill in its form and send it to `path`."""
        return self.post_to(path, self.token(self.get(form or path)), **values)

    def sends(self, path: str, to: str, **values: str) -> None:
        """Send a form without opening its page, and do not follow where it leads: that must be `to`."""
        # What stands in the cookie counts as the form's token; most tests begin with two of these.
        token = self.session.cookies.get("csrftoken") or "0123456789abcdef" * 2
        self.session.cookies.set("csrftoken", token, domain=urlsplit(self.base).hostname)
        shown = self.session.post(self.base + path, data={"csrfmiddlewaretoken": token, **values}, timeout=20, allow_redirects=False)  # fmt: skip
        assert shown.headers.get("Location") == to, shown.text

    def post_to(self, path: str, token: str, **values: str) -> requests.Response:
        """Send a form."""
        return self.session.post(
            self.base + path, data={"csrfmiddlewaretoken": token, **values}, timeout=20
        )
