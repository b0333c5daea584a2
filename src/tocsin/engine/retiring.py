"""Which contact methods has a settled message shown to be no more? Retired apart from the settlement, which must stand."""

from collections.abc import Sequence

from tocsin.engine.desk import POST, Desk
from tocsin.flow.alarms import Alarms
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.retire_push import retire_push
from tocsin.notifications.rules.delivery import Delivery, is_gone
from tocsin.runtime import logs

log = logs.get("retiring")


async def retire_gone(desk: Desk, settled: Sequence[Delivery]) -> None:
    """Retire the pushes that are gone. Raises nothing: one that is not retired now is found out by its next message.

    So it is while PostgreSQL is away, too: the memory keeps no contact methods.
    """
    gone = [delivery for delivery in settled if is_gone(delivery)]
    if not gone:
        return

    def work(alarms: Alarms) -> None:
        if isinstance(alarms, PostgresAlarms):
            retire_push(alarms, gone)

    try:
        await desk.do(work, POST)
    except Exception:
        log.exception("push.not_retired", n=len(gone))
