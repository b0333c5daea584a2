"""How does a phone come in, and how does it go?"""

import html
import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests

from tests.builders import AT
from tests.channels.messages import a_subscription
from tests.pages.house import Browser, House, Organisation
from tocsin.flow.enrol_device import (
    GOOD_FOR,
    MAX_LABEL,
    MAX_SUBSCRIPTION,
    Wanted,
    enrol_device,
    open_enrolment,
)
from tocsin.flow.respond import Refused
from tocsin.registry.access import Viewer
from tocsin.runtime import doorbell, tokens
from tocsin.runtime.database import viewing

MOMENT = timedelta(microseconds=1)
CODE = re.compile(r'<code class="break">(.*?)</code>')


def a_secret(
    house: House, org: Organisation, who: str = "responder", *, again: bool = False
) -> str:
    """Return the secret of a new QR for the responder, or for another."""
    shown = house.signed_in(org, again=again).post_form(f"/people/{org.people[who]}/enrol")
    found = CODE.search(shown.text)
    assert found
    return html.unescape(found[1]).split("#")[1]


def enrol(house: House, secret: str, code: str = "1357", other: str = "8642", label: str = "her phone") -> requests.Response:  # fmt: skip
    phone = Browser(house.base)
    token = phone.token(phone.get("/enrol"))
    values = {"secret": secret, "label": label, "code": code, "other_code": other}
    return phone.session.post(house.base + "/enrol/now", json=values, headers={"X-CSRFToken": token}, timeout=20)  # fmt: skip


def devices(house: House, org: Organisation) -> int:
    with viewing(house.conn, org.id):
        row = house.conn.execute("select count(*) from registry_device where revoked_at is null").fetchone()  # fmt: skip
    return int(row[0]) if row else 0


def test_a_phone_gets_a_token_that_the_gate_believes(house: House, org: Organisation) -> None:
    answer = enrol(house, a_secret(house, org))
    assert answer.status_code == 200
    keys = tokens.read_public_keys(house.settings.keys_dir / "device-public.txt")
    claims = tokens.verify(keys, answer.json()["token"])
    assert claims is not None
    assert (claims.organisation_id, claims.person_id) == (org.id, org.people["responder"])
    assert answer.json()["gates"] == list(house.settings.gate_urls)
    assert answer.json()["psap"] == "911"
    assert devices(house, org) == 1


def test_a_code_is_good_once(house: House, org: Organisation) -> None:
    secret = a_secret(house, org)
    enrol(house, secret)
    again = enrol(house, secret)
    assert again.status_code == 400
    assert "token" not in again.text
    assert devices(house, org) == 1


def test_a_code_is_good_for_ten_minutes(house: House, org: Organisation) -> None:
    secret = a_secret(house, org)
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_enrolment set expires_at = made_at")
    assert enrol(house, secret).status_code == 400
    assert devices(house, org) == 0


@pytest.mark.parametrize(("after", "is_good"), [(GOOD_FOR - MOMENT, True), (GOOD_FOR, False)])
def test_it_is_good_to_the_last_moment_and_not_at_it(house: House, org: Organisation, after: timedelta, is_good: bool) -> None:  # fmt: skip
    lead = Viewer(org.id, org.people["shift_lead"], "shift_lead")
    with viewing(house.conn, org.id, lead.person_id):
        secret, until = open_enrolment(house.conn, lead, org.people["responder"], at=AT)
        assert until == AT + timedelta(minutes=10)
    wanted = Wanted(secret, "her phone", "1357", "8642")
    with viewing(house.conn, org.id):
        done = enrol_device(house.conn, house.ring, wanted, key=house.keys.device, at=AT + after)
    assert isinstance(done, Refused) is not is_good


@pytest.mark.guarantee("I18")
def test_of_two_phones_that_race_for_one_code_one_gets_it(house: House, org: Organisation) -> None:
    secret = a_secret(house, org)
    with ThreadPoolExecutor(8) as phones:
        answers = [answer.status_code for answer in phones.map(lambda _: enrol(house, secret), range(8))]  # fmt: skip
    assert sorted(answers) == [200] + [400] * 7
    assert devices(house, org) == 1


@pytest.mark.guarantee("I18")
@pytest.mark.parametrize(("who", "becomes"), [("responder", "is_active = false"), ("shift_lead", "is_active = false"), ("shift_lead", "role = 'guard'")])  # fmt: skip
def test_a_code_dies_with_whom_it_is_for_and_who_made_it(house: House, org: Organisation, who: str, becomes: str) -> None:  # fmt: skip
    secret = a_secret(house, org)
    with viewing(house.conn, org.id):
        statement = f"update registry_person set {becomes} where id = %s"
        house.conn.execute(statement.encode(), (org.people[who],))
    answer = enrol(house, secret)
    assert (answer.status_code, "not good any more" in answer.text) == (400, True)
    assert devices(house, org) == 0


