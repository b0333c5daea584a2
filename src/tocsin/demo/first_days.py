"""From the first day on: the order is entered, the door knows it, safeguards have owners, and he sees nothing of it.

Everything here is done on pages, as its people would. What an earlier run of the demo entered stays entered.
"""

import re
import time
from datetime import timedelta
from typing import Final
from uuid import UUID

from tocsin.demo import acting
from tocsin.demo.http import DoorError, Form, Reply
from tocsin.demo.stage import Stage

LIFE: Final = timedelta(days=30)
AGO: Final = timedelta(days=12)
PLATE: Final = "HC 4417"
CONDITIONS: Final = ["01", "04", "05", "07"]
# What he can open: whatever an order might have changed there must be the same before and after.
HIS_PAGES: Final = (
    "/", "/people", "/sites", "/orders", "/tasks", "/briefings", "/offers", "/walks", "/my-walks", "/reachable",
    "/drills", "/access", "/sees", "/desk", "/seen",
)  # fmt: skip
# What to do about him, and what made the match: the name was typed wrong.
AT_THE_DOOR: Final = ("Do not admit", "differs in a letter or two")
AT_THE_DESK: Final = "his own name at the desk"
# What differs from answer to answer whatever is answered: the forms' tokens, the clock.
_OF_THE_MOMENT: Final = re.compile(
    r'value="[A-Za-z0-9]{64}"|\d\d:\d\d(:\d\d)?|value="[0-9a-f-]{36}"'
)
_OFFER: Final = re.compile(r'action="(/offers/[0-9a-f-]{36})"')
_REVIEW: Final = re.compile(r'action="(/orders/reviews/[0-9a-f-]{36})"')
_LOOKED: Final = re.compile(
    r'action="(/cases/[0-9a-f-]{36}/orders/[0-9a-f-]{36}/review)".*?name="seen" value="([0-9]+)"',
    re.DOTALL,
)


def first_days(stage: Stage) -> UUID:
    """Return the case, after everything that an order opens has been seen.

    Raises:
        DoorError: a page did not take what its user did.
    """
    voice = stage.voice
    voice.scene("The first days")
    voice.reported("order.temporary_restraining", "order.stay_away", "order.no_contact")
    voice.reported("employer.exclusion", "respondent.threats", "respondent.employment")
    voice.reported("order.served_on_respondent", "respondent.custody_between_arrest_and_day_0")
    known = stage.watch.case_of(stage.who("Wren").id)
    if known is not None:
        stage.leave_out("The order was entered by an earlier run of this demo, and stands.")
        _the_door_knows(stage, None)
        _he_finds_nothing(stage)
        return known
    before = _what_he_sees(stage)
    case_id, entered_at = _entered(stage)
    _the_door_knows(stage, entered_at)
    _safeguards(stage, case_id)
    _looked_at(stage)
    _she_decides(stage, case_id)
    _he_sees_nothing(stage, before)
    return case_id


def order_form(stage: Stage) -> Form:
    """Return what Sefa types: little, and nothing that no page needs."""
    today = stage.doors.clock.now().date()
    site = stage.harbour.sites["Harbour Dispatch Centre"]
    return {
        "protected": str(stage.who("Wren").id),
        "colleague": str(stage.who("Rex").id),
        "respondent_name": stage.who("Rex").name,
        "description": "1.80 m, glasses, a scar on the left hand (made up)",
        "plates": f"{PLATE}, IL",
        "family": "temporary",
        "court": "A circuit court (made up)",
        "docket": "DR-0000",
        "court_time_zone": "America/Chicago",
        "issued_on": (today - AGO).isoformat(),
        "ends_on": (today - AGO + LIFE).isoformat(),
        "conditions": CONDITIONS,
        "away_from": [f"site:{site}"],
        "away_metres": "100 m",
        "source": "document",
        "with_rule": "on",
        "rule_ground": "order",
        "rule_days": "30",
        "rule_contest": "safety@harbour.example.org",
        "rule_notice": "given",
        "do": "enter",
    }


