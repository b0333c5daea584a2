"""Which vehicles are ours, and who has their keys? A respondent may come in one of them."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.console.installation import clock, ids, key_ring
from tocsin.console.pages.page import page
from tocsin.console.pages.refusals import in_words
from tocsin.flow import change_vehicles as change
from tocsin.flow.respond import Refused
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.forms_vehicles import VehicleForm
from tocsin.registry.rules.vehicle import VehicleRow
from tocsin.runtime.database import Connection


@require_http_methods(["GET", "POST"])
@page
def vehicles(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Show the vehicles with who has their keys; take a new one."""
    found, sites, people = change.load_fleet(conn, key_ring(), viewer)
    names = {person.id: person.short_name for person in people}
    choices = [(str(site.id), site.name) for site in sites]
    form = VehicleForm(request.POST or None, sites=choices)
    refused = ""
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        row = VehicleRow(
            ids().uuid(),
            viewer.organisation_id,
            UUID(values["site"]),
            values["name"],
            values["plate"],
            values["region"],
        )
        done = change.add_vehicle(conn, viewer, row, at=clock().now())
        if not isinstance(done, Refused):
            return redirect("vehicles")
        refused = in_words(done.because)
    places = {site.id: site.name for site in sites}
    context = {
        "viewer": viewer,
        "form": form,
        "refused": refused,
        "vehicles": [
            (one, places.get(one.site_id, ""), [(key, names.get(key, "–")) for key in one.keys])
            for one in found
        ],
        "people": [person for person in people if person.is_active],
    }
    return render(request, "vehicles.html", context, status=400 if form.errors else 200)


@require_POST
@page
def key(request: HttpRequest, viewer: Viewer, conn: Connection, vehicle_id: UUID) -> HttpResponse:
    """Give somebody the keys of a vehicle, or take them."""
    try:
        person_id = UUID(request.POST.get("person", ""))
    except ValueError as error:
        raise Hidden from error
    has = request.POST.get("has") == "yes"
    change.set_key(conn, key_ring(), viewer, (vehicle_id, person_id), has=has, at=clock().now())
    return redirect("vehicles")


@require_POST
@page
def remove(
    request: HttpRequest, viewer: Viewer, conn: Connection, vehicle_id: UUID
) -> HttpResponse:
    """Remove a vehicle."""
    change.remove_vehicle(conn, viewer, vehicle_id, at=clock().now())
    return redirect("vehicles")
