"""A jail says each release in the same words: which notice is the same once more, and which a new one?"""

import hashlib
from datetime import timedelta

import pytest

from tests import cast
from tests.builders import AT
from tests.store.test_custody import CASE, HOUR, a_number, conn, held
from tocsin.engine.intake import take
from tocsin.flow.hear_custody_notice import NoticeIn, hear_about_case
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.receive_text import TextIn
from tocsin.flow.record_custody import Recorded, record_custody
from tocsin.flow.take_back_custody import take_back_custody
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import RandomIds
from tocsin.signals.rules.custody import SAME_WORDS_WITHIN, Source, custody_at
from tocsin.signals.store_custody import load_custody

__all__ = ["conn"]
TEXT = "This is VINE. REX NOTREAL, offender ID 0012345, was released from custody."
SECOND = timedelta(seconds=1)


def pasted(conn: Connection, ring: KeyRing, after: timedelta) -> Recorded:
    """Return what becomes of the text when she pastes its words."""
    notice = NoticeIn(
        organisation_id=cast.HARBOUR_EMS,
        source=Source.SMS_NOTICE,
        text=TEXT,
        digest=hashlib.sha256(TEXT.encode()).hexdigest(),
        heard_at=AT + after,
        by=cast.PROTECTED.id,
        is_by_words=True,
    )
    done = hear_about_case(conn, ring, notice, CASE)
    assert isinstance(done, Recorded)
    return done


def texted(conn: Connection, ring: KeyRing, provider_id: str, after: timedelta) -> None:
    """Have her forward the notice to the employer's number, as the engine takes it."""
    text = TextIn("harbour", "gw", provider_id, a_number(cast.PROTECTED), TEXT, AT + after)
    alarms = PostgresAlarms(conn, ring)
    with alarms.atomically():
        take(alarms, text, RandomIds(), "engine-1")


@pytest.mark.guarantee("I20")
def test_a_true_release_in_the_words_of_a_false_one_makes_him_count_as_free(
    conn: Connection, ring: KeyRing
) -> None:
    false = pasted(conn, ring, 0 * HOUR)
    undo = {"by": cast.SAFETY_LEAD.id, "because": "false_notice", "at": AT + HOUR}
    take_back_custody(conn, ring, cast.HARBOUR_EMS, CASE, false.fact.id, **undo)  # type: ignore[arg-type]
    record_custody(conn, ring, cast.HARBOUR_EMS, held(2, settles=True))
    assert not custody_at(load_custody(conn, CASE), AT + 3 * HOUR).counts_as_free
    assert pasted(conn, ring, 5 * HOUR).is_new
    assert custody_at(load_custody(conn, CASE), AT + 5 * HOUR).counts_as_free


@pytest.mark.guarantee("I20")
def test_the_same_words_are_new_after_another_word_or_ten_minutes(
    conn: Connection, ring: KeyRing
) -> None:
    assert pasted(conn, ring, 0 * HOUR).is_new
    assert not pasted(conn, ring, SAME_WORDS_WITHIN - SECOND).is_new
    assert pasted(conn, ring, SAME_WORDS_WITHIN).is_new
    assert not pasted(conn, ring, SAME_WORDS_WITHIN + SECOND).is_new
    heard_at = AT + SAME_WORDS_WITHIN + 2 * SECOND
    record_custody(conn, ring, cast.HARBOUR_EMS, held(heard_at=heard_at))
    assert pasted(conn, ring, SAME_WORDS_WITHIN + 3 * SECOND).is_new
    assert len(load_custody(conn, CASE)) == 4


@pytest.mark.guarantee("I20")
def test_a_text_is_the_same_by_the_gateways_id_and_not_by_its_words(
    conn: Connection, ring: KeyRing
) -> None:
    texted(conn, ring, "SM1", 0 * HOUR)
    texted(conn, ring, "SM1", HOUR)
    assert len(load_custody(conn, CASE)) == 1
    texted(conn, ring, "SM2", HOUR)
    assert len(load_custody(conn, CASE)) == 2


@pytest.mark.guarantee("I20")
def test_a_notice_from_a_number_that_he_wrote_down_as_hers_says_nothing_of_him(
    conn: Connection, ring: KeyRing
) -> None:
    conn.execute(
        "update registry_contactmethod set made_by_id = %s where person_id = %s",
        (cast.RESPONDENT.id, cast.PROTECTED.id),
    )
    texted(conn, ring, "m-1", 0 * HOUR)
    assert load_custody(conn, CASE) == ()
    conn.execute(
        "update registry_contactmethod set confirmed_by_id = %s where person_id = %s",
        (cast.SAFETY_LEAD.id, cast.PROTECTED.id),
    )
    texted(conn, ring, "m-2", HOUR)
    assert len(load_custody(conn, CASE)) == 1
