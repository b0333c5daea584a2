"""What is there before the curtain? The processes, the two workplaces, and nothing left over from last time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from tocsin.decisions import store as decisions
from tocsin.decisions.rules.incident import ASKING, Doing
from tocsin.demo import acting, keepsakes, loading, rostering
from tocsin.demo.installation import Installation
from tocsin.demo.keepsakes import Workplace
from tocsin.demo.loading import Loading, LoadingRefused
from tocsin.demo.printing import Voice
from tocsin.demo.reference import examples_folder
from tocsin.demo.sample import read_sample
from tocsin.demo.stage import Stage
from tocsin.demo.watching import Watch
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.respond import respond
from tocsin.registry.store_calling import slugs
from tocsin.runtime import doorbell, keys, postgres_home
from tocsin.runtime.clock import SystemClock
from tocsin.runtime.database import Connection, connect, viewing
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import RandomIds, uuid7
from tocsin.runtime.settings import Settings
from tocsin.signals import store as signals

HARBOUR: Final = "harbour-county-ems"
ORCHARD: Final = "orchard-stores"
FOLDERS: Final = ("harbour_county", "orchard_stores")


@contextmanager
def staged(installation: Installation, config: Settings, voice: Voice) -> Iterator[Stage]:
    """Yield the stage of a running installation, its workplaces loaded.

    Raises:
        LoadingRefused: the sample workplaces cannot be loaded; the message says why.
    """
    ring = KeyRing(keys.load(config.keys_dir).masters)
    workplaces = load_workplaces(config, installation.carrier_url)
    doorbell.Sender(config.run_dir, doorbell.ENGINE).ring(doorbell.EMPLOYER)
    with connect(config, "engine") as conn:
        harbour = workplaces[HARBOUR]
        stage = Stage(
            config=config,
            harbour=harbour,
            orchard=workplaces[ORCHARD],
            doors=acting.doors_of(config, installation.carrier_url),
            watch=Watch(conn, ring, harbour.id),
            voice=voice,
        )
        for workplace in workplaces.values():
            _end_left_walks(conn, stage, workplace)
            _stand_down_leftovers(conn, ring, workplace, voice)
        yield stage


def load_workplaces(config: Settings, carrier: str) -> dict[str, Workplace]:
    """Return both workplaces by short name, loaded now or at an earlier run; everybody is on duty.

    Raises:
        LoadingRefused: a file, or half of a demo, is in the way.
    """
    found = keys.load(config.keys_dir)
    ring, at = KeyRing(found.masters), SystemClock().now()
    samples = [read_sample(examples_folder() / name, carrier=carrier) for name in FOLDERS]
    kept = _kept(config)
    with connect(config, "web") as conn:
        for sample in samples:
            workplace = kept.get(sample.slug)
            organisation_id = workplace.id if workplace else uuid7()
            with viewing(conn, organisation_id):
                if workplace is None:
                    new = Loading(conn, ring, found, sample, organisation_id, at)
                    workplace = loading.load_workplace(new, carrier=carrier)
                else:
                    loading.set_codes(conn, ring, sample, workplace, at=at)
                    if workplace.carrier != carrier:
                        moved = loading.move_webhooks(conn, ring, sample, workplace, at=at)
                        workplace = replace(moved, carrier=carrier)
                kept[sample.slug] = workplace
                rostering.write_roster(conn, sample, workplace, at=at)
                # Kept before the commit: a token that was made is never lost, and one too many harms nobody.
                keepsakes.keep(config.data_dir, kept)
    return kept


def _kept(config: Settings) -> dict[str, Workplace]:
    """Return what an earlier run loaded and the database still has.

    Raises:
        LoadingRefused: the database has a demo of which this folder knows nothing.
    """
    kept = keepsakes.load(config.data_dir)
    with connect(config, "engine") as conn:
        known = slugs(conn)
    for organisation_id, slug in known.items():
        if slug in (HARBOUR, ORCHARD) and (slug not in kept or kept[slug].id != organisation_id):
            base = postgres_home.base_folder(config)
            message = (
                f"the database has {slug}, but {config.data_dir / keepsakes.FILE} does not know its people. "
                f"Remove {config.data_dir} and {base}, and start the demo again"
            )
            raise LoadingRefused(message)
    return {slug: workplace for slug, workplace in kept.items() if workplace.id in known}


def _stand_down_leftovers(
    conn: Connection, ring: KeyRing, workplace: Workplace, voice: Voice
) -> None:
    """Stand down, by two people, what an interrupted run left open."""
    alarms, ids = PostgresAlarms(conn, ring), RandomIds()
    leads = [
        p.id for p in workplace.people.values() if p.role in {"shift_lead", "safety_lead", "admin"}
    ]
    for incident in decisions.load_open(conn, workplace.id):
        if incident.kind in ASKING:
            continue
        voice.demo(
            f"Incident {incident.word} of the last run is still open: two of its people stand it down."
        )
        for person_id in [lead for lead in leads if lead != incident.person_id][:2]:
            with alarms.atomically():
                respond(
                    alarms,
                    workplace.id,
                    incident.id,
                    by=person_id,
                    doing=Doing.OVER,
                    via="page",
                    ids=ids,
                )


def _end_left_walks(conn: Connection, stage: Stage, workplace: Workplace) -> None:
    """End the walks that an interrupted run left under way, from the phones on which they were started."""
    players = {player.id: player for player in workplace.people.values()}
    for walk in signals.load_open_walks(conn, workplace.id):
        player = players[walk.person_id]
        if player.token:
            body = {"key": acting.new_key(), "act": "end", "of": walk.key, "code": player.code}
            acting.hears(stage.doors, player, body, "ended")
