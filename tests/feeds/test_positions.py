"""A fix is worth what its time and its source are worth; units are as documented."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.feeds.messages import AT, MONITOR, PHONE, read, whys
from tocsin.signals.feeds.osmand import reader as osmand
from tocsin.signals.feeds.owntracks import reader as owntracks
from tocsin.signals.feeds.reading import Message, Reading
from tocsin.signals.rules.fix import CLOCKS_DIFFER, FIX_TOO_OLD_AFTER, LATE_AFTER
from tocsin.signals.rules.seen import Source

GPS = Path(__file__).parents[3] / "shared" / "testdata" / "gps"
needs_samples = pytest.mark.skipif(
    not GPS.is_dir(), reason="the shared samples of GPS messages (testdata/gps) are not here"
)
TST = int(AT.timestamp())


def a_location(**more: object) -> dict[str, object]:
    return {"_type": "location", "lat": 41.88, "lon": -87.63, "tst": TST, "acc": 5, **more}


def query(text: str, at: datetime = AT, body: bytes = b"") -> Reading:
    return osmand.read(Message(body, query=text), MONITOR, at)


def lines(name: str) -> list[str]:
    return (GPS / name).read_text(encoding="utf-8").splitlines()


@needs_samples
def test_every_owntracks_sample_is_read_at_its_own_time() -> None:
    for line in lines("owntracks-http.jsonl"):
        said = json.loads(line)
        made = datetime.fromtimestamp(said["tst"], UTC)
        (seen,) = read(owntracks.read, said, MONITOR, at=made + timedelta(seconds=3)).seen
        assert seen.position is not None
        assert (seen.position.latitude, seen.position.longitude) == (said["lat"], said["lon"])
        assert (seen.seen_at, seen.position.fixed_at, seen.codes) == (made, made, ())


@needs_samples
def test_the_second_owntracks_sample_drives_61_km_h() -> None:
    said = json.loads(lines("owntracks-http.jsonl")[1])
    (seen,) = read(owntracks.read, said, at=datetime.fromtimestamp(said["tst"], UTC)).seen
    assert seen.position is not None
    assert seen.position.speed_m_s == pytest.approx(16.944, abs=0.001)


@needs_samples
def test_every_osmand_query_is_judged_as_its_line_says() -> None:
    for line in lines("osmand-query.txt"):
        verdict, _, path = line.partition(" ")
        at = datetime(2016, 1, 27, 19, 0, tzinfo=UTC)
        text = path.removeprefix("/?")
        known = {"1377177267": datetime(2013, 8, 22, 13, 14, 27, tzinfo=UTC), "2014-06-04": datetime(2014, 6, 4, 9, 10, 11, tzinfo=UTC)}  # fmt: skip
        at = next((time for sign, time in known.items() if sign in text), at)
        reading = query(text, at)
        if verdict == "accept":
            assert len(reading.seen) == 1, line
        elif verdict == "refuse":
            assert whys(reading) == ["another device's message"]
        else:
            assert (reading.seen, reading.bad) == ((), ())


@needs_samples
def test_a_mocked_fix_of_the_osmand_samples_is_kept_and_trusted_less() -> None:
    plain, mocked = (json.loads(line) for line in lines("osmand-json.jsonl"))
    (seen,) = read(osmand.read, plain, MONITOR, at=datetime(2025, 6, 15, 13, 46, tzinfo=UTC)).seen
    assert seen.position is not None
    assert (seen.codes, seen.position.is_mocked, seen.position.speed_m_s) == ((), False, 0)
    assert seen.seen_at == datetime(2025, 6, 15, 13, 45, 12, 862000, UTC)
    (seen,) = read(osmand.read, mocked, MONITOR, at=datetime(2025, 5, 9, 4, 12, tzinfo=UTC)).seen
    assert seen.position is not None
    assert (seen.codes, seen.position.is_mocked, seen.position.speed_m_s) == (("mock",), True, None)


def test_speed_in_a_query_is_in_knots_and_below_zero_is_unknown() -> None:
    (seen,) = query("id=1&lat=1&lon=2&speed=10&accuracy=8").seen
    assert seen.position is not None
    assert seen.position.speed_m_s == pytest.approx(5.1444, abs=0.0001)
    (seen,) = query("id=1&lat=1&lon=2&speed=-1&accuracy=-1").seen
    assert seen.position is not None
    assert (seen.position.speed_m_s, seen.position.accuracy_m) == (None, None)


@pytest.mark.parametrize(
    "stamp",
    ["1793943000", "1793943000000", "2026-11-06T05:30:00Z", "2026-11-05T23:30:00-06:00", "2026-11-06 05:30:00"],
)  # fmt: skip
def test_a_timestamp_is_seconds_milliseconds_or_words(stamp: str) -> None:
    (seen,) = query(f"id=1&lat=1&lon=2&accuracy=5&timestamp={quote(stamp)}").seen
    assert (seen.seen_at, seen.codes) == (AT, ())


def test_no_timestamp_is_now_and_said_so() -> None:
    (seen,) = query("id=1&lat=1&lon=2&accuracy=5").seen
    assert (seen.seen_at, seen.codes) == (AT, ("no_time",))


def test_a_device_that_calls_its_own_fix_invalid_is_trusted_less() -> None:
    (seen,) = query("id=1&lat=1&lon=2&accuracy=5&timestamp=1793943000&valid=false").seen
    assert seen.codes == ("not_valid",)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("id=1&lat=91&lon=2", "a position that is not on Earth"),
        ("id=1&lat=nan&lon=2", "a position that is not on Earth"),
        ("id=1&lat=1", "no position in it"),
        ("id=1&location=60.0", "no position in it"),
        ("id=1&lat=1&lon=2&timestamp=tomorrow", "a time that is none"),
        ("id=1&lat=1&lon=2&timestamp=9999999999999999", "a time that is none"),
        ("", "another device's message"),
    ],
)
def test_a_query_that_cannot_be_read_is_set_aside_with_the_reason(text: str, why: str) -> None:
    assert whys(query(text)) == [why]


def test_a_message_of_another_device_is_set_aside() -> None:
    mine = replace(MONITOR, device="abc")
    assert osmand.read(Message(b"", query="id=abc&lat=1&lon=2"), mine, AT).seen
    assert whys(osmand.read(Message(b"", query="id=abd&lat=1&lon=2"), mine, AT)) == [
        "another device's message"
    ]


@pytest.mark.guarantee("I5")
@pytest.mark.parametrize(
    "message",
    [
        Message(b"", query="id=1&alarm=sos&lat=1&lon=2&timestamp=1500000000"),
        Message(b"", query="id=1&alarm=sos"),
        Message(b"", query="alarm=SOS&lat=x"),
        Message(b'{"device_id": "1", "location": {"alarm": "sos", "coords": {"latitude": 99, "longitude": 0}}}'),
        Message(b'{"device_id": "1", "location": {"extras": {"alarm": "sos"}}}'),
    ],
)  # fmt: skip
def test_a_call_for_help_of_her_own_device_is_never_dropped(message: Message) -> None:
    first = osmand.read(message, PHONE, AT).seen[0]
    assert (first.codes, first.person_id, first.position) == (("sos",), PHONE.person_id, None)
    later = osmand.read(message, PHONE, AT + timedelta(seconds=9)).seen[0]
    assert (first.track == later.track) is (b"1500000000" in message.query.encode())
    # Of a respondent's monitor it is nothing.
    assert all("sos" not in seen.codes for seen in osmand.read(message, MONITOR, AT).seen)


@pytest.mark.guarantee("I20")
@pytest.mark.parametrize(
    ("age", "codes"),
    [
        (timedelta(0), ()),
        (LATE_AFTER, ()),
        (LATE_AFTER + timedelta(seconds=1), ("late",)),
        (FIX_TOO_OLD_AFTER, ("late",)),
        (-CLOCKS_DIFFER, ()),
    ],
)
def test_an_old_fix_is_said_to_be_late(age: timedelta, codes: tuple[str, ...]) -> None:
    (seen,) = read(owntracks.read, a_location(tst=int((AT - age).timestamp())), MONITOR).seen
    assert (seen.codes, seen.source) == (codes, Source.MONITOR)
    assert seen.seen_at <= AT


def test_a_fix_from_the_future_is_set_aside() -> None:
    ahead = a_location(tst=TST + 121)
    assert whys(read(owntracks.read, ahead, MONITOR)) == ["a time in the future"]


def test_a_fix_of_days_ago_is_dropped_without_a_trace() -> None:
    old = a_location(tst=TST - 24 * 3600 - 1)
    reading = read(owntracks.read, old, MONITOR)
    assert (reading.seen, reading.bad, reading.dropped) == ((), (), 1)


def test_the_same_fix_has_the_same_track_and_a_later_one_another() -> None:
    first, again = (read(owntracks.read, a_location(), PHONE).seen[0] for _ in range(2))
    later = read(owntracks.read, a_location(tst=TST + 1), PHONE).seen[0]
    assert first.track == again.track != later.track
    assert (first.source, first.person_id, first.case_id) == (Source.OWN_DEVICE, PHONE.person_id, None)  # fmt: skip


def test_a_fix_without_accuracy_or_with_a_coarse_one_says_so() -> None:
    assert read(owntracks.read, a_location(acc=0), PHONE).seen[0].codes == ("no_accuracy",)
    assert read(owntracks.read, a_location(acc=201), PHONE).seen[0].codes == ("coarse",)


@pytest.mark.parametrize("kind", ["card", "status", "steps", "waypoint", "cmd", "beacon"])
def test_what_is_no_position_says_only_that_the_phone_lives(kind: str) -> None:
    reading = read(owntracks.read, {"_type": kind, "tst": TST}, PHONE)
    assert (reading.seen, reading.bad, reading.is_alive) == ((), (), True)


def test_a_phone_s_last_will_is_no_sign_of_life() -> None:
    assert not read(owntracks.read, {"_type": "lwt", "tst": TST}, PHONE).is_alive


def test_an_empty_body_is_passed_over() -> None:
    assert read(owntracks.read, b" \n", PHONE) == Reading()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"_type": "encrypted", "data": "x"}, "not the form that this feed has"),
        ({"lat": 1, "lon": 2}, "not the form that this feed has"),
        ({"_type": "location", "lat": 1, "lon": 2}, "no time in it"),
        ({"_type": "location", "lat": 1, "lon": 2, "tst": "x"}, "a time that is none"),
        ({"_type": "location", "tst": 1793943000}, "no position in it"),
        ({"_type": "location", "tst": 1793943000, "lat": [1], "lon": 2}, "a position that is not on Earth"),
        ([], "not the form that this feed has"),
    ],
)  # fmt: skip
def test_an_owntracks_message_that_cannot_be_read_is_set_aside(said: object, why: str) -> None:
    assert whys(read(owntracks.read, said, PHONE)) == [why]
