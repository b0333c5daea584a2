"""Which address takes which call-back?"""

from django.urls import path

from tocsin.api import receipts

urlpatterns = [path("receipts/<slug:gateway_name>", receipts.receipts, name="receipts")]
