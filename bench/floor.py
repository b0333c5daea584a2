"""What is the least that a durable relay on PostgreSQL costs? The floor by which the product's figures are divided.

A POST becomes one transaction (the message and one outbox row for each recipient); after the commit it is answered
and posted to HOOK/1 ... HOOK/N over kept connections, and the rows are marked as sent in batches. What was not sent is
taken up again at the start; a recipient that is away is tried again every 0.3 s. It has no people, no tokens, no
escalation, no record: it is a measure of the machine, not a product.
"""

import argparse
import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from bench.wire import Answering, Line, post

CONNECTIONS = 8
SENDERS = 32
MARK_S = 0.02
AGAIN_S = 0.3
TABLES = """
    create table if not exists message (id bigserial primary key, body text not null);
    create table if not exists outbox (
        id bigserial primary key, message_id bigint not null, recipient int not null, is_sent bool not null);
    create index if not exists outbox_unsent on outbox (id) where not is_sent
"""
KEEP = """
    with kept as (insert into message (body) values ($1) returning id)
    insert into outbox (message_id, recipient, is_sent)
    select kept.id, number, false from kept, generate_series(1, $2) as number returning id, recipient
"""
UNSENT = """
    select outbox.id, recipient, body from outbox join message on message.id = message_id
    where not is_sent order by outbox.id
"""
MARK = "update outbox set is_sent = true where id = any($1)"


class Relay:
    """The whole of it."""

    def __init__(self, pool: asyncpg.Pool, hook: str, recipients: int) -> None:
        """Nothing runs yet."""
        self._pool, self._hook, self._recipients = pool, hook, recipients
        self._unsent: asyncio.Queue[tuple[int, int, bytes]] = asyncio.Queue()
        self._sent: asyncio.Queue[int] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Take up what was left, then listen until cancelled; says its port on stdout."""
        await self._pool.execute(TABLES)
        for row in await self._pool.fetch(UNSENT):
            self._unsent.put_nowait((row["id"], row["recipient"], row["body"].encode()))
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: Answering(self._hit), "127.0.0.1", 0, backlog=4096
        )
        sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        await asyncio.gather(self._mark(), *(self._send() for _ in range(SENDERS)))

    def _hit(self, _at_ns: int, _path: bytes, body: bytes, peer: Answering) -> None:
        task = asyncio.ensure_future(self._keep(body, peer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep(self, body: bytes, peer: Answering) -> None:
        rows = await self._pool.fetch(KEEP, body.decode(), self._recipients)
        peer.answer(b"202 Accepted")
        for row in rows:
            self._unsent.put_nowait((row["id"], row["recipient"], body))

    async def _send(self) -> None:
        line = Line(self._hook)
        while True:
            row, recipient, body = await self._unsent.get()
            raw = post(f"/{recipient}", body)
            while not await _taken(line, raw):
                await asyncio.sleep(AGAIN_S)
            self._sent.put_nowait(row)

    async def _mark(self) -> None:
        while True:
            rows = [await self._sent.get()]
            await asyncio.sleep(MARK_S)
            while not self._sent.empty():
                rows.append(self._sent.get_nowait())
            await self._pool.execute(MARK, rows)


async def _taken(line: Line, raw: bytes) -> bool:
    try:
        return (await line.ask(raw)).status == 200
    except OSError:
        return False


@contextmanager
def running_floor(database_url: str, hook: str, recipients: int = 1) -> Iterator[str]:
    """Run the floor beside the product; yields where to post."""
    words = ["--database", database_url, "--hook", hook, "--recipients", str(recipients)]
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.floor", *words],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/"
    finally:
        process.terminate()
        process.wait(5)


async def _serve(given: argparse.Namespace) -> None:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    pool = await asyncpg.create_pool(given.database, min_size=CONNECTIONS, max_size=CONNECTIONS)
    with contextlib.suppress(asyncio.CancelledError):
        await Relay(pool, given.hook, given.recipients).run()
    pool.terminate()


def serve(words: list[str]) -> None:
    """Relay until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--hook", required=True)
    parser.add_argument("--recipients", type=int, default=1)
    asyncio.run(_serve(parser.parse_args(words)))


if __name__ == "__main__":
    serve(sys.argv[1:])
