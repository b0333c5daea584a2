"""How is one person reached, in which order and when; and whom did she name for emergencies or rule out?"""

from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.console.installation import clock, ids, key_ring
from tocsin.console.letting_go import let_go_now
from tocsin.console.pages.page import page
from tocsin.console.pages.people import shown_once
from tocsin.console.pages.refusals import in_words
from tocsin.console.sign_in import ring_revoked
from tocsin.flow import change_contacts as change
from tocsin.flow.change_emergency import add_emergency, agree_emergency, remove_emergency
from tocsin.flow.confirm_made import confirm_contact, confirm_sign_in
from tocsin.flow.end_sign_in import end_sign_in
from tocsin.flow.reset_account import reset_account
from tocsin.flow.respond import Refused
from tocsin.registry.access import Hidden, Viewer, find_person, load_people
from tocsin.registry.access_emergency import load_emergency
from tocsin.registry.forms_contacts import EmergencyForm, SafeForm, safe_initial
from tocsin.registry.rules.rows import EmergencyRow
from tocsin.runtime.database import Connection
from tocsin.runtime.ids import secret

PASSWORD_BYTES = 15


@require_http_methods(["GET", "POST"])
@page
def contact(
    request: HttpRequest, viewer: Viewer, conn: Connection, person_id: UUID, contact_id: UUID
) -> HttpResponse:
    """Show and save a contact method's place in her order and when it is safe."""
    kept = change.get_contact(conn, key_ring(), viewer, person_id, contact_id)
    initial = safe_initial(kept.position, kept.safe_rule)
    form = SafeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        done = change.change_contact(
            conn, key_ring(), viewer, kept, form.cleaned_data["order"] or 0, form.rule(), at=clock().now()
        )  # fmt: skip
        if done is None:
            return redirect("person", person_id=person_id)
        form.add_error(None, in_words(done.because))
    person = find_person(conn, key_ring(), viewer, person_id)
    context = {"viewer": viewer, "person": person, "form": form}
    return render(request, "contact.html", context)


@require_POST
@page
def vouch(
    request: HttpRequest, viewer: Viewer, conn: Connection, person_id: UUID, contact_id: UUID
) -> HttpResponse:
    """Write that she answered on it, and go back."""
    change.vouch_for_contact(conn, key_ring(), viewer, person_id, contact_id, at=clock().now())
    return redirect("person", person_id=person_id)


@require_POST
@page
def renew_secret(
    request: HttpRequest, viewer: Viewer, conn: Connection, person_id: UUID, contact_id: UUID
) -> HttpResponse:
    """Give a webhook a new secret and show it, once."""
    at = clock().now()
    made = change.renew_secret(conn, key_ring(), viewer, person_id, contact_id, at=at)
    return shown_once(request, viewer, find_person(conn, key_ring(), viewer, person_id), made)


@require_POST
@page
def remove_contact(
    request: HttpRequest, viewer: Viewer, conn: Connection, person_id: UUID, contact_id: UUID
) -> HttpResponse:
    """Revoke a way to reach her and go back."""
    change.remove_contact(conn, key_ring(), viewer, person_id, contact_id, at=clock().now())
    return redirect("person", person_id=person_id)


@require_POST
@page
def confirm(
    request: HttpRequest, viewer: Viewer, conn: Connection, person_id: UUID, contact_id: UUID
) -> HttpResponse:
    """Say that a way to reach her is hers, whoever wrote it down, and go back."""
    confirm_contact(conn, key_ring(), viewer, person_id, contact_id, at=clock().now())
    return redirect("person", person_id=person_id)


@require_http_methods(["GET", "POST"])
@page
def emergency(
    request: HttpRequest, viewer: Viewer, conn: Connection, person_id: UUID
) -> HttpResponse:
    """Show whom she named for emergencies; on a press, add somebody."""
    at = clock().now()
    rows = load_emergency(conn, key_ring(), viewer, person_id, at=at)
    person = find_person(conn, key_ring(), viewer, person_id)
    colleagues = [
        (str(one.id), one.name)
        for one in load_people(conn, key_ring(), viewer)
        if one.is_active and one.id != person_id
    ]
    form = EmergencyForm(request.POST or None, colleagues=colleagues)
    if request.method == "POST" and form.is_valid():
        row = _emergency_row(form, person_id)
        done = add_emergency(conn, key_ring(), viewer, row, at=at)
        if done is None:
            let_go_now(conn, viewer)
            return redirect("emergency", person_id=person_id)
        form.add_error(None, in_words(done.because))
    context = {
        "viewer": viewer,
        "person": person,
        "rows": rows,
        "form": form,
        "is_own": person_id == viewer.person_id,
    }
    return render(request, "emergency.html", context)


def _emergency_row(form: EmergencyForm, person_id: UUID) -> EmergencyRow:
    values = form.cleaned_data
    return EmergencyRow(
        id=ids().uuid(),
        person_id=person_id,
        name=values["name"],
        relation=values["relation"],
        phone=values["phone"],
        language=values["language"],
        colleague_id=UUID(values["colleague"]) if values["colleague"] else None,
        never_notify=values["never_notify"],
        never_give_location=values["never_give_location"],
    )


@require_POST
@page
def remove_named(
    request: HttpRequest, viewer: Viewer, conn: Connection, person_id: UUID, named_id: UUID
) -> HttpResponse:
    """Take back somebody whom she named, and go back."""
    remove_emergency(conn, key_ring(), viewer, person_id, named_id, at=clock().now())
    return redirect("emergency", person_id=person_id)


@require_POST
@page
def agree_named(
    request: HttpRequest, viewer: Viewer, conn: Connection, person_id: UUID, named_id: UUID
) -> HttpResponse:
    """Say yes to a colleague whom a supervisor ruled out for her, and go back."""
    agree_emergency(conn, key_ring(), viewer, person_id, named_id, at=clock().now())
    let_go_now(conn, viewer)
    return redirect("emergency", person_id=person_id)


@require_POST
@page
def end(request: HttpRequest, viewer: Viewer, conn: Connection, person_id: UUID) -> HttpResponse:
    """End a sign-in of hers that was made in vain, and go back."""
    end_sign_in(conn, key_ring(), viewer, person_id, at=clock().now())
    return redirect("person", person_id=person_id)


@require_POST
@page
def confirm_account(
    request: HttpRequest, viewer: Viewer, conn: Connection, person_id: UUID
) -> HttpResponse:
    """Say that a sign-in is hers, whoever made it, and go back."""
    confirm_sign_in(conn, key_ring(), viewer, person_id, at=clock().now())
    return redirect("person", person_id=person_id)


@require_POST
@page
def reset(request: HttpRequest, viewer: Viewer, conn: Connection, person_id: UUID) -> HttpResponse:
    """Give her sign-in a new first password, shown once, and end every session of hers."""
    if request.POST.get("do") != "reset":
        # A press without its button is none: nobody's sign-in goes by a stray request.
        raise Hidden
    password = secret(PASSWORD_BYTES)
    done = reset_account(conn, key_ring(), viewer, person_id, make_password(password), at=clock().now())  # fmt: skip
    context: dict[str, object] = {
        "viewer": viewer,
        "person": find_person(conn, key_ring(), viewer, person_id),
        "password": "" if isinstance(done, Refused) else password,
        "refused": in_words(done.because) if isinstance(done, Refused) else "",
    }
    ring_revoked()
    return render(request, "first_password.html", context)
