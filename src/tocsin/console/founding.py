"""How does an installation get its first employer? `tocsin found SLUG NAME LOGIN`: prints a password, once."""

import re
import sys
from typing import Final

from django.contrib.auth.hashers import make_password

from tocsin.console import django_settings
from tocsin.flow.found_organisation import found_organisation
from tocsin.flow.respond import Refused
from tocsin.runtime import keys, postgres
from tocsin.runtime.clock import SystemClock
from tocsin.runtime.database import connect
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import secret
from tocsin.runtime.settings import Settings, load

SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
LOGIN: Final = re.compile(r"[A-Za-z0-9._-]{3,80}")
MAX_NAME: Final = 120
USAGE: Final = "Usage: tocsin found SLUG NAME LOGIN   (slug: small letters, digits and dashes)\n"
WRONG_USE: Final = 2


def main(arguments: list[str]) -> int:
    """Write the employer and its first administrator; 0 when done, 1 refused, 2 wrongly used."""
    if len(arguments) != 3 or not _may_be(*arguments):
        sys.stderr.write(USAGE)
        return WRONG_USE
    slug, name, login = arguments
    settings = load()
    password = secret(15)
    refused = _found(settings, slug, name, login, password)
    if refused:
        sys.stderr.write(f"tocsin found: {refused.because}\n")
        return 1
    sys.stdout.write(
        f"{name} is here. Sign in at {settings.public_url} as {login} with the password {password}\n"
        "It is shown this once. The first sign-in sets up the second factor; then make sites and people there.\n"
    )
    return 0


def _found(settings: Settings, slug: str, name: str, login: str, password: str) -> Refused | None:
    ring = KeyRing(keys.load(settings.keys_dir).masters)
    django_settings.configure(settings)
    hashed = make_password(password)
    with postgres.running(settings), connect(settings, "web") as conn:
        return found_organisation(conn, ring, slug, name, login, hashed, at=SystemClock().now())


def _may_be(slug: str, name: str, login: str) -> bool:
    named = 0 < len(name.strip()) <= MAX_NAME
    return bool(SLUG.fullmatch(slug)) and named and bool(LOGIN.fullmatch(login))
