"""What is typed into every form that there is: once as he would fill it, once wrongly. A form without a line here fails.

Each line is an address's name, and what is typed. `$wren`, `$rex`, `$me` and `$site` are ids, `$case` and `$order` those of the
order that only one world has, `$word` its case's word, `$hers` what the entry says of him, `$new` an id of nothing, `$soon` a
day ahead. In their order: what makes something comes before what changes it, and what ends sessions comes last.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Template
from typing import Final

Typed = dict[str, str]


@dataclass(frozen=True, slots=True)
class Filled:
    """One form: as he would fill it, as nobody should; `is_json`: a program's body, not a form's."""

    right: Typed
    wrong: Typed
    is_json: bool = False

    def both(self, names: Mapping[str, str]) -> Iterator[tuple[str, Typed]]:
        """Yield how it is filled, and what is typed, with the ids of a world."""
        forms = {"right": self.right} | ({} if self.wrong == self.right else {"wrong": self.wrong})
        for how, typed in forms.items():
            yield how, {name: Template(text).substitute(names) for name, text in typed.items()}


WHY: Final = "She asked me to, and I would like to know."
PERSON: Final = {"name": "Zed Sample", "short_name": "Zed", "staff_number": "zed-1", "role": "guard", "language": "en", "site": "$site", "is_active": "on"}  # fmt: skip
SITE: Final = {"name": "Annex", "kind": "workplace", "time_zone": "America/Chicago", "street": "2 Example Road", "locality": "Riverside", "number": "911"}  # fmt: skip
POLICY: Final = '{"id": "$site", "name": "two", "kind": "sos", "required_proven": 2, "steps": [{"offset_s": 0, "who": ["everyone_on_duty"]}, {"offset_s": 30, "who": ["role:safety_lead", "manager", "everyone_on_duty"]}]}'
ROSTER: Final = '{"kind": "override", "action": "add", "person_id": "$wren", "role": "guard", "starts": "${soon}T07:00", "ends": "${soon}T16:00"}'
POINT: Final = '{"type": "Point", "coordinates": [-87.6, 41.8]}'
ORDER: Final = {"court": "Circuit", "docket": "2024 OP 1", "respondent_name": "$hers", "protected": "$wren", "colleague": "$rex", "family": "final", "conditions": "01", "issued_on": "2024-03-01", "has_open_end": "on", "court_time_zone": "America/Chicago"}  # fmt: skip
FACT: Final = {"kind": "served", "when_on": "2024-03-01", "when_time": "09:00", "source": "court", "words": "by telephone"}  # fmt: skip
# Nothing but a press: there is nothing to type, so nothing to type wrongly.
PRESS: Final = Filled({}, {})
# The password of nobody: what it would open is the framework's own.
UNKNOWN: Final = {"login": "nobody-here", "password": "not this one either"}

FORMS: Final[dict[str, Filled]] = {
    # The case, of which he has at best the word and the ids.
    "access": Filled({"word": "$word", "person": "$me", "lasting": "1", "reason": WHY}, {"word": "$word", "person": "$new", "lasting": "900", "reason": "x"}),
    "grant": Filled({"act": "agree", "case": "$case"}, {"act": "give", "case": "x"}),
    "case_access": Filled({"act": "link", "person": "$rex", "day": "$soon"}, {"act": "unlink", "person": "x", "day": "x"}),
    "accounts": Filled({"fact": "age", "label": "", "source": "the neighbour", "words": "He is 41.", "said_at": "2024-03-01T09:00"}, {"fact": "age", "words": "", "said_at": "x"}),
    "export_accounts": PRESS,
    "add_paper": Filled({"document": "$hers"}, {"document": ""}),
    "mask_paper": Filled({"is_approved": "on", "first_page": "[]"}, {"first_page": "{"}),
    "first_page": PRESS,
    "ask_review": Filled({"4": "yes", "12": "He said so."}, {"4": "perhaps"}),
    "refuse_review": PRESS,
    "delete_review": PRESS,
    "briefing": PRESS,
    "door_card": PRESS,
    "custody_notice": Filled({"kind": "sms_notice", "text": "VINE: $hers has been released."}, {"kind": "pigeon", "text": ""}),
    "record_custody": Filled({"state": "held", "source": "jail", "place": "County", "asked_myself": "on", "counts_days": "7", "settles": "on", "words": "Desk said so."}, {"state": "gone", "source": "x", "true_at": "x"}),
    "take_back_custody": Filled({"because": "It was another man."}, {"because": ""}),
    "draw_place": Filled({"area": '{"type": "Polygon", "coordinates": [[[0,0],[0,1],[1,1],[0,0]]]}'}, {"area": "{"}),
    "her_notices": Filled({"wants": "no"}, {"wants": "x"}),
    "her_word": Filled({"her_word": "yes", "her_ground": "agreed"}, {"her_word": "x"}),
    "house_rule": Filled({"act": "lift"}, {"act": "x"}),
    "set_rule": Filled({"rule_ground": "threat", "rule_reason": WHY, "rule_contest": "the manager", "rule_days": "30", "rule_delay_days": "0", "rule_notice": "told"}, {"rule_ground": "x", "rule_days": "-1"}),
    "know_respondent": Filled({"aliases": "Rexy", "phones": "+13125550177", "plates": "QXZV77 IL", "badges": "1", "vehicles": "red van", "description": "tall", "addresses": "1 Example Road", "respondent_born_on": "1971-03-04"}, {"phones": "x", "respondent_born_on": "x", "plates": "?"}),
    "not_his": Filled({"phones": "+13125550177", "plates": "QXZV77"}, {"x": "x"}),
    "lower_door": PRESS,
    "reader_gone": PRESS,
    "offer": Filled({"act": "accept"}, {"act": "x"}),
    "release": Filled({"act": "release", "release_at": "${soon}T09:00", "before_service": "on", "in_person": "$me"}, {"act": "x", "release_at": "x"}),
    "review_order": Filled({"seen": "on"}, {"seen": ""}),
    "take_on_review": PRESS,
    "tell_order": Filled(FACT, {"kind": "x", "when_on": "2024-02-30", "ends_on": "2023-01-01"}),
    "safeguards": Filled(FACT | {"act": "told"}, {"kind": "x", "when_on": "x"}),
    "safeguard": Filled({"act": "done", "words": "seen by me", "owner": "$me"}, {"act": "x", "owner": "x"}),
    "task_done": Filled({"words": "seen by me"}, {"act": "reopen"}),
    "new_order": Filled(ORDER, ORDER | {"docket": "x" * 300, "issued_on": "2024-02-30", "case": "$case", "draft": "$new"}),
    "drop_draft": PRESS,
    # What anybody at a post may ask and tell.
    "desk": Filled({"name": "$hers", "plate": "QXZV77", "region": "IL", "born": "1971-03-04", "phone": "+13125550177"}, {"name": "x" * 400, "plate": "!", "born": "x", "region": "12345"}),
    "desk_report": Filled({"name": "$hers", "plate": "QXZV77", "track": "$new", "who": "$case"}, {"track": "x", "who": "x"}),
    "seen": Filled({"track": "$new", "name": "$hers", "plate": "QXZV77", "words": "at the north gate", "where": "$site", "before_s": "120"}, {"track": "x", "plate": "!", "where": "$new", "before_s": "5"}),
    "attempt": Filled({"track": "$new", "kind": "call", "phone": "+13125550177", "name": "$hers", "hours": "1", "words": "He asked for her.", "is_he": "on", "which": "$case"}, {"track": "$new", "kind": "smoke", "hours": "2"}),
    "visitors": Filled({"where": "$site", "text": "name,plate\n$hers,QXZV77\nNobody Sample,\n"}, {"where": "$new", "text": "name\n"}),
    "compare": Filled({"who": "$case"}, {"who": "x"}),
    "settle_report": Filled({"act": "known"}, {"act": "x"}),
    # Alarms and walks.
    "act": Filled({"act": "going"}, {"act": "hand_over", "to": "$new"}),
    "export_incident": PRESS,
    "timeline_of": PRESS,
    "look_at": Filled({"how": "camera", "saw": "nothing", "way": "", "decides": "on"}, {"how": "x", "saw": "x"}),
    "met_at_door": PRESS,
    "explain_look": Filled({"because": "busy"}, {"because": "x"}),
    "walk_left": PRESS,
    "my_walks": Filled({"at_start": "on", "at_end": "on", "timer_s": "600", "phrase": "the blue file", "answer": "on the shelf"}, {"timer_s": "x", "phrase": "x", "places": "x"}),
    "my_hold": Filled({"act": "decline"}, {"act": "x"}),
    "my_offer": Filled({"what": "exit", "act": "take"}, {"what": "x", "act": "x"}),
    "walk_offers": Filled({"what": "exit", "value": "north"}, {"what": "x"}),
    # What an administrator keeps, hers among it.
    "new_person": Filled(PERSON, PERSON | {"role": "king", "name": ""}),
    "person": Filled({"channel": "sms", "address": "+13125550199", "is_work": "on", "is_verified": "on"}, {"channel": "smoke", "address": "x"}),
    "contact": Filled({"order": "2", "safe_from": "09:00", "safe_until": "17:00", "safe_days": "1", "zone": "America/Chicago"}, {"order": "0", "safe_from": "9", "zone": "Nowhere/City"}),
    "confirm_contact": PRESS,
    "vouch_for_contact": PRESS,
    "webhook_secret": PRESS,
    "emergency": Filled({"name": "Mum", "relation": "mother", "phone": "+13125550155", "language": "es", "never_give_location": "on"}, {"colleague": "$new", "phone": "x"}),
    "agree_named": PRESS,
    "remove_named": PRESS,
    "enrol": PRESS,
    "enrol_now": Filled({"secret": "$new", "label": "mine", "code": "1357", "other_code": "8642"}, {"secret": "x"}, is_json=True),
    "phone_push": Filled({"subscription": "x"}, {"x": "x"}, is_json=True),
    "confirm_device": PRESS,
    "revoke_device": PRESS,
    "confirm_sign_in": PRESS,
    "new_site": Filled(SITE, SITE | {"time_zone": "Nowhere/City", "street": "", "outline": "{"}),
    "edit_site": Filled(SITE | {"name": "Depot"}, SITE | {"name": "", "number": "x"}),
    "site_part": Filled({"what": "place", "name": "Car park", "kind": "car park", "geometry": POINT}, {"what": "place", "name": "", "geometry": "{"}),
    "site_policy": Filled({"document": POLICY}, {"document": '{"steps": []}'}),
    "site_roster": Filled({"document": ROSTER}, {"document": '{"kind": "x"}'}),
    "site_loosening": Filled({"agree": "on"}, {"agree": ""}),
    "vehicles": Filled({"site": "$site", "name": "Van", "plate": "ABC1234", "region": "IL"}, {"site": "$new", "name": "", "plate": "!", "region": "x"}),
    "vehicle_key": Filled({"person": "$rex", "has": "yes"}, {"person": "x"}),
    "remove_vehicle": PRESS,
    "import": Filled({"do": "save", "kind": "people", "content": "c3RhZmZfbnVtYmVyLG5hbWUscm9sZQp6ZWQtOSxaaWEgU2FtcGxlLGd1YXJkCg=="}, {"do": "save", "kind": "contacts", "site": "$site", "content": "!"}),
    "new_sender": Filled({"kind": "badge", "name": "gate one", "where": "$site", "interval_s": "3600", "proof": "basic"}, {"kind": "osmand", "case": "$word", "interval_s": "1"}),
    "change_sender": Filled({"do": "key"}, {"do": "x"}),
    "own_tracker": Filled({"do": "osmand"}, {"do": "x"}),
    "drills": Filled({"site": "$site"}, {"site": "x"}),
    "drill": PRESS,
    "reachable": Filled({"site": "$site"}, {"site": "x"}),
    "export_record": PRESS,
    # Doors that ask for another proof than a sign-in.
    "answer_show": Filled({"secret": "$new"}, {"secret": ""}),
    "answer_act": Filled({"secret": "$new", "act": "going", "press": "$new", "waited_ms": "10"}, {"act": "x", "how": "x"}),
    "receipts": Filled({"MessageSid": "SM1", "MessageStatus": "delivered"}, {"x": "x"}),
    "sightings": Filled({"json": '{"plate": "QXZV77"}'}, {"json": "{"}),
    # The framework's own, with what is not his: a right password would end what asks the rest.
    "account_signup": Filled(UNKNOWN, {}),
    "account_email": PRESS,
    "account_reset_password": Filled({"email": "ada@example.org"}, {}),
    "account_set_password": Filled({"password1": "a longer phrase still", "password2": "a longer phrase still"}, {}),
    "mfa_deactivate_totp": PRESS,
    "mfa_download_recovery_codes": PRESS,
    "mfa_activate_totp": Filled({"code": "000000"}, {"code": "x"}),
    "mfa_authenticate": Filled({"code": "000000"}, {"code": "x"}),
    "account_login": Filled(UNKNOWN, {"login": "x" * 200, "password": ""}),
    "account_reauthenticate": Filled({"password": "not this one"}, {"password": ""}),
    "mfa_reauthenticate": Filled({"code": "000000"}, {"code": "x"}),
    "account_change_password": Filled({"oldpassword": "not this one", "password1": "a longer phrase still", "password2": "a longer phrase still"}, {"oldpassword": ""}),
    # Asked for in a row they would be another's each time; and nobody can take them back.
    "mfa_generate_recovery_codes": PRESS,
    "remove_contact": PRESS,
    "edit_person": Filled(PERSON | {"staff_number": "wren-9", "name": "Wren Other", "short_name": "Wren", "role": "responder"}, PERSON | {"role": "king", "name": ""}),
    "sessions": Filled({"end": "others"}, {"end": "x"}),
    "reset_sign_in": Filled({"do": "reset"}, {"do": "x"}),
    "end_sign_in": PRESS,
}  # fmt: skip