def _entered(stage: Stage) -> tuple[UUID, float]:
    sefa = stage.who("Sefa")
    browser = acting.sign_in(stage.doors, sefa)
    browser.get("/orders/new")
    at = time.monotonic()
    reply = browser.submit("/orders/new", "/orders/new", order_form(stage))
    case_id = stage.watch.case_of(stage.who("Wren").id)
    stage.promise(
        "one person enters an order on one page",
        f"{reply.status} {_problems(reply.text)}",
        is_kept=reply.status == acting.SEE_OTHER and case_id is not None,
    )
    if case_id is None:
        message = f"the order was not taken: {_problems(reply.text)}"
        raise DoorError(message)
    stage.voice.supposed(
        "Sefa, the safety lead, enters the order with the paper before her: one page, at once in force at the doors. Who "
        f"it restrains is a colleague; from this moment he is a party. Entered in {reply.took_ms:.0f} ms."
    )
    return case_id, at


def _problems(text: str) -> str:
    return " / ".join(re.findall(r'<ul class="errorlist[^>]*><li>([^<]*)', text))[:200]


def _the_door_knows(stage: Stage, entered_at: float | None) -> None:
    """Ask at the desk, with a slip in the name; a page that names him says what to do and no reason."""
    gus = acting.sign_in(stage.doors, stage.who("Gus"))
    at = time.monotonic()
    answer = gus.submit("/desk", "/desk", {"name": "Rex Notrael"})
    took_ms = stage.since_ms(at)
    stage.promise(
        "the desk knows him by a name typed wrong, within a second, with what to do",
        re.findall(r'class="line [a-z]+">([^<]*)', answer.text)[:2],
        is_kept=took_ms < 1000
        and all(words in answer.text for words in (stage.who("Rex").name, *AT_THE_DOOR)),
    )
    stage.promise(
        "the desk says nothing of the reason",
        "",
        is_kept=not re.search(r"temporary|DR-0000|circuit court|Wren", answer.text),
    )
    after = (
        f" {stage.since_ms(entered_at) / 1000:.1f} s after the order was entered"
        if entered_at
        else ""
    )
    stage.voice.supposed(
        f'Gus, at the door, types "Rex Notrael"{after}: he is found in {took_ms:.0f} ms, with the parts that made the '
        "match. The page says what to do and whom to call; it says nothing of an order, of her, or of why."
    )


def _safeguards(stage: Stage, case_id: UUID) -> None:
    found = stage.watch.safeguards(case_id)
    working = found["open"] + found["prepared"]
    nobodys = stage.watch.nobodys(case_id)
    stage.promise(
        "an order opens safeguards with owners, those that are open with deadlines, and offers what touches her",
        f"{dict(found)}, nobody's: {nobodys}",
        is_kept=working >= 5 and found["offered"] >= 1 and not nobodys,
    )
    stage.voice.supposed(
        f"{found['open']} safeguards are open, each with an owner and a deadline; {found['offered']} more touch her and are "
        f"offered, hers to take or leave. {found['prepared']} that he could notice are prepared only, each with an owner: "
        "they are released together, at a time that she and the safety lead choose, and are due then."
    )
    stage.voice.reported("employer.safety_plan")


def _looked_at(stage: Stage) -> None:
    """Have a second person look at the entry: she takes it on, reads, and says that it is right."""
    ada = acting.sign_in(stage.doors, stage.who("Ada"))
    asked = _REVIEW.search(ada.get("/orders").text)
    place = ada.submit("/orders", asked[1], {}).headers.get("location", "") if asked else ""
    shown = ada.get(place).text if place else ""
    looked = _LOOKED.search(shown)
    done = ada.submit(place, looked[1], {"seen": looked[2]}) if looked else None
    stage.promise(
        "a second person reviews the entry on her page",
        done.status if done else shown[:80],
        is_kept=done is not None and done.status == acting.SEE_OTHER,
    )
    stage.voice.supposed(
        "Ada, a second person, takes the review on, reads the entry and says that it is right. That she read it is on "
        "record before the page was shown, and Wren can see it."
    )


