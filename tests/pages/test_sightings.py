"""What senders hand in is proved, kept before it is said so, and costs nobody else anything."""

import time
from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.pages.house import House, Organisation
from tests.pages.senders import Machine
from tocsin.api.limits import AT_ONCE, MAX_BODY
from tocsin.registry import store_senders
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7


@pytest.fixture(scope="module")
def org(house: House) -> Organisation:
    """Return an employer of this file."""
    return house.new_organisation()


@pytest.fixture
def feed(house: House, org: Organisation) -> Machine:
    """Return a system that signs."""
    return Machine(house, org, "signed_json")


def test_what_a_sender_saw_waits_for_the_engine_once_it_is_told_kept(feed: Machine) -> None:
    answer = feed.posts({"id": "1", "name": "Rex Notreal", "plates": ["abc 123"]})
    assert (answer.status_code, answer.json()) == (200, {"kept": 1, "set_aside": 0})
    (seen,) = feed.waiting()
    assert (seen.name, seen.plates[0].text, seen.site_id) == ("Rex Notreal", "ABC123", feed.org.site_id)  # fmt: skip
    assert feed.row().heard_at is not None


@pytest.mark.guarantee("I12")
def test_nobody_speaks_for_a_sender_without_its_key(feed: Machine, house: House) -> None:
    body = b'{"name": "Rex"}'
    right = feed.signed(body)
    url = house.base + feed.path
    other = Machine(house, feed.org, "signed_json", key="another key")
    wrong = [
        {},
        feed.signed(body, key="guessed"),
        feed.signed(body, at=time.time() - 301),
        feed.signed(body, at=time.time() + 301),
        feed.signed(body, path=other.path),
        right | {"webhook-id": "other"},
        right | {"webhook-signature": "v1,"},
        right | {"webhook-timestamp": "x" * 3},
        {"Authorization": f"Bearer {feed.key}"},
    ]
    answers = [requests.post(url, data=body, headers=headers, timeout=20) for headers in wrong]
    answers.append(requests.post(url, data=body + b" ", headers=right, timeout=20))
    answers.append(requests.post(house.base + f"/api/v1/sightings/{uuid7()}", timeout=20))
    assert {(one.status_code, one.content) for one in answers} == {(401, b"not proved")}
    assert feed.waiting() == []


@pytest.mark.guarantee("I18")
def test_a_revoked_sender_is_refused_at_once(feed: Machine) -> None:
    assert feed.posts({"name": "Rex"}).status_code == 200
    with viewing(feed.house.conn, feed.org.id, feed.org.people["safety_lead"]):
        store_senders.revoke_sender(feed.house.conn, feed.org.id, feed.id, datetime.now(UTC))
    assert feed.posts({"name": "Rex"}).status_code == 401


def test_a_signed_message_is_good_once(feed: Machine) -> None:
    assert feed.posts({"name": "Rex"}, nonce="n1").status_code == 200
    assert feed.posts({"name": "Rex"}, nonce="n1").status_code == 409
    assert len(feed.waiting()) == 1


@pytest.mark.guarantee("I25")
def test_a_bad_line_is_set_aside_and_the_rest_goes_on(feed: Machine) -> None:
    lines = [{"name": "Rex"}, {"plates": ["\U0001f697\U0001f697"]}, "x", {"name": "Nova"}]
    answer = feed.posts({"events": lines})
    assert answer.json() == {
        "kept": 2,
        "set_aside": 2,
        "why": ["no plate in it that could be one", "not the form that this feed has"],
    }
    assert [seen.name for seen in feed.waiting()] == ["Rex", "Nova"]
    assert [count for _, count in feed.set_aside()] == [1, 1]


def test_a_message_that_cannot_be_read_at_all_is_said_so_and_kept(feed: Machine) -> None:
    answer = feed.posts(b"\xff{")
    assert (answer.status_code, answer.json()["why"]) == (422, ["not text in UTF-8"])
    assert feed.set_aside() == [("not text in UTF-8", 1)]


def test_a_body_is_bounded(feed: Machine) -> None:
    fits = b'{"name": "Rex"}'.ljust(MAX_BODY)
    assert feed.posts(fits).status_code == 200
    assert feed.posts(fits + b" ").status_code == 413


@pytest.mark.guarantee("I25")
def test_a_flood_of_one_sender_is_turned_away_and_another_is_heard(
    feed: Machine, house: House
) -> None:
    from tocsin.api.limits import Throttle

    now = [0.0]
    throttle = Throttle(lambda: now[0])
    assert [throttle.take(feed.id) for _ in range(AT_ONCE + 1)] == [True] * AT_ONCE + [False]
    assert throttle.take(uuid7())
    now[0] = 0.01
    assert [throttle.take(feed.id) for _ in range(2)] == [True, False]


def test_a_picture_is_passed_over_and_the_form_s_json_is_read(
    house: House, org: Organisation
) -> None:
    camera = Machine(house, org, "plate_recognizer")
    said = '{"data": {"filename": "p1.jpg", "results": [{"plate": "abc123", "score": 0.9, "candidates": []}]}}'
    answer = requests.post(
        house.base + camera.path,
        data={"json": said},
        files={"upload": ("p.jpg", b"\xff\xd8" * 1000, "image/jpeg")},
        headers={"Authorization": f"Token {camera.key}"},
        timeout=20,
    )
    assert answer.json() == {"kept": 1, "set_aside": 0}
    (seen,) = camera.waiting()
    assert seen.plates[0].text == "ABC123"


