"""What does a real browser need to be pushed to here? A push service, a page, a driver.

Firefox holds a WebSocket to its push service (autopush's protocol: hello, register, notification,
ack), does the real RFC 8291 decryption and runs the page's service worker. It is driven over
Marionette, its own protocol.
"""

import asyncio
import hashlib
import json
import struct
from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tocsin.carrier.http import Request, Response, Server

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
PAGE = b"""<!doctype html><html lang=en><title>push</title><script>
navigator.serviceWorker.addEventListener('message', e => { document.title = e.data.link; });
navigator.serviceWorker.register('/worker.js');
</script>"""
WORKER = b"""
self.addEventListener('install', e => e.waitUntil(self.skipWaiting()));
self.addEventListener('activate', e => e.waitUntil(clients.claim()));
self.addEventListener('push', e => {
  const said = e.data.json();
  e.waitUntil(clients.matchAll()
    .then(pages => pages.forEach(page => page.postMessage(said)))
    .then(() => self.registration.showNotification(said.title,
      {body: said.body, tag: said.incident})));
});
"""
SUBSCRIBE = """
const [key, done] = arguments;
navigator.serviceWorker.ready
  .then(r => r.pushManager.subscribe({userVisibleOnly: true, applicationServerKey: key}))
  .then(s => done(JSON.stringify(s)), e => done(e.name + ': ' + e.message));
"""
SHOWN = """
const [done] = arguments;
navigator.serviceWorker.ready.then(r => r.getNotifications())
  .then(all => done(all.map(one => one.title + '/' + one.body)));
"""
PREFERENCES = {
    "alerts.useSystemBackend": False,
    "dom.push.testing.ignorePermission": True,
    "dom.push.testing.allowInsecureServerURL": True,
    "dom.push.connection.enabled": True,
    "dom.push.enabled": True,
    "dom.webnotifications.requireuserinteraction": False,
    "dom.webnotifications.serviceworker.enabled": True,
    "permissions.default.desktop-notification": 1,
    "app.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "http://127.0.0.1:1/",
    "toolkit.telemetry.enabled": False,
    "extensions.getAddons.cache.enabled": False,
    "browser.region.update.enabled": False,
}


