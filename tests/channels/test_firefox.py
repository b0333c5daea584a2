"""Does a real browser open our pushes and show them?"""

import asyncio
import shutil
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.channels.firefox import SHOWN, SUBSCRIBE, Firefox, PushService
from tests.channels.messages import VAPID_KEY, a_message, a_vapid
from tests.channels.test_foreign_peers import a_free_port
from tocsin.notifications.channels.http import HttpClient
from tocsin.notifications.channels.webpush.channel import WebPushChannel
from tocsin.runtime.clock import SystemClock

pytestmark = pytest.mark.night


async def test_firefox_opens_our_push_and_shows_its_words(tmp_path: Path) -> None:
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        pytest.skip("Firefox is not installed (apt-get install firefox-esr)")
    service, firefox = PushService(), Firefox(program, tmp_path)
    await service.start()
    await firefox.start(push_port=service.socket_port, marionette_port=a_free_port())
    channel = WebPushChannel(HttpClient(allow_private=True), SystemClock(), a_vapid())
    try:
        await firefox.ask("WebDriver:Navigate", url=f"http://localhost:{service.port}/")
        granted = {"descriptor": {"name": "notifications"}, "state": "granted"}
        await firefox.ask("WebDriver:SetPermission", **granted)
        point = VAPID_KEY.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        key = urlsafe_b64encode(point).decode().rstrip("=")
        subscription = await firefox.script(SUBSCRIBE, key)
        assert subscription.startswith("{"), subscription
        message = a_message(address=subscription, text="Tocsin K7QF: SOS, patio ¡ya!")
        accepted = await channel.send(message, timeout_s=3.0)
        assert accepted.provider_id == "1"
        async with asyncio.timeout(10.0):
            while not service.acks:
                await asyncio.sleep(0.02)
        assert service.acks[0]["updates"][0]["code"] == 100
        async with asyncio.timeout(10.0):
            while not (shown := await firefox.script(SHOWN)):
                await asyncio.sleep(0.05)
        assert shown == ["Tocsin needs you/Tocsin K7QF: SOS, patio ¡ya!"]
        assert await firefox.ask("WebDriver:GetTitle") == message.link
    finally:
        await channel.close()
        await firefox.stop()
        await service.stop()