def test_a_new_code_ends_the_one_before(house: House, org: Organisation) -> None:
    lead = house.signed_in(org)
    path = f"/people/{org.people['responder']}/enrol"
    secrets = [
        html.unescape(CODE.findall(lead.post_form(path).text)[0]).split("#")[1] for _ in range(2)
    ]
    assert enrol(house, secrets[0]).status_code == 400
    assert enrol(house, secrets[1]).status_code == 200


@pytest.mark.parametrize("spoil", ["", "x", "00000000000000000000000000000000.x", "ü.ü"])
def test_a_made_up_code_opens_nothing(house: House, spoil: str) -> None:
    assert enrol(house, spoil).status_code == 400


@pytest.mark.parametrize("body", ["[" * 60_000, '{"a":' * 60_000, "not json", "[]", ""])
def test_a_body_that_is_no_object_is_refused_in_words(house: House, body: str) -> None:
    phone = Browser(house.base)
    token = phone.token(phone.get("/enrol"))
    headers = {"X-CSRFToken": token, "Content-Type": "application/json"}
    answer = phone.session.post(house.base + "/enrol/now", data=body, headers=headers, timeout=20)
    assert answer.status_code == 400
    assert answer.json() == {"error": "this is not a JSON object, or it is nested too deeply"}


def test_a_code_of_one_organisation_opens_nothing_in_another(house: House, org: Organisation) -> None:  # fmt: skip
    other = house.new_organisation()
    secret = a_secret(house, org).replace(org.id.hex, other.id.hex)
    assert enrol(house, secret).status_code == 400


@pytest.mark.parametrize(
    ("code", "other"),
    [("1357", "1357"), ("1357", "7531"), ("1357", "1358"), ("1111", "8642"), ("135", "8642"), ("1357", "86428642"), ("abcd", "8642")],
)  # fmt: skip
def test_codes_that_could_be_mistaken_leave_the_qr_good(house: House, org: Organisation, code: str, other: str) -> None:  # fmt: skip
    secret = a_secret(house, org)
    assert enrol(house, secret, code, other).status_code == 400
    assert enrol(house, secret).status_code == 200


def test_the_codes_are_nowhere_to_be_read(house: House, org: Organisation) -> None:
    enrol(house, a_secret(house, org), "135792", "864203")
    with viewing(house.conn, org.id):
        rows = house.conn.execute("select pair_sealed from registry_codepair").fetchall()
        leaves = house.conn.execute("select leaf from record_entry").fetchall()
    assert rows
    assert not any(
        b"135792" in bytes(cell) or b"864203" in bytes(cell) for (cell,) in rows + leaves
    )


def test_enrolling_and_revoking_are_on_record(house: House, org: Organisation) -> None:
    enrol(house, a_secret(house, org))
    lead = house.signed_in(org, again=True)
    shown = lead.get(f"/people/{org.people['responder']}")
    assert "To revoke a phone ends no alarm." in shown.text
    path = re.findall(r"/devices/[0-9a-f-]+/revoke", shown.text)[0]
    lead.post_to(path, lead.token(shown))
    assert devices(house, org) == 0
    with viewing(house.conn, org.id):
        kinds = [row[0] for row in house.conn.execute("select kind from record_entry").fetchall()]
    assert {"device.enrolled", "device.revoked"} <= set(kinds)


@pytest.mark.guarantee("I18")
def test_a_revoked_phone_is_rung_to_the_engine_which_writes_down_anew_what_it_knows(house: House, org: Organisation) -> None:  # fmt: skip
    enrol(house, a_secret(house, org))
    lead = house.signed_in(org, again=True)
    shown = lead.get(f"/people/{org.people['responder']}")
    path = re.findall(r"/devices/[0-9a-f-]+/revoke", shown.text)[0]
    bell = doorbell.Listener(house.settings.run_dir, doorbell.ENGINE)
    lead.post_to(path, lead.token(shown))
    rung = bell.receive()
    bell.close()
    assert doorbell.LESS in rung


def test_a_guard_enrols_nobody(house: House, org: Organisation) -> None:
    browser = house.signed_in(org, "guard")
    token = browser.token(browser.get("/sessions"))
    assert browser.post_to(f"/people/{org.people['responder']}/enrol", token).status_code == 404
    assert browser.post_to(f"/people/{org.people['guard']}/enrol", token).status_code == 404


def test_a_phone_can_be_called_by_its_browser(house: House, org: Organisation) -> None:
    token = enrol(house, a_secret(house, org)).json()["token"]
    subscription = json.loads(a_subscription("https://push.example/abc"))

    def push(words: str, value: Any) -> int:
        headers = {"Authorization": f"Bearer {words}"}
        return requests.post(house.base + "/phone/push", json={"subscription": value}, headers=headers, timeout=20).status_code  # fmt: skip

    assert push(token, subscription) == 200
    assert push(token, subscription) == 200
    assert push(token + "x", subscription) == 401
    assert push(token, {"endpoint": "http://inside/", "keys": {}}) == 400
    assert push(token, "x" * 5000) == 400
    with viewing(house.conn, org.id):
        row = house.conn.execute("select count(*) from registry_contactmethod where channel = 'webpush'").fetchone()  # fmt: skip
    assert row == (1,)