@dataclass
class PushService:
    """A push service for one browser: a WebSocket on one side, RFC 8030 posts on the other."""

    acks: list[dict[str, Any]] = field(default_factory=list)
    posts: list[Request] = field(default_factory=list)

    async def start(self) -> None:
        """Listen on two ports: for the browser, and for senders and the page."""
        self._sockets = await asyncio.start_server(self._browser, "127.0.0.1", 0)
        self.socket_port = self._sockets.sockets[0].getsockname()[1]
        self._site = Server(self._answer)
        self.port = await self._site.listen("localhost", 0)
        self._writer: asyncio.StreamWriter | None = None

    async def stop(self) -> None:
        """Give both back."""
        if self._writer is not None:
            self._writer.close()
        self._sockets.close()
        await self._site.close()

    async def _answer(self, request: Request) -> Response:
        if request.method == "POST":
            return self._take(request)
        if request.path == "/worker.js":
            return Response(200, WORKER, "text/javascript")
        return Response(200, PAGE, "text/html")

    def _take(self, request: Request) -> Response:
        self.posts.append(request)
        said = {
            "messageType": "notification",
            "channelID": request.path.rpartition("/")[2],
            "version": str(len(self.posts)),
            "ttl": int(request.headers["ttl"]),
            "data": urlsafe_b64encode(request.body).decode().rstrip("="),
            "headers": {"encoding": request.headers["content-encoding"]},
        }
        self._say(said)
        return Response(201, headers=(("Location", f"/m/{len(self.posts)}"),))

    def _say(self, said: dict[str, Any]) -> None:
        assert self._writer is not None
        body = json.dumps(said).encode()
        length = bytes([len(body)]) if len(body) < 126 else b"\x7e" + struct.pack("!H", len(body))
        self._writer.write(bytes([0x80 | TEXT]) + length + body)

    async def _browser(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        lines = [line.partition(": ") for line in head.split("\r\n")]
        headers = {name.lower(): value for name, _, value in lines}
        accept = b64encode(
            hashlib.sha1(headers["sec-websocket-key"].encode() + MAGIC).digest()
        ).decode()
        protocol = headers.get("sec-websocket-protocol")
        answer = [
            "HTTP/1.1 101 Switching Protocols",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Accept: {accept}",
            *([f"Sec-WebSocket-Protocol: {protocol}"] if protocol else []),
        ]
        writer.write("\r\n".join([*answer, "", ""]).encode())
        self._writer = writer
        try:
            while await self._one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        first, second = await reader.readexactly(2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", await reader.readexactly(2))
        mask = await reader.readexactly(4)
        body = bytes(
            byte ^ mask[place % 4] for place, byte in enumerate(await reader.readexactly(length))
        )
        kind = first & 0x0F
        if kind == PING:
            writer.write(bytes([0x80 | PONG, len(body)]) + body)
        if kind == TEXT:
            self._hear(json.loads(body))
        return kind != CLOSE

    def _hear(self, said: dict[str, Any]) -> None:
        match said.get("messageType"):
            case "hello":
                hello = {"uaid": "a" * 32, "status": 200, "use_webpush": True, "broadcasts": {}}
                self._say({"messageType": "hello", **hello})
            case "register":
                channel = said["channelID"]
                endpoint = f"http://localhost:{self.port}/w/{channel}"
                registered = {"channelID": channel, "status": 200, "pushEndpoint": endpoint}
                self._say({"messageType": "register", **registered})
            case "ack":
                self.acks.append(said)
            case None:
                self._say({})


class Firefox:
    """A headless Firefox."""

    def __init__(self, program: str, profile: Path) -> None:
        """Keep everything of it in `profile`."""
        self._program, self._profile, self._number = program, profile, 0

    async def start(self, *, push_port: int, marionette_port: int) -> None:
        """Start it with its push service at `push_port`."""
        preferences = PREFERENCES | {
            "dom.push.serverURL": f"ws://127.0.0.1:{push_port}/",
            "marionette.port": marionette_port,
        }
        lines = [
            f"user_pref({json.dumps(name)}, {json.dumps(value)});"
            for name, value in preferences.items()
        ]
        (self._profile / "user.js").write_text("\n".join(lines))
        quiet = asyncio.subprocess.DEVNULL
        words = ("--headless", "--marionette", "--no-remote", "--profile", str(self._profile))
        environment = {"HOME": str(self._profile), "PATH": "/usr/bin:/bin", "MOZ_HEADLESS": "1"}
        self._process = await asyncio.create_subprocess_exec(
            self._program, *words, stdout=quiet, stderr=quiet, env=environment
        )
        await self._connect(marionette_port)
        await self.ask("WebDriver:NewSession", capabilities={})
        await self.ask("WebDriver:SetTimeouts", script=20_000)

    async def ask(self, command: str, **parameters: object) -> Any:
        """Return the result of one command of Marionette's."""
        self._number += 1
        body = json.dumps([0, self._number, command, parameters]).encode()
        self._writer.write(b"%d:%s" % (len(body), body))
        _, _, problem, result = await self._hear()
        assert problem is None, problem
        return result["value"] if isinstance(result, dict) and set(result) == {"value"} else result

    async def script(self, words: str, *arguments: object) -> Any:
        """Return what an asynchronous script in the page ends with."""
        return await self.ask("WebDriver:ExecuteAsyncScript", script=words, args=list(arguments))

    async def stop(self) -> None:
        """End it."""
        self._writer.close()
        self._process.terminate()
        try:
            async with asyncio.timeout(10.0):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def _connect(self, port: int) -> None:
        async with asyncio.timeout(60.0):
            while True:
                try:
                    self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
                except ConnectionRefusedError:
                    await asyncio.sleep(0.1)
                else:
                    break
            await self._hear()

    async def _hear(self) -> Any:
        length = int((await self._reader.readuntil(b":"))[:-1])
        return json.loads(await self._reader.readexactly(length))
