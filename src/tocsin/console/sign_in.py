"""Who may sign in, and how? What allauth and axes ask us.

Password and TOTP, chosen by the organisation's administrator; no sign-up, no e-mail, and the same answer to a wrong
password as to an unknown login. A guesser is locked out by login *and* address together: by login alone anybody
could lock out the one he wants kept from the screens.
"""

import base64
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from django.conf import settings as django_conf
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tocsin.console.installation import clock, key_ring
from tocsin.console.shared import shared_connection
from tocsin.flow.sign_in_out import signed_in
from tocsin.registry.access import REVOKED_CHANNEL, find_viewer
from tocsin.runtime.clock import wall_ns

TOTP: Final = "totp"
FRESH_S: Final = 300
# The column of failed sign-ins takes addresses only.
UNKNOWN_ADDRESS: Final = "0.0.0.0"  # noqa: S104 - nothing is bound


class AccountAdapter(DefaultAccountAdapter):
    """Signing in with a login chosen for the person; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's
        """Return False: accounts are made by an administrator."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address of the client, as the server saw it."""
        return address_of(request)

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Return whether the password is asked again: not for the first set-up, nor just after signing in."""
        account = self.request.user
        if not account.is_authenticated or not has_second_factor(account.pk):
            return False
        records = get_authentication_records(self.request, account)
        is_fresh = any(wall_ns() / 1e9 - record["at"] < FRESH_S for record in records)
        return False if is_fresh else super().is_reauthentication_required(app=app)

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Sign in, and write it down in the record of the person's organisation."""
        super().login(request, user)
        conn = shared_connection()
        viewer = find_viewer(conn, user.pk)
        if viewer:
            signed_in(conn, viewer, at=clock().now())
        tidy_up()

    def logout(self, request: HttpRequest) -> None:
        """Sign out; what else this browser holds open ends too."""
        super().logout(request)
        ring_revoked()

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """Keep a new password; what was opened with the one before ends at once, on every device."""
        super().set_password(user, password)
        ring_revoked()

    def send_mail(self, *arguments: Any, **named: Any) -> None:
        """Send nothing: a partner may read the mailbox."""


class MfaAdapter(DefaultMFAAdapter):
    """TOTP secrets lie encrypted under a key outside the database."""

    def encrypt(self, text: str) -> str:
        """Return the secret sealed, as text."""
        return base64.b64encode(key_ring().seal_local(TOTP, text.encode())).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret that `encrypt` sealed."""
        return key_ring().open_local(TOTP, base64.b64decode(encrypted_text)).decode()

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        """Return what the authenticator app shows: the login, no name."""
        return str(user.get_username())


class SessionsAdapter(DefaultUserSessionsAdapter):
    """Ending a session ends its live stream too."""

    def end_sessions(self, sessions: Any) -> None:
        """Delete the session rows, then tell the streams."""
        super().end_sessions(sessions)
        ring_revoked()


def tidy_up() -> None:
    """Delete sessions that are over and guesses that count no more; nobody else does."""
    with connection.cursor() as cursor:
        cursor.execute("delete from django_session where expire_date < now()")
        cursor.execute(
            "delete from axes_accessattempt where attempt_time < now() - interval '1 day'"
        )


def ring_revoked() -> None:
    """Tell every live stream, after this transaction, to look at its right to be open."""
    transaction.on_commit(_notify_revoked)


def _notify_revoked() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, '')", (REVOKED_CHANNEL,))


def has_second_factor(account_id: UUID) -> bool:
    """Return whether this account has TOTP set up; without it only the set-up page is shown."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select 1 from mfa_authenticator where user_id = %s and type = %s", (account_id, TOTP)
        )
        return cursor.fetchone() is not None


def proved_at(request: HttpRequest) -> datetime | None:
    """Return when the second factor was last shown in this session; None if it was not."""
    records = get_authentication_records(request, request.user)
    shown = [record["at"] for record in records if record.get("method") == "mfa"]
    return datetime.fromtimestamp(max(shown), UTC) if shown else None


def address_of(request: HttpRequest) -> str:
    """Return the address of the client, as the server saw it (`UNKNOWN_ADDRESS` when there is none)."""
    return str(request.META.get("REMOTE_ADDR") or UNKNOWN_ADDRESS)


def login_of(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Return the login that somebody tries, as allauth names it or as the form does ("" when there is none)."""
    return str((credentials or {}).get("username") or request.POST.get("login", ""))


def locked_out(
    request: HttpRequest,
    _response: HttpResponse | None,
    _credentials: Any,
) -> HttpResponse:
    """Return the answer after too many wrong passwords; it does not say whether the login exists."""
    minutes = int(django_conf.AXES_COOLOFF_TIME.total_seconds() // 60)
    return render(request, "account/locked_out.html", {"minutes": minutes}, status=429)
