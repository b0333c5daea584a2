"""A sender for the tests of its door: enrolled, and how it signs. Written here anew, so that it is no echo of ours."""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import requests

from tests.pages.house import House, Organisation
from tocsin.registry import store_senders
from tocsin.registry.rules.sender import SenderRow
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7
from tocsin.signals.rules.seen import Seen
from tocsin.signals.store_reports import take_reports


@dataclass
class Machine:
    """One machine that reports."""

    house: House
    org: Organisation
    kind: str
    key: str = "the key of this machine"
    ties: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    id: UUID = field(default_factory=uuid7)

    def __post_init__(self) -> None:
        row = SenderRow(
            id=self.id, organisation_id=self.org.id, name=f"{self.kind} {self.id.hex[-8:]}", kind=self.kind,
            settings=self.settings, made_at=datetime.now(UTC), **(self.ties or {"site_id": self.org.site_id}),
        )  # fmt: skip
        conn = self.house.conn
        with viewing(conn, self.org.id, self.org.people["safety_lead"]):
            store_senders.insert_sender(conn, self.house.ring, row, self.key.encode())

    @property
    def path(self) -> str:
        """Return its door."""
        return f"/api/v1/sightings/{self.id}"

    def posts(self, body: Any, **more: Any) -> requests.Response:
        """Send a signed message and return the answer."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {**self.signed(data, **more), "Content-Type": "application/json"}
        return requests.post(self.house.base + self.path, data=data, headers=headers, timeout=20)

    def signed(
        self,
        body: bytes,
        *,
        nonce: str = "",
        at: float | None = None,
        key: str = "",
        path: str = "",
    ) -> dict[str, str]:
        """Return the headers of a signed message."""
        nonce, stamp = nonce or uuid7().hex, str(int(time.time() if at is None else at))
        said = f"{nonce}.{stamp}.POST {path or self.path}.".encode() + body
        mac = hmac.new((key or self.key).encode(), said, hashlib.sha256).digest()
        signature = "v1," + base64.b64encode(mac).decode()
        return {
            "webhook-id": nonce, "webhook-timestamp": stamp, "webhook-signature": signature,
        }  # fmt: skip

    def puts(self, body: bytes | str = b"", **more: Any) -> requests.Response:
        """Send a message with the key as the password."""
        return requests.post(
            self.house.base + self.path, data=body, auth=("any", self.key), timeout=20, **more
        )

    def row(self) -> SenderRow:
        """Return how it stands in the database now."""
        with viewing(self.house.conn, self.org.id, self.org.people["safety_lead"]):
            found = store_senders.load_sender(self.house.conn, self.org.id, self.id)
        assert found is not None
        return found

    def waiting(self) -> list[Seen]:
        """Return what of it waits for the engine."""
        engine = self.house.engine
        with engine.transaction():
            taken = take_reports(engine, self.house.ring, limit=1_000)
        return [one.seen for one in taken if one.sender_id == self.id and one.seen]

    def set_aside(self) -> list[tuple[str, int]]:
        """Return why, and how many of it, were set aside."""
        rows = self.house.engine.execute(
            "select why, sum(count)::int from signals_quarantined where sender_id = %s group by why order by why",
            (self.id,),
        )
        return [(why, count) for why, count in rows]