def _she_decides(stage: Stage, case_id: UUID) -> None:
    wren = acting.sign_in(stage.doors, stage.who("Wren"))
    offers = list(dict.fromkeys(_OFFER.findall(wren.get("/offers").text)))
    door, written = _told_at_the_door(stage), [_written(stage, offer) for offer in offers[:2]]
    declined = wren.submit("/offers", offers[0], {"act": "decline"}) if offers else None
    taken = wren.submit("/offers", offers[1], {"act": "take"}) if len(offers) > 1 else None
    stage.promise(
        "she takes one offer and declines another, each with one press",
        f"{len(offers)} offers",
        is_kept=declined is not None
        and taken is not None
        and {declined.status, taken.status} == {acting.SEE_OTHER},
    )
    now = [_written(stage, offer) for offer in offers[:2]]
    stage.promise(
        "that she declined one stands in no record, that she took one does",
        f"entries before {written}, after {now}",
        is_kept=len(now) == 2 and now[0] == written[0] and now[1] > written[1],
    )
    stage.promise(
        "the doors stay as they are, whatever she declines",
        "",
        is_kept=_told_at_the_door(stage) == door,
    )
    own, looked = wren.get(f"/cases/{case_id}/orders"), wren.get(f"/cases/{case_id}/access")
    stage.promise(
        "she reads what is entered about her", own.status, is_kept=own.status == acting.OK
    )
    stage.promise(
        "she reads who looked", looked.status, is_kept=stage.who("Ada").short_name in looked.text
    )
    stage.voice.supposed(
        "Wren reads what was entered about her, and who looked. She declines one offer and takes another: one press each, "
        "no reason. That she declined is in no record, and the doors stay as they are."
    )


def _written(stage: Stage, offer: str) -> int:
    return stage.watch.naming(UUID(offer.rpartition("/")[2]))


def _told_at_the_door(stage: Stage) -> str:
    """Return what the desk says of him, with what to do."""
    gus = acting.sign_in(stage.doors, stage.who("Gus"))
    return _masked(gus.submit("/desk", "/desk", {"name": stage.who("Rex").name}))


# --- the respondent's own sign-in -------------------------------------------------------------------------


def _what_he_sees(stage: Stage) -> dict[str, str]:
    browser = acting.sign_in(stage.doors, stage.who("Rex"))
    shown = {page: _masked(browser.get(page)) for page in HIS_PAGES}
    asked = browser.submit("/desk", "/desk", {"name": stage.who("Rex").name})
    return {**shown, AT_THE_DESK: _masked(asked)}


def _masked(reply: Reply) -> str:
    return f"{reply.status} " + _OF_THE_MOMENT.sub("", reply.text)


def _he_finds_nothing(stage: Stage) -> None:
    """Sign in as him when nothing from before the order is left to compare with."""
    shown = _what_he_sees(stage)
    telling = [page for page in shown if page != AT_THE_DESK and PLATE in shown[page]]
    his = shown["/orders"] + shown["/offers"] + shown["/walks"]
    stage.promise(
        "the respondent's own sign-in shows him no order, no vehicle, and not himself at the desk",
        telling,
        is_kept=not telling
        and stage.who("Wren").name not in his
        and "this is not a clearance" in shown[AT_THE_DESK],
    )
    stage.voice.supposed(
        "Rex can still sign in. He finds no order, no offer and no walk of hers, and not himself at the desk. (The run that "
        "entered the order compared every page of his with what it was before.)"
    )


def _he_sees_nothing(stage: Stage, before: dict[str, str]) -> None:
    after = _what_he_sees(stage)
    changed = [page for page in before if before[page] != after[page]]
    stage.promise(
        "the respondent's own sign-in sees on every page what it saw before",
        changed,
        is_kept=not changed,
    )
    stage.promise(
        "he does not find himself at the desk",
        "",
        is_kept="this is not a clearance" in after[AT_THE_DESK],
    )
    stage.voice.supposed(
        f"Rex can still sign in. He opens {len(HIS_PAGES)} pages, and asks the desk for his own name: what he saw before the "
        "order was entered, but for the clock and the forms' own numbers. (Whether he notices what people do is another "
        "matter; software cannot hide it.)"
    )
