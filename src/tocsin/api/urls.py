"""Which address takes which call-back?"""

from django.urls import path

from tocsin.api import receipts, sightings

urlpatterns = [
    path("receipts/<slug:gateway_name>", receipts.receipts, name="receipts"),
    path("sightings/<uuid:sender_id>", sightings.sightings, name="sightings"),
]
