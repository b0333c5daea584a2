"""What lies on every phone, in every mailbox, on every hook? In memory, bounded, gone at the end.

A message that comes again under the same reference is the same: it is counted, not kept twice.
"""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from tocsin.runtime.clock import Clock

BOXES_MAX: Final = 1000
ITEMS_MAX: Final = 200
ANSWER_MAX: Final = 100
TEXT_MAX_CHARS: Final = 8000
WAIT_MAX_S: Final = 30.0
LINK: Final = re.compile(r"https?://[^\s<>\"']+")
CODE: Final = re.compile(r"\b1 (\d{3})\b")


@dataclass(slots=True)
class Item:
    """One message that came (or, with `is_reply`, went); `times` counts how often it came."""

    number: int
    at: datetime
    box: str
    provider: str
    text: str
    subject: str = ""
    sender: str = ""
    id: str = ""
    reference: str = ""
    gateway: str = ""
    is_reply: bool = False
    outcome: str = ""
    times: int = 1

    @property
    def links(self) -> list[str]:
        """Return the addresses in the text."""
        return LINK.findall(self.text)

    @property
    def code(self) -> str | None:
        """Return the three digits with which it can be answered."""
        found = CODE.search(self.text)
        return found[1] if found else None


@dataclass(slots=True)
class Box:
    """One phone, mailbox or hook. `blocks`: the gateways whose texts it gets no more, since it sent them STOP."""

    name: str
    items: list[Item] = field(default_factory=list)
    read_to: int = 0
    blocks: set[str] = field(default_factory=set)

    @property
    def unread(self) -> int:
        """Return how many messages came since it was last opened."""
        return sum(item.number > self.read_to and not item.is_reply for item in self.items)

    @property
    def kind(self) -> str:
        """Return phone, mailbox or hook."""
        if self.name.startswith("hook:"):
            return "hook"
        return "mailbox" if "@" in self.name else "phone"


class Boxes:
    """Every box, the one with the newest message last."""

    def __init__(self, clock: Clock) -> None:
        """Begin empty."""
        self._clock = clock
        self._boxes: dict[str, Box] = {}
        self._references: dict[tuple[str, str], Item] = {}
        self._number = 0
        self._news = asyncio.Condition()

    async def put(self, item: Item) -> Item:
        """Keep a message and return it, or the one that came before under its reference."""
        known = self._references.get((item.provider, item.reference)) if item.reference else None
        if known is not None:
            known.times += 1
            return known
        self._number += 1
        item.number, item.at = self._number, self._clock.now()
        item.text = item.text[:TEXT_MAX_CHARS]
        box = self._boxes.pop(item.box, None) or Box(item.box)
        self._boxes[item.box] = box
        box.items.append(item)
        if item.reference:
            self._references[item.provider, item.reference] = item
        self._bound(box)
        async with self._news:
            self._news.notify_all()
        return item

    def box(self, name: str) -> Box:
        """Return a box, empty if nothing ever came."""
        return self._boxes.get(name) or Box(name)

    def every(self) -> list[Box]:
        """Return all boxes, the newest first."""
        return list(reversed(self._boxes.values()))

    def read(self, name: str) -> Box:
        """Return a box, whose messages are now read."""
        box = self.box(name)
        box.read_to = self._number
        return box

    async def after(self, name: str, number: int, *, wait_s: float) -> list[Item]:
        """Return what came to a box ("": any) after a number; wait up to `wait_s` for one.

        At most `ANSWER_MAX` at once; the rest is after the last one's number.
        """
        try:
            async with asyncio.timeout(min(max(wait_s, 0.0), WAIT_MAX_S)), self._news:
                await self._news.wait_for(lambda: self._after(name, number))
        except TimeoutError:
            pass
        return self._after(name, number)

    def _after(self, name: str, number: int) -> list[Item]:
        boxes = [self.box(name)] if name else list(self._boxes.values())
        found = [item for box in boxes for item in box.items if item.number > number]
        return sorted(found, key=lambda item: item.number)[:ANSWER_MAX]

    def _bound(self, box: Box) -> None:
        while len(box.items) > ITEMS_MAX:
            self._forget(box.items.pop(0))
        while len(self._boxes) > BOXES_MAX:
            for item in self._boxes.pop(next(iter(self._boxes))).items:
                self._forget(item)

    def _forget(self, item: Item) -> None:
        self._references.pop((item.provider, item.reference), None)


def an_item(box: str, provider: str, text: str) -> Item:
    """Return a message to `put`, which gives it its number and time."""
    return Item(0, datetime.min, box, provider, text)  # noqa: DTZ901 - replaced when it is put
