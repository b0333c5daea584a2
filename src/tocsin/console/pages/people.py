"""Who works here, how is each reached, and which phones may raise?"""

from typing import Final
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from tocsin.console.installation import clock, ids, key_ring, settings
from tocsin.console.letting_go import let_go_now
from tocsin.console.pages.page import page
from tocsin.console.pages.refusals import in_words
from tocsin.console.pages.words import CHANNEL_WORDS, ROLE_WORDS
from tocsin.console.sign_in import ring_revoked
from tocsin.flow import change_registry as change
from tocsin.flow.change_contacts import Added, add_contact
from tocsin.flow.let_go import may_act_otherwise
from tocsin.flow.reset_account import ADMIN
from tocsin.flow.respond import Refused
from tocsin.notifications.access import load_silenced
from tocsin.registry.access import (
    Hidden,
    PersonView,
    Viewer,
    find_person,
    load_doubted,
    load_doubted_sign_ins,
    load_his_friends,
    load_people,
    load_person,
    load_site_list,
    zone_of,
)
from tocsin.registry.forms import AccountForm, PersonForm
from tocsin.registry.forms_contacts import ContactForm
from tocsin.registry.rules.contact_document import rule_to_dict
from tocsin.registry.rules.rows import ContactRow, PersonRow
from tocsin.runtime.database import Connection

HIDDEN_PART = "•••"
SHOWN_END = 3
HE_WROTE: Final = {
    "is_active": gettext_lazy("she does not work here"),
    "is_back": gettext_lazy("she works here"),
    "site_id": gettext_lazy("another site"),
    "manager_id": gettext_lazy("another manager"),
    "role": gettext_lazy("another role"),
    "language": gettext_lazy("another language"),
    "name": gettext_lazy("another name"),
    "short_name": gettext_lazy("another short name"),
}


