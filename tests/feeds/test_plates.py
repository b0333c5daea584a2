"""Every reading of a plate is kept, and one vehicle is one sighting."""

import copy
from datetime import UTC, datetime

import pytest

from tests.feeds.messages import AT, FRIGATE, GATE, PLATE_RECOGNIZER, REKOR, read, whys
from tocsin.signals.feeds.frigate import reader as frigate
from tocsin.signals.feeds.plate_recognizer import reader as plate_recognizer
from tocsin.signals.feeds.rekor import reader as rekor
from tocsin.signals.rules.seen import MAX_CANDIDATES, PlateRead


def changed(message: dict, **values: object) -> dict:
    found = copy.deepcopy(message)
    for path, value in values.items():
        part, *names = path.split("__")
        target = found
        for name in [part, *names][:-1]:
            target = target[int(name) if name.isdigit() else name]
        target[[part, *names][-1]] = value
    return found


def test_plate_recognizer_s_candidates_are_all_kept_in_capitals() -> None:
    (seen,) = read(plate_recognizer.read, PLATE_RECOGNIZER).seen
    assert seen.plates == (
        PlateRead("NHK552", 0.9, "us-il"),
        PlateRead("NHK5S2", 0.7, "us-il"),
        PlateRead("MHK552", 0.0, "us-il"),
    )
    assert seen.seen_at == datetime(2026, 11, 6, 5, 29, 38, 123000, UTC)
    assert (seen.site_id, seen.sender_id, seen.codes) == (GATE.site_id, GATE.sender_id, ())


def test_a_repeated_call_has_the_same_track_and_another_picture_another() -> None:
    first, again = (read(plate_recognizer.read, PLATE_RECOGNIZER).seen[0] for _ in range(2))
    other = changed(PLATE_RECOGNIZER, data__filename="next.jpg")
    assert first.track == again.track != read(plate_recognizer.read, other).seen[0].track


def test_without_the_picture_s_name_the_car_of_the_next_day_is_another_sighting() -> None:
    nameless = changed(PLATE_RECOGNIZER, data__filename="", hook={})
    first, again = (read(plate_recognizer.read, nameless).seen[0] for _ in range(2))
    later = changed(nameless, data__timestamp="2026-11-06T05:29:59Z")
    assert first.track == again.track != read(plate_recognizer.read, later).seen[0].track


def test_without_the_picture_s_name_rekor_s_second_car_of_another_time_is_another_sighting() -> (
    None
):
    cars = [{"plate": "ABC123", "confidence": 90}, {"plate": "NHK552", "confidence": 90}]
    said = {"data_type": "alpr_results", "epoch_time": 1793942978000, "results": cars}
    later = changed(said, epoch_time=1793942979000)
    tracks = [read(rekor.read, one).seen[1].track for one in (said, said, later)]
    assert tracks[0] == tracks[1] != tracks[2]


def test_the_newer_vehicle_form_of_plate_recognizer_is_read() -> None:
    plate = {
        "score": 0.8,
        "props": {
            "plate": [{"value": "nhk552", "score": 0.8}, {"value": "nhk5s2", "score": 0.3}],
            "region": [{"value": "us-il", "score": 0.5}],
        },
    }
    message = changed(PLATE_RECOGNIZER, data__results=[{"plate": plate}, {"plate": None}])
    (seen,) = read(plate_recognizer.read, message).seen
    assert seen.plates == (PlateRead("NHK552", 0.8, "us-il"), PlateRead("NHK5S2", 0.3, "us-il"))


def test_two_vehicles_in_one_picture_are_two_sightings_and_a_bad_one_costs_the_other_nothing() -> (
    None
):
    bad = {"plate": "\U0001f697\U0001f697\U0001f697", "score": 0.9}
    worse = {"plate": "abc123", "score": 9.0}
    good = {"plate": "abc123"}
    message = changed(PLATE_RECOGNIZER, data__results=[bad, good, worse, 7])
    reading = read(plate_recognizer.read, message)
    assert [seen.plates[0].text for seen in reading.seen] == ["ABC123"]
    assert whys(reading) == [
        "no plate in it that could be one",
        "a field that is not what it should be",
        "not the form that this feed has",
    ]


@pytest.mark.parametrize("unread", ["UNKNOWN", "no plate", "N/A", "unreadable", "", "???"])
def test_a_plate_that_was_not_read_is_set_aside_and_not_somebody_s(unread: str) -> None:
    result = {"plate": unread, "score": 0.9, "candidates": [{"plate": unread}]}
    reading = read(plate_recognizer.read, changed(PLATE_RECOGNIZER, data__results=[result]))
    assert (whys(reading), reading.seen) == (["no plate in it that could be one"], ())


