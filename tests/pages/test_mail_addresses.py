"""Do the page, the table and the channel take the same mail addresses?"""

from zoneinfo import ZoneInfo

import pytest

from tests.pages.house import House, Organisation
from tocsin.notifications.channels.email.wording import check_address
from tocsin.notifications.rules.message import ChannelError
from tocsin.registry.feeds.csv_contacts import reader
from tocsin.runtime import addresses
from tocsin.runtime.database import viewing

pytestmark = [pytest.mark.pages, pytest.mark.guarantee("I2")]
ZONE = ZoneInfo("America/Chicago")
TAKEN = ("gus@harbour.example", "g.o'neil+tocsin@mail.harbour.example", "gus@xn--bcher-kva.example")
REFUSED = ("gus@bücher.example", "gus@[127.0.0.1]", "gus@depot", "gus@localhost", "gus..m@harbour.example", '"g m"@harbour.example', f"{'g' * 65}@harbour.example")  # fmt: skip


def channel_takes(address: str) -> bool:
    try:
        return check_address(address, addresses.mail_of_person) == address
    except ChannelError:
        return False


def table_takes(address: str) -> bool:
    quoted = '"' + address.replace('"', '""') + '"'
    raw = f"staff_number,channel,address\nH-003,email,{quoted}\n".encode()
    return not reader.read(raw, region="US", zone=ZONE).refused


def page_takes(house: House, org: Organisation, address: str) -> bool:
    page = f"/people/{org.people['guard']}"
    house.signed_in(org).post_form(page, channel="email", address=address)  # fmt: skip
    with viewing(house.conn, org.id):
        return bool(house.conn.execute("select 1 from registry_contactmethod where channel = 'email' and person_id = %s and revoked_at is null", (org.people["guard"],)).fetchone())  # fmt: skip


@pytest.mark.parametrize("address", [*TAKEN, *REFUSED])
def test_the_page_the_table_and_the_channel_have_one_rule(house: House, org: Organisation, address: str) -> None:  # fmt: skip
    verdicts = channel_takes(address), table_takes(address), page_takes(house, org, address)
    assert verdicts == ((True,) * 3 if address in TAKEN else (False,) * 3)