@require_GET
@page
def people(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Show everybody of the organisation."""
    sites = {site.id: site.name for site in load_site_list(conn, viewer)}
    rows = [
        (
            person,
            ROLE_WORDS.get(person.role, person.role),
            sites.get(person.site_id, "–") if person.site_id else "–",
        )
        for person in load_people(conn, key_ring(), viewer)
    ]
    context = {
        "viewer": viewer,
        "people": rows,
        "doubted": load_doubted(conn, viewer),
        "doubted_sign_ins": load_doubted_sign_ins(conn, viewer),
        "his_friends": load_his_friends(conn, viewer),
    }
    return render(request, "people.html", context)


@require_http_methods(["GET", "POST"])
@page
def person(request: HttpRequest, viewer: Viewer, conn: Connection, person_id: UUID) -> HttpResponse:
    """Show one person; on a press, add a way to reach her or a sign-in."""
    view = load_person(conn, key_ring(), viewer, person_id)
    plain = settings().private_webhooks
    contact, account = ContactForm(allows_plain=plain), AccountForm()
    if request.method == "POST" and "login" in request.POST:
        account = AccountForm(request.POST)
        if account.is_valid() and _account_added(conn, viewer, view.person, account):
            return redirect("person", person_id=person_id)
    elif request.method == "POST":
        contact = ContactForm(request.POST, allows_plain=plain)
        added = _contact_added(conn, viewer, person_id, contact) if contact.is_valid() else None
        if added and added.secret:
            return shown_once(request, viewer, view.person, added.secret)
        if added:
            return redirect("person", person_id=person_id)
    context = {
        "viewer": viewer,
        "view": view,
        "zone": zone_of(conn, viewer),
        "person": view.person,
        "role": ROLE_WORDS.get(view.person.role, view.person.role),
        "contested": _contested(viewer, view.person),
        "contacts": [
            (
                row,
                CHANNEL_WORDS.get(row.channel, row.channel),
                _shown(row, viewer, view.push_labels.get(row.id, "")),
            )
            for row in view.contacts
        ],
        "blocked": load_silenced(conn, viewer, at=clock().now()).blocked,
        "is_unreachable": not any(c.verified_at and not c.revoked_at for c in view.contacts),
        "may_reset": _may_reset(viewer, view),
        "may_confirm": _may_confirm(viewer, view),
        "contact_form": contact,
        "account_form": account,
    }
    return render(request, "person.html", context)


def _contested(viewer: Viewer, person: PersonRow) -> list[str]:
    """Return what somebody kept from her has written of her in vain, in words; only she and safety leads are told."""
    if not viewer.is_administrator and viewer.person_id != person.id:
        return []
    words = HE_WROTE | ({} if person.is_active else {"is_active": HE_WROTE["is_back"]})
    return [str(words[name]) for name in person.contested]


def _shown(contact: ContactRow, viewer: Viewer, phone: str) -> str:
    """Return an address: whole for its owner, its end for anybody else; of a push, the label of its phone.

    A supervisor may be the one from whom she has a new number; and what he sees must not hang on that being known.
    """
    if contact.channel == "webpush":
        return phone
    if contact.person_id == viewer.person_id:
        return contact.address
    return f"{HIDDEN_PART}{contact.address[-SHOWN_END:]}"


def _may_reset(viewer: Viewer, view: PersonView) -> bool:
    is_others = view.person.id != viewer.person_id
    return viewer.role == ADMIN and is_others and view.account is not None


def _may_confirm(viewer: Viewer, view: PersonView) -> bool:
    """Return whether her sign-in waits for this viewer's word; never for her own, which may be another's."""
    account, is_others = view.account, view.person.id != viewer.person_id
    if not viewer.is_administrator or not is_others or account is None or not account.is_active:
        return False
    return not account.in_vain and (account.is_doubted or account.is_maker_unknown)


def shown_once(
    request: HttpRequest, viewer: Viewer, person: PersonRow, secret: str
) -> HttpResponse:
    """Show a new secret of a webhook, once."""
    context = {"viewer": viewer, "person": person, "secret": secret}
    return render(request, "webhook_secret.html", context)


def _contact_added(
    conn: Connection, viewer: Viewer, person_id: UUID, form: ContactForm
) -> Added | None:
    at, values = clock().now(), form.cleaned_data
    contact = ContactRow(
        id=ids().uuid(),
        person_id=person_id,
        channel=values["channel"],
        address=values["address"],
        position=values["order"] or 0,
        is_work=values["is_work"],
        safe_rule=rule_to_dict(form.rule()),
        verified_at=at if values["is_verified"] and viewer.is_supervisor else None,
    )
    done = add_contact(conn, key_ring(), viewer, contact, at=at)
    if isinstance(done, Refused):
        form.add_error(None, in_words(done.because))
        return None
    return done


def _account_added(conn: Connection, viewer: Viewer, person: PersonRow, form: AccountForm) -> bool:
    hashed = make_password(form.cleaned_data["password"])
    done = change.add_account(
        conn, viewer, person, form.cleaned_data["login"], hashed, at=clock().now()
    )
    return _is_done(form, done)


def _is_done(form: Form, done: Refused | None) -> bool:
    if done:
        form.add_error(None, in_words(done.because))
    return done is None


@require_http_methods(["GET", "POST"])
@page
def edit(
    request: HttpRequest, viewer: Viewer, conn: Connection, person_id: UUID | None = None
) -> HttpResponse:
    """Show and save who somebody is."""
    if not viewer.is_administrator:
        raise Hidden
    sites = [(str(site.id), site.name) for site in load_site_list(conn, viewer)]
    known = find_person(conn, key_ring(), viewer, person_id) if person_id else None
    form = PersonForm(request.POST or None, sites=sites, initial=_initial(known))
    if request.method == "POST" and form.is_valid():
        row = _row(form, viewer, known)
        if _is_done(form, change.save_person(conn, key_ring(), viewer, row, at=clock().now())):
            ring_revoked()
            if may_act_otherwise(known, row):
                let_go_now(conn, viewer)
            return redirect("person", person_id=row.id)
    return render(request, "person_edit.html", {"viewer": viewer, "form": form, "person": known})


def _initial(person: PersonRow | None) -> dict[str, object]:
    if person is None:
        return {}
    names = ("name", "short_name", "staff_number", "role", "language", "is_active")
    return {name: getattr(person, name) for name in names} | {"site": str(person.site_id or "")}


def _row(form: PersonForm, viewer: Viewer, known: PersonRow | None) -> PersonRow:
    values = form.cleaned_data
    return PersonRow(
        id=known.id if known else ids().uuid(),
        organisation_id=viewer.organisation_id,
        staff_number=values["staff_number"],
        name=values["name"],
        short_name=values["short_name"],
        role=values["role"],
        language=values["language"],
        site_id=UUID(values["site"]) if values["site"] else None,
        manager_id=known.manager_id if known else None,
        is_active=values["is_active"],
    )
