"""What do custody notices say? Two layouts are read; every other one is for a person."""

import random
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import utc
from tocsin.signals.feeds.custody_mail.mail import MAX_MAIL_BYTES, MailRefused, read_mail
from tocsin.signals.feeds.custody_mail.notice import is_notice, read_notice
from tocsin.signals.rules.custody import State

NOW = utc("2026-11-20 21:00")
LABELLED = """VINE Custody Status Notification

Offender: REX NOTREAL
Offender ID: 0012345
Facility: Riverside County Jail
Event: {event}
Date: {date}

VINE tells you when the offender is released, transferred or escapes. To stop these calls enter your PIN.
If you are in danger, call 911.
"""
SENTENCE = (
    "This is VINE. REX NOTREAL, Offender ID 0012345, was released from Riverside County Jail "
    "on 11/20/2026 at 2:35 PM CST. Reply YES to confirm."
)


def labelled(event: str = "Released", date: str = "11/20/2026 14:35 CST") -> str:
    """Return a notice with labels."""
    return LABELLED.format(event=event, date=date)


def a_mail(text: str, **headers: str) -> EmailMessage:
    """Return a mail with these words."""
    mail = EmailMessage()
    for name, value in (
        {"To": "custody+WREN@harbour.example", "Subject": "VINE"} | headers
    ).items():
        mail[name] = value
    mail.set_content(text)
    return mail


def test_a_notice_with_labels_says_who_what_where_and_when():
    notice = read_notice(labelled(), NOW)
    assert notice
    assert (notice.state, notice.name, notice.number) == (State.RELEASED, "REX NOTREAL", "0012345")
    assert (notice.place, notice.true_at) == ("Riverside County Jail", utc("2026-11-20 20:35"))
    assert notice.asks_to_be_answered


def test_a_notice_in_one_sentence_says_the_same():
    notice = read_notice(SENTENCE, NOW)
    assert notice
    assert (notice.state, notice.name, notice.place) == (
        State.RELEASED,
        "REX NOTREAL",
        "Riverside County Jail",
    )
    assert notice.true_at == utc("2026-11-20 20:35")


@pytest.mark.parametrize(
    ("said", "state", "place", "true_at"),
    [
        ("has been released from custody by the Riverside County Jail on 11/20/2026 at 2:35 PM CST.", State.RELEASED, "Riverside County Jail", "2026-11-20 20:35"),
        ("is scheduled to be released from custody on 11/24/2026 at 8:00 AM CST.", State.RELEASED, "", "2026-11-24 14:00"),
        ("has escaped from custody.", State.ESCAPED, "", None),
        ("was transferred to Lakeside Prison.", State.TRANSFERRED, "Lakeside Prison", None),
        ("was taken into custody by the Riverside County Jail.", State.HELD, "Riverside County Jail", None),
    ],
)  # fmt: skip
def test_a_sentence_names_a_place_and_never_takes_custody_for_one(said: str, state: State, place: str, true_at: str | None) -> None:  # fmt: skip
    notice = read_notice(f"This is VINE. REX NOTREAL, Offender ID 0012345, {said}", NOW)
    assert notice
    assert (notice.state, notice.place) == (state, place)
    assert notice.true_at == (utc(true_at) if true_at else None)


@pytest.mark.parametrize(
    ("event", "state"),
    [
        ("Released from custody", State.RELEASED),
        ("Advance notice of release", State.RELEASED),
        ("No longer in custody", State.RELEASED),
        ("Escape", State.ESCAPED),
        ("Unsupervised custody (work release)", State.LEAVE),
        ("Unsupervised custody", State.LEAVE),
        ("Work release", State.LEAVE),
        ("Transferred to another facility", State.TRANSFERRED),
        ("Returned to custody", State.HELD),
        ("In custody", State.HELD),
        ("Custody status unknown", State.UNKNOWN),
        ("Not in custody", State.RELEASED),
        ("Out of custody", State.RELEASED),
        ("Discharged", State.RELEASED),
        ("Scheduled to be discharged", State.RELEASED),
        ("Paroled", State.RELEASED),
        ("Out on bond", State.RELEASED),
        ("Sentence Expired", State.RELEASED),
        ("Not out of custody", None),
        ("Not in custody (error)", None),
        ("Not yet paroled", None),
        ("Parole hearing", None),
        ("Did not return to custody", None),
        ("Deceased", None),
        ("Order served", None),
        ("Not released", None),
        ("Release cancelled", None),
        ("Released and returned to custody", None),
    ],
)
def test_an_event_that_could_mean_two_things_is_not_understood(event: str, state: State | None):
    notice = read_notice(labelled(event), NOW)
    assert (notice and notice.state) == state


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello, are you coming tonight?",
        "VINE tells you when the offender is released, transferred or escapes.",
        "VINE: an update about your registration is ready. Sign in to read it.",
        "VINE\nOffender: REX NOTREAL\n",
        "VINE\nOffender: REX NOTREAL\nOffender: SOMEBODY ELSE\nEvent: Released\n",
        "VINE\nEvent: Released\n",
        "AVISO DE CUSTODIA VINE: REX NOTREAL ha sido puesto en libertad.",
        SENTENCE + " " + SENTENCE,
    ],
)
def test_another_layout_is_not_understood(text: str):
    assert read_notice(text, NOW) is None


