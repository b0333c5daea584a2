"""How does a locked-out administrator come in again? `tocsin reset LOGIN`: prints a new first password, once."""

import sys
from typing import Final

from django.contrib.auth.hashers import make_password

from tocsin.console import django_settings
from tocsin.flow.reset_account import reset_by_operator
from tocsin.registry.access import REVOKED_CHANNEL
from tocsin.runtime import postgres
from tocsin.runtime.clock import SystemClock
from tocsin.runtime.database import connect
from tocsin.runtime.ids import secret
from tocsin.runtime.settings import load

USAGE: Final = "Usage: tocsin reset LOGIN\n"
WRONG_USE: Final = 2


def main(arguments: list[str]) -> int:
    """Give a login a new first password and a second factor to set up anew; 0 done, 1 refused, 2 wrongly used."""
    if len(arguments) != 1:
        sys.stderr.write(USAGE)
        return WRONG_USE
    (login,) = arguments
    settings = load()
    django_settings.configure(settings)
    password = secret(15)
    hashed = make_password(password)
    with postgres.running(settings), connect(settings, "web") as conn:
        refused = reset_by_operator(conn, login, hashed, at=SystemClock().now())
        if refused is None:
            # Open screens of hers look at their right to be open, as after a press on the page.
            conn.execute("select pg_notify(%s, '')", (REVOKED_CHANNEL,))
    if refused:
        sys.stderr.write(f"tocsin reset: {refused.because}\n")
        return 1
    sys.stdout.write(
        f"Sign in at {settings.public_url} as {login} with the password {password}\n"
        "It is shown this once. The first sign-in sets up the second factor anew; every session before is over.\n"
    )
    return 0