@pytest.mark.guarantee("I15")
def test_a_browser_that_calls_somebody_else_is_not_said_to_call_who_enrols_it_now(house: House, org: Organisation) -> None:  # fmt: skip
    value = {"subscription": json.loads(a_subscription("https://push.example/handed-on"))}

    def push(who: str) -> requests.Response:
        token = enrol(house, a_secret(house, org, who, again=who == "guard")).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        return requests.post(house.base + "/phone/push", json=value, headers=headers, timeout=20)

    assert push("responder").status_code == 200
    handed_on = push("guard")
    assert handed_on.status_code == 400
    assert handed_on.json()["error"].startswith("this browser calls somebody else")


@pytest.mark.parametrize(("size", "status"), [(MAX_SUBSCRIPTION, 200), (MAX_SUBSCRIPTION + 1, 400)])  # fmt: skip
def test_a_subscription_of_the_largest_size_is_taken_and_one_character_more_is_not(house: House, org: Organisation, size: int, status: int) -> None:  # fmt: skip
    token = enrol(house, a_secret(house, org)).json()["token"]
    words = json.dumps(json.loads(a_subscription("https://push.example/")), sort_keys=True)
    whole = words.replace("example/", "example/" + "a" * (size - len(words)))
    value: dict[str, Any] = {"subscription": json.loads(whole)}
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.post(house.base + "/phone/push", json=value, headers=headers, timeout=20)
    assert answer.status_code == status


@pytest.mark.parametrize("more", [0, 1])
def test_a_phones_name_of_the_largest_size_is_kept_whole_and_a_longer_one_is_cut(house: House, org: Organisation, more: int) -> None:  # fmt: skip
    name = "p" * MAX_LABEL
    assert enrol(house, a_secret(house, org), label=name + "q" * more).status_code == 200
    with viewing(house.conn, org.id):
        assert house.conn.execute("select label from registry_device").fetchone() == (name,)


@pytest.mark.parametrize(
    ("label", "kept"),
    [("a\u0000b", "a b"), ("\ud800", "phone"), ("her \udfff", "her"), (["her phone"], "phone"), (None, "phone")],
)  # fmt: skip
def test_a_name_that_cannot_be_kept_is_cleaned_and_the_phone_comes_in(house: House, org: Organisation, label: Any, kept: str) -> None:  # fmt: skip
    assert enrol(house, a_secret(house, org), label=label).status_code == 200
    with viewing(house.conn, org.id):
        assert house.conn.execute("select label from registry_device").fetchone() == (kept,)


@pytest.mark.parametrize(
    "changed",
    [
        {"endpoint": "https://["},
        {"endpoint": "https://push.example:99999999/a"},
        {"endpoint": "https://a b/"},
        {"endpoint": "https://push\u0000.example/"},
        {"endpoint": "https://push.example/\ud800"},
        {"endpoint": "http://push.example/"},
        {"endpoint": None},
        {"keys": {}},
        {"keys": {"p256dh": "BA" + "A" * 85, "auth": "AAAAAAAAAAAAAAAAAAAAAA"}},
        {"keys": [[]]},
    ],
)
def test_a_subscription_that_no_push_reaches_is_refused_and_no_way_to_reach_anybody(house: House, org: Organisation, changed: dict[str, Any]) -> None:  # fmt: skip
    token = enrol(house, a_secret(house, org)).json()["token"]
    value = {**json.loads(a_subscription("https://push.example/abc")), **changed}
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.post(house.base + "/phone/push", json={"subscription": value}, headers=headers, timeout=20)  # fmt: skip
    assert answer.status_code == 400
    assert answer.json()["error"] in {"this is not a push subscription", "push needs https"}
    with viewing(house.conn, org.id):
        row = house.conn.execute("select count(*) from registry_contactmethod where channel = 'webpush'").fetchone()  # fmt: skip
    assert row == (0,)


def test_a_phone_asks_for_the_number_to_dial_anew(house: House, org: Organisation) -> None:
    token = enrol(house, a_secret(house, org)).json()["token"]

    def asked(words: str) -> tuple[int, str]:
        answer = requests.get(house.base + "/phone/number", headers={"Authorization": f"Bearer {words}"}, timeout=20)  # fmt: skip
        return answer.status_code, answer.json().get("psap", "")

    assert asked(token) == (200, "911")
    with viewing(house.conn, org.id):
        house.conn.execute("""update registry_site set psap = '{"number": "999"}' where id = %s""", (org.site_id,))  # fmt: skip
    assert asked(token) == (200, "999")
    assert asked(token + "x") == (401, "")
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_device set revoked_at = now()")
    assert asked(token) == (401, "")
