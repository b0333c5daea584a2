"""Whatever a sender writes, its reader answers: it never raises, and what it keeps can be kept."""

import json
from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.feeds.messages import AT, FRIGATE, GATE, MONITOR, PLATE_RECOGNIZER, REKOR
from tocsin.registry.rules.sender import SenderKind
from tocsin.signals.feeds.catalogue import READERS
from tocsin.signals.feeds.reading import MAX_IDENT, Message
from tocsin.signals.rules.seen import read_seen, write_seen

# `signals_report.track` and `signals_sighting.track`.
TRACK_COLUMN = 120
WORDS = st.sampled_from(
    ["events", "plate", "plates", "results", "data", "candidates", "score", "after", "label", "id", "badge", "name", "at",
     "lat", "lon", "tst", "_type", "location", "coords", "timestamp", "position", "fixed_at", "kind", "from", "phone",
     "data_type", "visitors", "born_on", "car", "alpr_group", "alpr_results", "call", "device_id", "props", "region"]
)  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | WORDS
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=6), max_leaves=15
)  # fmt: skip
BODIES = (
    st.binary(max_size=60)
    | JSON.map(lambda said: json.dumps(said).encode())
    | st.sampled_from([json.dumps(one).encode() for one in (PLATE_RECOGNIZER, REKOR, FRIGATE)])
)


@pytest.mark.guarantee("I25")
@pytest.mark.parametrize("kind", list(SenderKind))
def test_no_message_breaks_its_reader(kind: SenderKind) -> None:
    @settings(max_examples=60, deadline=None)
    @given(
        body=BODIES, query=st.text(max_size=40), topic=st.sampled_from(["", "events", "available"])
    )
    def judged(body: bytes, query: str, topic: str) -> None:
        for origin in (GATE, MONITOR):
            reading = READERS[kind](Message(body, "", query, topic), origin, AT)
            for seen in reading.seen:
                assert read_seen(write_seen(seen)) == seen
                assert len(seen.track) <= TRACK_COLUMN
                # Nobody says anything under a name of another's: a sender adds, and takes nothing away.
                assert seen.track.startswith(f"{origin.sender_id.hex}:")
                assert seen.seen_at <= AT
                assert seen.seen_at.tzinfo is UTC

    judged()


def test_a_name_for_an_event_that_is_too_long_is_told_by_its_digest() -> None:
    fits, longer = "x" * MAX_IDENT, "x" * (MAX_IDENT + 1)
    read = READERS[SenderKind.BADGE]
    tracks = [
        read(Message(json.dumps({"badge": "1", "id": one}).encode()), GATE, AT).seen[0].track
        for one in (fits, longer, longer + "y")
    ]
    assert tracks[0].endswith(fits)
    assert len(set(tracks)) == 3
