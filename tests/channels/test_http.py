"""Does the one HTTP client keep its bounds, and reach nothing that it must not?"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.channels.peers import HttpPeer
from tocsin.notifications.channels import http
from tocsin.notifications.channels.http import HttpClient, Request, check, retry_after_s, target_of
from tocsin.notifications.channels.resolver import Resolver, is_public
from tocsin.notifications.channels.wire import Reply
from tocsin.notifications.rules.message import ChannelError

pytestmark = pytest.mark.usefixtures("loop")


@asynccontextmanager
async def _peer(raw: bytes | None = None) -> AsyncIterator[tuple[HttpClient, HttpPeer]]:
    peer, client = HttpPeer(raw=raw), HttpClient(allow_private=True)
    await peer.start()
    try:
        yield client, peer
    finally:
        await client.close()
        await peer.stop()


def _get(url: str) -> Request:
    return Request("GET", url, {})


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", b"hi"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1\r\ni\r\n0\r\n\r\n",
            b"hi",
        ),
        (b"HTTP/1.0 200 OK\r\n\r\nhi", b"hi"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", b"hi"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 65000\r\n\r\n" + b"x" * 65000, b"x" * 65000),
    ],
    ids=["length", "chunked", "until the end", "after an interim one", "none", "at the bound"],
)
async def test_every_shape_of_answer_is_read(raw: bytes, body: bytes) -> None:
    async with _peer(raw) as (client, peer):
        assert (await client.send(_get(peer.url), timeout_s=1.0)).body == body


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n" + b"x" * 65537,
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70000,
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n\0\0",
        b"220 mail.example.org ESMTP\r\n",
    ],
    ids=["long body", "long header", "negative length", "upgrade", "another protocol"],
)
async def test_an_answer_out_of_bounds_is_bad(raw: bytes) -> None:
    async with _peer(raw) as (client, peer):
        with pytest.raises(ChannelError, match="bad_answer"):
            await client.send(_get(peer.url), timeout_s=1.0)


async def test_a_second_answer_to_one_request_is_not_taken_for_the_next_one() -> None:
    twice = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d" * 2 % (1, 2)
    async with _peer(twice) as (client, peer):
        assert (await client.send(_get(peer.url), timeout_s=1.0)).body == b"1"
        assert (await client.send(_get(peer.url), timeout_s=1.0)).body == b"1"


async def test_a_connection_is_kept_and_at_most_64_are_opened() -> None:
    async with _peer() as (client, peer):
        async with asyncio.TaskGroup() as group:
            for _ in range(200):
                group.create_task(client.send(_get(peer.url), timeout_s=5.0))
        assert peer.most_open == http.CONNECTIONS_PER_HOST


async def test_a_kept_connection_that_the_peer_closed_costs_no_failure() -> None:
    async with _peer(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as (client, peer):
        for _ in range(20):
            assert (await client.send(_get(peer.url), timeout_s=1.0)).status == 200


async def test_one_hanging_host_delays_no_other() -> None:
    async with _peer() as (client, good):
        stuck = HttpPeer(mood="hang")
        await stuck.start()
        hanging = [
            asyncio.ensure_future(client.send(_get(stuck.url), timeout_s=0.5)) for _ in range(300)
        ]
        await asyncio.sleep(0.1)
        assert (await client.send(_get(good.url), timeout_s=0.1)).status == 201
        failures = await asyncio.gather(*hanging, return_exceptions=True)
        assert {str(failure) for failure in failures} == {"timeout"}
        await client.close()
        await stuck.stop()


async def test_a_redirect_is_not_followed() -> None:
    async with _peer(b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n") as both:
        client, peer = both
        reply = await client.send(_get(peer.url), timeout_s=1.0)
        with pytest.raises(ChannelError, match="redirect"):
            check(reply)
        assert len(peer.requests) == 1


@pytest.mark.parametrize(
    ("status", "permanent"),
    [
        (400, True),
        (401, True),
        (404, True),
        (410, True),
        (408, False),
        (425, False),
        (429, False),
        (500, False),
        (503, False),
        (600, False),
    ],
)
async def test_a_status_says_whether_to_try_again(status: int, permanent: bool) -> None:
    with pytest.raises(ChannelError) as raised:
        check(Reply(status, {"retry-after": "9"}, b""))
    failure = raised.value
    assert (failure.permanent, failure.code) == (permanent, f"http_{status}")
    assert failure.retry_after_s == 9.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7", 7.0),
        ("Sun, 06 Nov 1994 08:49:47 GMT", 10.0),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("9" * 400, 999_999_999.0),
        ("Sun, 06 Nov 199999 08:49:47 GMT", None),
    ],
)
async def test_retry_after_is_read(text: str, expected: float | None) -> None:
    headers = {"retry-after": text, "date": "Sun, 06 Nov 1994 08:49:37 GMT"}
    assert retry_after_s(headers) == expected


async def test_retry_after_is_bounded_to_a_minute() -> None:
    assert ChannelError("x", retry_after_s=1e9).retry_after_s == 60.0
    assert ChannelError("x", retry_after_s=-5.0).retry_after_s == 0.0


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://x/",
        "http://",
        "http://a b/",
        "http://x/\r\nX: 1",
        "http://u:p@x/",
        "http://x:0/",
        "http://x:99999/",
        "http://[::1/",
        "http://x/é",
        "http://x/" + "a" * 2041,
    ],
)
async def test_an_address_that_is_not_one_fails_for_good(url: str) -> None:
    with pytest.raises(ChannelError, match="bad_address") as raised:
        target_of(url)
    assert raised.value.permanent


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::a00:1",
        "ff02::1",
        "name",
    ],
)
async def test_an_address_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
async def test_an_address_outside_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "2130706433", "0x7f.1", "127.1"],
)
async def test_a_guarded_client_reaches_nothing_inside(host: str) -> None:
    async with _peer() as (_, peer):
        guarded = HttpClient(allow_private=False)
        with pytest.raises(ChannelError, match="private_address") as raised:
            await guarded.send(_get(f"http://{host}:{peer.port}/"), timeout_s=5.0)
        assert raised.value.permanent
        assert peer.requests == []


async def test_a_name_that_changes_its_answer_reaches_nothing_inside() -> None:
    answers = iter([("93.184.216.34",), ("127.0.0.1",)])
    resolver = Resolver(allow_private=False, look_up=lambda _: next(answers))
    assert await resolver.addresses("rebind.example.org") == ("93.184.216.34",)
    assert await resolver.addresses("rebind.example.org") == ("93.184.216.34",)
    mixed = Resolver(allow_private=False, look_up=lambda _: ("93.184.216.34", "127.0.0.1"))
    with pytest.raises(ChannelError, match="private_address"):
        await mixed.addresses("rebind.example.org")


async def test_a_name_server_that_fails_is_a_failure_for_now() -> None:
    def fails(_: str) -> tuple[str, ...]:
        raise OSError(11, "try again")

    client = HttpClient(allow_private=True, resolver=Resolver(allow_private=True, look_up=fails))
    with pytest.raises(ChannelError, match="dns") as raised:
        await client.send(_get("http://nowhere.example.org/"), timeout_s=1.0)
    assert not raised.value.permanent


async def test_a_dead_first_address_does_not_hide_the_second() -> None:
    async with _peer() as (_, peer):
        resolver = Resolver(allow_private=True, look_up=lambda _: ("127.0.0.9", "127.0.0.1"))
        client = HttpClient(allow_private=True, resolver=resolver)
        reply = await client.send(_get(f"http://two.example.org:{peer.port}/"), timeout_s=3.0)
        assert reply.status == 201
        await client.close()


async def test_tls_is_spoken_and_checked(certificate: Path) -> None:
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    ours = ssl.create_default_context(cafile=str(certificate / "cert.pem"))
    peer = HttpPeer()
    server = await asyncio.start_server(peer._serve, "127.0.0.1", 0, ssl=theirs)
    url = f"https://localhost:{server.sockets[0].getsockname()[1]}/"
    resolver = Resolver(allow_private=True, look_up=lambda _: ("127.0.0.1",))
    trusting = HttpClient(allow_private=True, resolver=resolver, tls=ours)
    assert (await trusting.send(_get(url), timeout_s=2.0)).status == 201
    for client, other in (
        (HttpClient(allow_private=True, resolver=resolver), url),
        (trusting, url.replace("localhost", "wrong.example.org")),
    ):
        with pytest.raises(ChannelError, match="tls") as raised:
            await client.send(_get(other), timeout_s=2.0)
        assert not raised.value.permanent
        await client.close()
    server.close()
