"""Which reader reads which sender's messages?"""

from collections.abc import Mapping
from typing import Final

from tocsin.registry.rules.sender import SenderKind
from tocsin.signals.feeds.badge import reader as badge
from tocsin.signals.feeds.contact import reader as contact
from tocsin.signals.feeds.frigate import reader as frigate
from tocsin.signals.feeds.osmand import reader as osmand
from tocsin.signals.feeds.owntracks import reader as owntracks
from tocsin.signals.feeds.plate_recognizer import reader as plate_recognizer
from tocsin.signals.feeds.reading import Reader
from tocsin.signals.feeds.rekor import reader as rekor
from tocsin.signals.feeds.signed_json import reader as signed_json
from tocsin.signals.feeds.visitor_list import reader as visitor_list

READERS: Final[Mapping[SenderKind, Reader]] = {
    SenderKind.PLATE_RECOGNIZER: plate_recognizer.read,
    SenderKind.REKOR: rekor.read,
    SenderKind.FRIGATE: frigate.read,
    SenderKind.OWNTRACKS: owntracks.read,
    SenderKind.OSMAND: osmand.read,
    SenderKind.BADGE: badge.read,
    SenderKind.VISITOR_LIST: visitor_list.read,
    SenderKind.CONTACT: contact.read,
    SenderKind.SIGNED_JSON: signed_json.read,
}
