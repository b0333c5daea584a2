"""The page of a case of which one order cannot be opened: that one is named, the others are read, nothing says that none counts."""

import pytest

from tests.pages.house import House, Organisation
from tests.pages.test_orders import entered
from tests.pages.test_second_order_page import another

CANNOT = "This order cannot be opened"
NOBODY_CAN_SAY = "Nobody can say what counts now"


@pytest.mark.parametrize(
    ("table", "where"),
    [("registry_protectionorder", "id = %s"), ("registry_orderfact", "order_id = %s")],
)
def test_an_order_that_cannot_be_opened_is_named_and_the_other_is_read(
    house: House, org: Organisation, table: str, where: str
) -> None:
    lead = house.signed_in(org, "shift_lead")
    case_id = entered(lead, org)
    status, _ = another(lead, org, case_id, supersedes="beside")
    assert status == 200
    page = f"/cases/{case_id}/orders"
    before = lead.get(page).text
    assert CANNOT not in before
    older, = house.engine.execute("select id from registry_protectionorder where case_id = %s order by entered_at limit 1", (case_id,)).fetchone() or (None,)  # fmt: skip
    statement = f"update {table} set body_sealed = 'damaged' where {where}"
    house.engine.execute(statement.encode(), (older,))
    shown = lead.get(page)
    assert shown.status_code == 200
    assert CANNOT in shown.text
    assert NOBODY_CAN_SAY in shown.text
    assert "CR-2025-9" in shown.text
    assert "Do not admit." in shown.text
    assert "Rex Notreal" in shown.text


def test_with_no_order_left_to_read_the_page_does_not_say_that_there_is_none(
    house: House, org: Organisation
) -> None:
    lead = house.signed_in(org, "shift_lead")
    case_id = entered(lead, org)
    house.engine.execute("update registry_protectionorder set body_sealed = 'damaged' where case_id = %s", (case_id,))  # fmt: skip
    shown = lead.get(f"/cases/{case_id}/orders").text
    assert CANNOT in shown
    assert NOBODY_CAN_SAY in shown
    assert "no entry found" not in shown
