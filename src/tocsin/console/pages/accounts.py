"""What does each source say? Facts as rows, sources as columns; nothing is corrected."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.console.installation import clock, key_ring
from tocsin.console.pages.page import page
from tocsin.flow.export_incident import export_accounts
from tocsin.flow.keep_account import keep_account
from tocsin.notifications.access_accounts import AccountsView, load_accounts_view
from tocsin.record.rules.accounts import (
    MAX_LABEL,
    MAX_SOURCE,
    MAX_WORDS,
    About,
    Account,
    Agreement,
    fact_of,
)
from tocsin.registry.access import Hidden, Viewer, zone_of
from tocsin.runtime.database import Connection
from tocsin.runtime.ids import uuid7
from tocsin.signals.forms import WallTimeField, instant

AGREEMENT_WORDS: Final = {
    Agreement.BLANK: _("Nobody gives it."),
    Agreement.ONE: _("One source gives it."),
    Agreement.SAME: _("All say the same."),
    Agreement.OTHER_WORDS: _("THEY DIFFER: not the same words. Read each."),
    Agreement.OTHER_NUMBERS: _("THEY DIFFER: not the same numbers."),
}
# What an account is refused with, so that it can be said in her language.
REFUSALS: Final = (
    gettext_noop("a fact is named by small letters, digits, dots and underscores"),
    gettext_noop("who says so?"),
    gettext_noop("what does it say?"),
    gettext_noop("nobody can hear it before it is said"),
    gettext_noop("it lies ahead"),
)
LEVELS: Final = {
    Agreement.BLANK: "unknown",
    Agreement.ONE: "unknown",
    Agreement.SAME: "good",
    Agreement.OTHER_WORDS: "differs",
    Agreement.OTHER_NUMBERS: "differs",
}


class AccountForm(forms.Form):
    """What a source says about one fact."""

    label = forms.CharField(
        label=_("Which fact?"),
        max_length=MAX_LABEL,
        widget=forms.TextInput(attrs={"list": "facts", "autocomplete": "off"}),
        help_text=_("Choose one from the list, so that it stands beside the others."),
    )
    source = forms.CharField(
        label=_("Who says so?"),
        max_length=MAX_SOURCE,
        required=False,
        widget=forms.TextInput(attrs={"list": "sources", "autocomplete": "off"}),
    )
    words = forms.CharField(
        label=_("In their words"),
        max_length=MAX_WORDS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Empty, with no source: nobody gives it. It stays a blank."),
    )
    heard_at = WallTimeField(
        label=_("When was it heard?"), required=False, help_text=_("Empty: now.")
    )
    said_at = WallTimeField(label=_("When was it said, if known?"), required=False)

    def __init__(self, zone: str, data: Any = None) -> None:
        """Ask for times by the reader's own clock."""
        super().__init__(data)
        self._zone = zone
        self.fields["said_at"].help_text = gettext("By the clock of %(zone)s.") % {"zone": zone}

    def instant(self, field: str) -> datetime | None:
        """Return a time that was typed, in UTC; None for none."""
        return instant(self.cleaned_data[field], self._zone)


@require_http_methods(["GET", "POST"])
@page
def accounts(
    request: HttpRequest, viewer: Viewer, conn: Connection, about: str, about_id: UUID
) -> HttpResponse:
    """Show the accounts side by side; keep one more."""
    at = clock().now()
    kind, case_id = _about(about), _case(request)
    view = load_accounts_view(conn, key_ring(), viewer, kind, about_id, at=at, case_id=case_id)
    zone = zone_of(conn, viewer)
    form = AccountForm(zone, request.POST or None)
    if request.method == "POST" and form.is_valid():
        account = _account(form, viewer, view, at)
        problems = keep_account(conn, view.key, view.sealed_of, account, by=viewer.person_id, at=at)
        if not problems:
            return redirect(request.get_full_path())
        for field, because in problems.items():
            form.add_error(field if field in form.fields else "label", gettext(because))
    return _shown(request, viewer, view, form, zone)


@require_POST
@page
def export(
    request: HttpRequest, viewer: Viewer, conn: Connection, about: str, about_id: UUID
) -> HttpResponse:
    """Return the accounts as JSON, every version beside the others."""
    kind, case_id = _about(about), _case(request)
    file = export_accounts(
        conn, key_ring(), viewer, kind, about_id, at=clock().now(), case_id=case_id
    )
    answer = JsonResponse(file, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = 'attachment; filename="accounts.json"'
    return answer


def _about(about: str) -> About:
    if about not in set(About):
        raise Hidden
    return About(about)


def _case(request: HttpRequest) -> UUID | None:
    """Return the case in which a person's accounts lie (`?case=`), None if none is named."""
    try:
        return UUID(request.GET["case"])
    except (KeyError, ValueError):
        return None


def _account(form: AccountForm, viewer: Viewer, view: AccountsView, at: datetime) -> Account:
    said = form.cleaned_data
    label = " ".join(said["label"].split())
    known = {one.label.casefold(): one.fact for one in view.accounts}
    return Account(
        id=uuid7(),
        organisation_id=viewer.organisation_id,
        about=view.about,
        about_id=view.about_id,
        case_id=view.case_id,
        fact=known.get(label.casefold()) or fact_of(label),
        label=label,
        source=said["source"].strip(),
        words=said["words"].strip(),
        heard_at=form.instant("heard_at") or at,
        said_at=form.instant("said_at"),
        kept_at=at,
        kept_by_id=viewer.person_id,
    )


def _shown(
    request: HttpRequest, viewer: Viewer, view: AccountsView, form: AccountForm, zone: str
) -> HttpResponse:
    found = view.sheet
    context: dict[str, Any] = {
        "viewer": viewer,
        "view": view,
        "form": form,
        "sheet": found,
        "zone": zone,
        "rows": [
            (row, AGREEMENT_WORDS[row.agreement], LEVELS[row.agreement], tuple(zip(found.sources, row.cells, strict=True)))
            for row in found.rows
        ],
    }  # fmt: skip
    return render(request, "accounts.html", context)