def test_the_same_track_read_the_same_is_kept_once(house: House, org: Organisation) -> None:
    camera = Machine(house, org, "plate_recognizer")
    now = datetime.now(UTC).isoformat()
    said = {"data": {"filename": "p2.jpg", "timestamp": now, "results": [{"plate": "abc123"}]}}
    headers = {"X-Tocsin-Key": camera.key}
    for kept in (1, 0):
        answer = requests.post(house.base + camera.path, json=said, headers=headers, timeout=20)
        assert answer.json() == {"kept": kept, "set_aside": 0}


def a_fix(**more: object) -> str:
    import json

    return json.dumps({"_type": "location", "lat": 41.8, "lon": -87.6, "tst": int(time.time()), "acc": 5, **more})  # fmt: skip


@pytest.mark.guarantee("I23")
def test_her_own_phone_is_followed_only_while_her_incident_is_open(
    house: House, org: Organisation
) -> None:
    phone = Machine(house, org, "owntracks", ties={"person_id": org.people["responder"]})
    answer = phone.puts(a_fix())
    assert (answer.status_code, answer.json()) == (200, [])
    assert phone.waiting() == []
    house.sos(org)
    again = phone.puts(a_fix(tst=int(time.time()) - 1))
    assert (again.status_code, again.content) == (answer.status_code, answer.content)
    (seen,) = phone.waiting()
    assert (seen.source, seen.person_id) == ("own_device", org.people["responder"])


@pytest.mark.guarantee("I23")
def test_positions_that_are_nobody_s_business_are_counted_and_nothing_of_them_is_kept(
    house: House, org: Organisation
) -> None:
    phone = Machine(house, org, "owntracks", ties={"person_id": org.people["guard"]})
    phone.puts(a_fix())
    assert (phone.row().dropped_count, phone.waiting(), phone.set_aside()) == (1, [], [])


def test_an_empty_body_of_owntracks_is_passed_over(house: House, org: Organisation) -> None:
    phone = Machine(house, org, "owntracks", ties={"person_id": org.people["guard"]})
    assert phone.puts(b"").json() == []
    assert phone.set_aside() == []


def test_osmand_without_a_device_is_refused(house: House, org: Organisation) -> None:
    device = Machine(house, org, "osmand", ties={"person_id": org.people["guard"]})
    assert device.puts(params={"lat": "60.0", "lon": "30.0"}).status_code == 400
    assert device.puts(params={"id": "7", "lat": "60.0", "lon": "30.0"}).status_code == 200


def test_a_badge_that_nobody_keeps_out_is_passed_on(house: House, org: Organisation) -> None:
    reader = Machine(house, org, "badge")
    assert reader.posts({"badge": "00042", "id": "e1"}).json() == {"answer": "pass"}
    (seen,) = reader.waiting()
    assert (seen.badge, seen.source) == ("00042", "badge")


def test_a_late_event_is_kept_and_one_of_days_ago_is_set_aside(feed: Machine) -> None:
    then = datetime.now(UTC)
    times = [then - timedelta(hours=1), then - timedelta(hours=25), then + timedelta(hours=1)]
    feed.posts({"events": [{"name": f"N{n}", "at": at.isoformat()} for n, at in enumerate(times)]})
    assert [(seen.name, seen.codes) for seen in feed.waiting()] == [
        ("N0", ("late",)),
        ("N2", ("clock_wrong",)),
    ]
    assert feed.set_aside() == [("too old to mean anything now", 1)]


@pytest.mark.guarantee("I25")
def test_of_many_bad_lines_a_few_are_kept_and_all_are_counted(feed: Machine) -> None:
    answer = feed.posts({"events": ["x"] * 50 + [{"name": "Rex"}]})
    assert answer.json()["kept"] == 1
    assert feed.set_aside() == [("not the form that this feed has", 50)]


def test_a_tracker_may_ask_with_get_and_is_told_how_to_prove_itself(
    house: House, org: Organisation
) -> None:
    device = Machine(house, org, "osmand", ties={"person_id": org.people["guard"]})
    url, query = house.base + device.path, {"id": "7", "lat": "60.0", "lon": "30.0"}
    assert requests.get(url, params=query, auth=("x", device.key), timeout=20).status_code == 200
    refused = requests.get(url, params=query, auth=("x", "wrong"), timeout=20)
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (
        401,
        'Basic realm="tocsin"',
    )
    assert requests.put(url, timeout=20).status_code == 405


def test_what_a_broker_speaks_for_has_no_door(house: House, org: Organisation) -> None:
    camera = Machine(house, org, "frigate", settings={"topic": "frigate"})
    assert camera.posts({}).status_code == 401
    assert camera.puts("{}").status_code == 401


def test_a_sender_that_signs_is_not_taken_by_its_mere_key(feed: Machine) -> None:
    assert feed.puts('{"name": "Rex"}').status_code == 401
