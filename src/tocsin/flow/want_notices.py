"""She says whether she is sent a notice when people were told of her case. Hers alone to say, and in no record."""

from datetime import datetime

from tocsin.registry.access import Hidden
from tocsin.registry.access_cases import HERSELF, Reading
from tocsin.registry.store_grants import set_notices
from tocsin.runtime.database import Connection


def want_notices(conn: Connection, by: Reading, *, wants: bool, at: datetime) -> None:
    """Keep it; who was told stays on her page either way.

    Raises:
        Hidden: it is not the reader's own case.
    """
    if by.why != HERSELF:
        raise Hidden
    set_notices(conn, by.case_id, None if wants else at)
