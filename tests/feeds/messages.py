"""Messages as the makers document them, and whose they are."""

import json
from datetime import UTC, datetime
from typing import Any, Final

from tests import cast
from tocsin.signals.feeds.reading import Message, Origin, Reader, Reading

AT: Final = datetime(2026, 11, 6, 5, 30, tzinfo=UTC)
GATE: Final = Origin(
    organisation_id=cast.HARBOUR_EMS, sender_id=cast.number(0x501), site_id=cast.HARBOUR.id
)
MONITOR: Final = Origin(
    organisation_id=cast.HARBOUR_EMS, sender_id=cast.number(0x502), case_id=cast.number(0x601)
)
PHONE: Final = Origin(
    organisation_id=cast.HARBOUR_EMS, sender_id=cast.number(0x503), person_id=cast.PROTECTED.id
)


def read(
    reader: Reader, said: Any, origin: Origin = GATE, at: datetime = AT, **more: str
) -> Reading:
    """Return what a reader makes of this message."""
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return reader(Message(body, **more), origin, at)


def whys(reading: Reading) -> list[str]:
    """Return why something was set aside."""
    return [str(bad.why) for bad in reading.bad]


# Plate Recognizer, "Stream webhooks": its published sample, shortened.
PLATE_RECOGNIZER: Final[dict[str, Any]] = {
    "hook": {
        "target": "http://host:8001/",
        "id": "camera-1",
        "event": "recognition",
        "filename": "camera-1_screenshots/23-49-38.jpg",
    },
    "data": {
        "camera_id": "camera-1",
        "filename": "camera-1_screenshots/23-49-38.jpg",
        "timestamp": "2026-11-06T05:29:38.123Z",
        "timestamp_local": "2026-11-05 23:29:38.123-06:00",
        "results": [
            {
                "box": {"xmin": 153, "ymin": 91, "xmax": 302, "ymax": 125},
                "plate": "nhk552",
                "region": {"code": "us-il", "score": 0.9},
                "score": 0.9,
                "candidates": [
                    {"score": 0.9, "plate": "nhk552"},
                    {"score": 0.7, "plate": "nhk5s2"},
                    {"plate": "mhk552"},
                ],
                "dscore": 0.6,
                "vehicle": {"score": 0.4, "type": "Sedan"},
                "direction": 210,
            }
        ],
    },
}
# Rekor, "alpr_group".
REKOR: Final[dict[str, Any]] = {
    "data_type": "alpr_group",
    "version": 3,
    "epoch_start": 1793942978000,
    "epoch_end": 1793942979000,
    "agent_uid": "agent",
    "camera_id": 1,
    "best_uuid": "agent-cam1-2",
    "uuids": ["agent-cam1-1", "agent-cam1-2"],
    "best_plate_number": "NHK552",
    "best_confidence": 92.5,
    "best_region": "us-il",
    "candidates": [
        {"plate": "NHK552", "confidence": 92.5, "matches_template": 1},
        {"plate": "NHK5S2", "confidence": 71.0, "matches_template": 0},
    ],
    "travel_direction": 217.5,
}
# Frigate, "MQTT": `frigate/events`, shortened.
FRIGATE: Final[dict[str, Any]] = {
    "type": "update",
    "before": {"id": "1793942970.1-abc", "label": "car"},
    "after": {
        "id": "1793942970.1-abc",
        "camera": "gate",
        "label": "car",
        "sub_label": None,
        "score": 0.79,
        "start_time": 1793942970.1,
        "frame_time": 1793942978.1,
        "end_time": None,
        "current_zones": ["lot"],
        "recognized_license_plate": "NHK552",
        "recognized_license_plate_score": 0.91,
    },
}
