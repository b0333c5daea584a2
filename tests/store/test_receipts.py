"""What a gateway calls back with lands beside its message, whatever it names it by and in whatever order it comes."""

from uuid import UUID

import pytest

from tests import cast
from tests.builders import AT
from tests.snapshots import HARBOUR_SITE, SLUGS
from tests.store.stores import Store
from tocsin.flow.keep_receipt import keep_receipt
from tocsin.flow.run_drill import prove_at_start
from tocsin.notifications import store_board
from tocsin.notifications.channels.sms.receipts import Receipt
from tocsin.notifications.rules.delivery import Delivery
from tocsin.runtime.database import Connection, viewing
from tocsin.runtime.ids import RandomIds

SLUG = SLUGS[cast.HARBOUR_EMS]


@pytest.fixture
def texts(postgres_store: Store) -> list[Delivery]:
    """Return two text messages of which no provider has given its id yet."""
    began = (AT, frozenset({cast.GUARD.id, cast.SHIFT_LEAD.id}))
    with postgres_store.alarms.atomically():
        change = prove_at_start(
            postgres_store.alarms, cast.HARBOUR_EMS, HARBOUR_SITE.id, began, ids=RandomIds()
        )
    assert change is not None
    return [d for d in change.deliveries if d.channel == "sms"]


def receive(web: Connection, receipt: Receipt) -> bool:
    with web.transaction():
        return keep_receipt(web, SLUG, receipt, at=AT)


def said(web: Connection, incident_id: UUID) -> dict[UUID, str]:
    with viewing(web, cast.HARBOUR_EMS):
        return store_board.receipts_of(web, incident_id)


def test_a_receipt_that_names_only_our_reference_is_kept(web: Connection, texts: list[Delivery]) -> None:  # fmt: skip
    assert receive(web, Receipt(None, texts[0].reference, "failed", "30003"))
    assert said(web, texts[0].incident_id) == {texts[0].id: "failed 30003"}


def test_a_receipt_that_names_only_the_providers_id_is_kept(engine: Connection, web: Connection, texts: list[Delivery]) -> None:  # fmt: skip
    engine.execute(
        "update notifications_delivery set provider_id = 'SM1' where id = %s", (texts[1].id,)
    )
    assert receive(web, Receipt("SM1", None, "delivered", None))
    assert said(web, texts[1].incident_id) == {texts[1].id: "delivered"}


def test_a_call_back_that_was_overtaken_changes_nothing(web: Connection, texts: list[Delivery]) -> None:  # fmt: skip
    assert receive(web, Receipt("SM1", texts[0].reference, "delivered", None))
    assert not receive(web, Receipt("SM1", texts[0].reference, "sent", None))
    assert said(web, texts[0].incident_id) == {texts[0].id: "delivered"}


def test_a_receipt_of_no_message_here_is_dropped(web: Connection, texts: list[Delivery]) -> None:
    assert not receive(web, Receipt("SM9", "no-such-reference", "delivered", None))
    assert not receive(web, Receipt(None, None, "delivered", None))
    with web.transaction():
        other = Receipt(None, texts[0].reference, "delivered", None)
        assert not keep_receipt(web, SLUGS[cast.ORCHARD_STORES], other, at=AT)
    assert said(web, texts[0].incident_id) == {}


def test_each_word_of_a_provider_is_on_record_once(engine: Connection, web: Connection, texts: list[Delivery]) -> None:  # fmt: skip
    for state in ("sent", "sent", "delivered", "queued"):
        receive(web, Receipt(None, texts[0].reference, state, None))
    rows = engine.execute(
        "select leaf from record_entry where kind = 'delivery.receipt' and incident_id = %s order by id",
        (texts[0].incident_id,),
    ).fetchall()
    assert [b"sent" in bytes(row[0]) for row in rows] == [True, False]
    assert b"delivered" in bytes(rows[1][0])