@pytest.mark.parametrize(
    "date",
    [
        "11/20/2026",
        "11/20/2026 14:35",
        "11/20/2026 14:35 XYZ",
        "20.11.2026 14:35 CST",
        "13/45/2026 10:00 CST",
        "11/20/2001 14:35 CST",
        "11/21/2026 14:35 CST",
        "soon",
    ],
)
def test_a_time_that_is_not_beyond_doubt_is_left_open(date: str):
    notice = read_notice(labelled(date=date), NOW)
    assert notice
    assert notice.true_at is None


def test_a_release_may_be_announced_ahead():
    notice = read_notice(labelled("Scheduled to be released", "11/23/2026 8:00 AM CST"), NOW)
    assert notice
    assert (notice.state, notice.true_at) == (State.RELEASED, utc("2026-11-23 14:00"))


def test_a_forward_in_plain_text_or_html_is_read_alike():
    quoted = a_mail("\n".join("> " + line for line in labelled().splitlines()))
    html = a_mail("")
    html.set_content(
        "<html><style>p{}</style><p>" + labelled().replace("\n", "<br>\n"), subtype="html"
    )
    outer = a_mail("see below")
    outer.add_attachment(a_mail(labelled()))
    for mail in (quoted, html, outer):
        assert read_notice(read_mail(mail.as_bytes()).text, NOW) is not None


def test_the_word_behind_the_plus_names_the_case_and_the_same_mail_is_the_same():
    mail = a_mail(labelled(), Cc="a+b@x.example, Custody <custody+Otter@harbour.example>")
    mail["Message-ID"] = "<1@vine.example>"
    again = a_mail(labelled(), To="other@x.example")
    again["Message-ID"] = "<1@vine.example>"
    assert read_mail(mail.as_bytes()).tags == ("WREN", "B", "OTTER")
    assert read_mail(mail.as_bytes()).digest == read_mail(again.as_bytes()).digest
    other = a_mail(labelled("Escape"))
    other["Message-ID"] = "<1@vine.example>"
    assert read_mail(other.as_bytes()).digest != read_mail(mail.as_bytes()).digest


def test_a_mail_may_be_256_kb_and_no_byte_more():
    head = b"To: custody+WREN@harbour.example\r\n\r\n"
    assert read_mail(head + b"x" * (MAX_MAIL_BYTES - len(head))).tags == ("WREN",)
    with pytest.raises(MailRefused):
        read_mail(head + b"x" * (MAX_MAIL_BYTES - len(head) + 1))


@pytest.mark.guarantee("I25")
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe" * 50,
        b"Content-Type: text/plain; charset=nonsense\n\nVINE \xff",
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: multipart/mixed; boundary=y\n\n--y",
        b"To: =?utf-8?q?=ff?= <<<@@\nDate: yesterday\nMessage-ID: \xff\n\nVINE",
        b"Content-Transfer-Encoding: base64\n\n!!!not base64!!!",
    ],
)
def test_a_broken_mail_is_read_as_far_as_it_goes(raw: bytes):
    mail = read_mail(raw)
    assert read_notice(mail.text, NOW) is None


@pytest.mark.guarantee("I25")
@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(raw: bytes):
    read_notice("VINE " + read_mail(raw).text, NOW)


@given(st.text(alphabet="VINEOfender: ,.\nID#0123/-ab", max_size=400))
def test_no_words_break_the_reader(text: str):
    read_notice("VINE\n" + text, NOW)


def test_ordinary_texts_are_no_notices():
    assert is_notice(SENTENCE)
    assert not is_notice("SOS")
    assert not is_notice("1 123")
    assert not is_notice("grapevine street")


@pytest.mark.guarantee("I25")
def test_a_mail_that_was_damaged_anywhere_is_read_as_far_as_it_goes() -> None:
    whole = a_mail(labelled(), Subject="=?utf-8?b?VklORQ==?=")
    whole.add_alternative("<p>VINE<br>" + labelled(), subtype="html")
    dice = random.Random(5)
    for _ in range(2_000):
        raw = bytearray(whole.as_bytes())
        for _ in range(dice.randint(1, 12)):
            at = dice.randrange(len(raw))
            raw[at : at + dice.randint(0, 9)] = dice.randbytes(dice.randint(0, 9))
        read_notice(read_mail(bytes(raw)).text, NOW)