def test_zeros_alone_are_counted_as_not_read_and_compared_all_the_same() -> None:
    result = {"plate": "0000000", "score": 0.9}
    reading = read(plate_recognizer.read, changed(PLATE_RECOGNIZER, data__results=[result]))
    assert whys(reading) == ["no plate in it that could be one"]
    assert [seen.plates[0].text for seen in reading.seen] == ["0000000"]


def test_at_most_so_many_candidates_are_kept_the_best_first() -> None:
    many = [{"plate": f"a{n:04}", "score": n / 100} for n in range(30)]
    message = changed(
        PLATE_RECOGNIZER, data__results=[{"plate": "b1", "score": 1, "candidates": many}]
    )
    (seen,) = read(plate_recognizer.read, message).seen
    assert len(seen.plates) == MAX_CANDIDATES
    assert [one.text for one in seen.plates[:2]] == ["B1", "A0029"]


def test_a_camera_whose_clock_runs_ahead_is_believed_now_and_said_so() -> None:
    message = changed(PLATE_RECOGNIZER, data__timestamp="2026-11-06T06:29:38Z")
    (seen,) = read(plate_recognizer.read, message).seen
    assert (seen.seen_at, seen.codes) == (AT, ("clock_wrong",))


def test_rekor_s_confidence_is_of_a_hundred_and_its_times_are_milliseconds() -> None:
    (seen,) = read(rekor.read, REKOR).seen
    assert seen.plates == (PlateRead("NHK552", 0.925, "us-il"), PlateRead("NHK5S2", 0.71, "us-il"))
    assert seen.seen_at == datetime(2026, 11, 6, 5, 29, 38, tzinfo=UTC)


def test_rekor_s_first_picture_and_its_group_are_one_sighting() -> None:
    results = {
        "data_type": "alpr_results",
        "uuid": "agent-cam1-1",
        "epoch_time": 1793942978000,
        "results": [{"plate": "NHK552", "confidence": 90.1, "candidates": []}],
    }
    (first,), (group,) = read(rekor.read, results).seen, read(rekor.read, REKOR).seen
    assert first.track == group.track


def test_a_heartbeat_of_rekor_says_only_that_it_lives() -> None:
    reading = read(rekor.read, {"data_type": "heartbeat", "agent_uid": "agent"})
    assert (reading.seen, reading.bad, reading.is_alive) == ((), (), True)


def test_rekor_s_confidence_beyond_a_hundred_is_set_aside() -> None:
    assert whys(read(rekor.read, changed(REKOR, best_confidence=101))) == [
        "a field that is not what it should be"
    ]


def test_one_track_of_frigate_is_one_sighting_however_its_plate_is_read() -> None:
    first = read(frigate.read, FRIGATE, topic="events").seen[0]
    second = read(
        frigate.read, changed(FRIGATE, after__recognized_license_plate="NHK55Z"), topic="events"
    ).seen[0]
    assert first.track == second.track
    assert [one.plates[0].text for one in (first, second)] == ["NHK552", "NHK55Z"]
    assert first.plates[0].score == 0.91


def test_a_known_plate_of_frigate_stands_in_its_sub_label() -> None:
    message = changed(
        FRIGATE, after__recognized_license_plate=None, after__sub_label=["NHK552", 0.8]
    )
    (seen,) = read(frigate.read, message, topic="events").seen
    assert seen.plates == (PlateRead("NHK552", 0.8),)


def test_frigate_s_other_events_and_unread_cars_are_passed_over() -> None:
    for message in (
        changed(FRIGATE, after__label="person"),
        changed(FRIGATE, after__recognized_license_plate=None),
        changed(FRIGATE, after__recognized_license_plate=None, after__sub_label="amazon"),
        changed(FRIGATE, after__label=["car"]),
    ):
        reading = read(frigate.read, message, topic="events")
        assert (reading.seen, reading.bad) == ((), ())


def test_frigate_says_whether_it_lives() -> None:
    assert read(frigate.read, b"online", topic="available").is_alive
    assert not read(frigate.read, b"offline", topic="available").is_alive


def test_what_is_not_the_form_of_a_feed_is_set_aside_with_the_reason() -> None:
    for reader in (plate_recognizer.read, rekor.read):
        assert whys(read(reader, b"")) == ["not JSON"]
        assert whys(read(reader, b"\xff")) == ["not text in UTF-8"]
        assert whys(read(reader, [1])) == ["not the form that this feed has"]
        assert whys(read(reader, b"[" * 100_000)) == ["not JSON"]
    assert whys(read(frigate.read, b"{", topic="events")) == ["not JSON"]
