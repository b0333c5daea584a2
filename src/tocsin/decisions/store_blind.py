"""What does protection rest on, and where was it blind? All SQL of it; read by the engine, of every employer.

Readers count whether there is a case or not, so that nothing shown or told of them says that there is one.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tocsin.registry.rules.sender import KEY_HELD_BY
from tocsin.runtime.database import Connection
from tocsin.runtime.his_machines import GONE_WITHIN
from tocsin.signals.rules.blind import (
    BRIEFING_INTERVAL_S,
    POST_INTERVAL_S,
    REVOKED_INTERVAL_S,
    Because,
    Spot,
    Watcher,
    What,
)
from tocsin.signals.rules.quarantine import WRONG_CLOCK

# A case, its employer, and the site at which somebody is told of it.
OfCase = tuple[UUID, UUID, UUID]
MAX_WATCHERS: Final = 20_000
MAX_SHOWN: Final = 200
# A shift that began before is over: nobody keeps a post for a week.
SHIFTS_BACK: Final = timedelta(days=7)
KEPT_FOR: Final = timedelta(days=30)

# Since it last saw something at a time that can be, it told of something at one that cannot.
_WRONG_CLOCK: Final = """exists (select 1 from signals_quarantined q
            where q.organisation_id = s.organisation_id and q.sender_id = s.id and q.why = any(%(clock)s)
                and q.received_at > coalesce(s.heard_at, s.made_at))"""
# A monitor that a court ordered counts as long as its case is open. Where it has no site: the protected person's.
_SENDERS: Final = f"""
    select s.id, s.organisation_id, coalesce(s.site_id, p.site_id), s.case_id, s.interval_s,
        coalesce(s.heard_at, s.made_at), s.heard_at is not null,
        {_WRONG_CLOCK}
    from registry_sender s left join registry_case c on c.id = s.case_id left join registry_person p on p.id = c.protected_id
    where s.revoked_at is null and s.person_id is null
        and (s.case_id is null or (c.closed_at is null and c.erased_at is null))
        and coalesce(s.site_id, p.site_id) is not null
    order by s.id limit %(most)s
"""  # noqa: S608 - constants
# Somebody has revoked it, whoever: to a case whose doors rely on its site it is missing, until another than a party of that
# case has enrolled one of its kind there, or a lead who may read the case says that it is gone on purpose.
# As `tocsin_person_is_party`, which the role `web`, whose pages ask this too, may not call.
_HELD_BY: Final = f"n.settings->>'{KEY_HELD_BY}'"
_BY_HIM: Final = f"""({_HELD_BY} = c.colleague_id::text or exists (select 1 from registry_party x
            where x.case_id = c.id and x.person_id::text = {_HELD_BY} and x.until is null))"""  # noqa: S608 - constants
# Of what was revoked before that was kept nobody knows who did it: it counts as ever, so that an upgrade pages nobody.
_REVOKED: Final = f"""
    select s.id, s.organisation_id, s.site_id, c.id, least(s.interval_s, {REVOKED_INTERVAL_S}), s.revoked_at
    from registry_sender s
    join registry_doorentry d on d.organisation_id = s.organisation_id and d.is_active
        and (d.sites = '[]'::jsonb or d.sites || d.informs ? s.site_id::text)
    join registry_case c on c.id = d.case_id and c.closed_at is null and c.erased_at is null
    where s.revoked_at > c.opened_at - interval '{GONE_WITHIN}' and s.revoked_by_id is not null
        and s.site_id is not null and s.case_id is null and s.person_id is null
        and not exists (select 1 from registry_goneonpurpose g where g.case_id = c.id and g.subject_id = s.id)
        and not exists (select 1 from registry_sender n
            where n.organisation_id = s.organisation_id and n.site_id = s.site_id and n.kind = s.kind
                and n.revoked_at is null and n.made_at > s.revoked_at and n.case_id is null and n.person_id is null
                and not coalesce({_BY_HIM}, false))
    order by s.id, c.id limit %(most)s
"""  # noqa: S608 - constants
# Her own phone counts only while a walk of hers is open, and from its beginning: the way to work is never tracked.
_HER_PHONES: Final = f"""
    select s.id, s.organisation_id, w.site_id, c.id, s.interval_s,
        greatest(coalesce(s.heard_at, w.started_at), w.started_at), s.heard_at >= w.started_at,
        {_WRONG_CLOCK}
    from registry_sender s
    join signals_walk w on w.person_id = s.person_id and w.ended_at is null
    join registry_case c on c.protected_id = s.person_id and c.closed_at is null and c.erased_at is null
    where s.revoked_at is null order by s.id limit %(most)s
"""  # noqa: S608 - constants
# A post is manned by whom the roster puts there, or by any guard of the site whom it puts nowhere; never by a party. Somebody
# who left is surely there no more, and nobody knows since when: from the begin of a shift that still runs.
_POSTS: Final = """
    with kept as (
        select s.site_id, s.post_id, s.person_id,
            max(case when s.ends_at <= %(at)s then s.ends_at when p.is_active then %(at)s else s.starts_at end) as last_at
        from registry_shift s join registry_person_shown p on p.id = s.person_id
        where s.starts_at <= %(at)s and s.starts_at > %(back)s and (s.post_id is not null or s.role = 'guard')
        group by 1, 2, 3
    )
    select post.id, post.organisation_id, post.site_id, c.id,
        coalesce((
            select max(k.last_at) from kept k
            where k.site_id = post.site_id and (k.post_id = post.id or k.post_id is null)
                and k.person_id is distinct from c.colleague_id
                and not exists (select 1 from registry_party x
                    where x.case_id = c.id and x.person_id = k.person_id and x.until is null)
        ), c.opened_at)
    from registry_doorentry d
    join registry_case c on c.id = d.case_id and c.closed_at is null and c.erased_at is null
    join registry_post post on post.organisation_id = d.organisation_id and post.is_staffed
        and (d.sites = '[]'::jsonb or d.sites || d.informs ? post.site_id::text)
    where d.is_active order by post.id limit %(most)s
"""
# The newest version that somebody who is on duty now was asked to read and has not.
_BRIEFINGS: Final = """
    select b.organisation_id, b.site_id, b.case_id, min(greatest(b.asked_at, s.starts_at))
    from decisions_briefing b
    join registry_doorentry d on d.case_id = b.case_id and d.is_active and d.version = b.version
    join registry_case c on c.id = b.case_id and c.closed_at is null and c.erased_at is null
    join registry_shift s on s.person_id = b.person_id and s.site_id = b.site_id
        and s.starts_at <= %(at)s and s.ends_at > %(at)s
    where b.read_at is null group by 1, 2, 3 order by 3, 2 limit %(most)s
"""
_CASES: Final = """
    select c.id, c.organisation_id, coalesce(p.site_id, (select s.id from registry_site s
        where s.organisation_id = c.organisation_id order by s.id limit 1))
    from registry_case c left join registry_person p on p.id = c.protected_id
    where c.closed_at is null and c.erased_at is null order by c.id limit %(most)s
"""
_COLUMNS: Final = "id, what, subject_id, organisation_id, site_id, case_id, because, since, found_at, told_at, well_since, back_at"
_SPOTS: Final = f"select {_COLUMNS} from signals_blindspot"  # noqa: S608 - constants


def load_watchers(conn: Connection, at: datetime) -> list[Watcher]:
    """Return everything that should see now, of every employer, with when it last did."""
    wanted = {"at": at, "back": at - SHIFTS_BACK, "most": MAX_WATCHERS}
    wanted["clock"] = [why.value for why in WRONG_CLOCK]
    found = [_sender(row, None) for row in conn.execute(_SENDERS, wanted).fetchall()]
    found += [_revoked(row) for row in conn.execute(_REVOKED, wanted).fetchall()]
    found += [_sender(row, What.TRACKER) for row in conn.execute(_HER_PHONES, wanted).fetchall()]
    for post_id, organisation_id, site_id, case_id, last_at in conn.execute(_POSTS, wanted):
        found.append(
            Watcher(
                what=What.POST,
                subject_id=post_id,
                organisation_id=organisation_id,
                site_id=site_id,
                case_id=case_id,
                interval_s=POST_INTERVAL_S,
                last_at=last_at,
                because=Because.UNMANNED,
            )
        )
    for organisation_id, site_id, case_id, since in conn.execute(_BRIEFINGS, wanted):
        found.append(
            Watcher(
                what=What.BRIEFING,
                subject_id=site_id,
                organisation_id=organisation_id,
                site_id=site_id,
                case_id=case_id,
                interval_s=BRIEFING_INTERVAL_S,
                last_at=since,
                because=Because.UNREAD,
            )
        )
    return found


def load_open_cases(conn: Connection) -> list[OfCase]:
    """Return each open case with its employer and the site at which somebody is told of it: hers, else any."""
    rows = conn.execute(_CASES, {"most": MAX_WATCHERS}).fetchall()
    return [(case_id, owner_id, site_id) for case_id, owner_id, site_id in rows if site_id]


def load_open_spots(conn: Connection) -> list[Spot]:
    """Return what is blind now, or is watched whether it stays well."""
    rows = conn.execute(f"{_SPOTS} where back_at is null order by id limit %s", (MAX_WATCHERS,))
    return [_spot(row) for row in rows]


def told_since(conn: Connection, since: datetime) -> frozenset[tuple[str, UUID, UUID | None]]:
    """Return of what people were told lately: it is not told again so soon."""
    rows = conn.execute(
        "select what, subject_id, case_id from signals_blindspot where told_at > %s", (since,)
    )
    return frozenset((what, subject_id, case_id) for what, subject_id, case_id in rows)


def save_spots(conn: Connection, spots: Iterable[Spot]) -> None:
    """Insert new spots and write what changed of known ones."""
    conn.cursor().executemany(
        f"""insert into signals_blindspot ({_COLUMNS})
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        on conflict (id) do update set told_at = excluded.told_at, well_since = excluded.well_since,
            back_at = excluded.back_at""",  # noqa: S608 - constants
        [
            (
                s.id, s.what.value, s.subject_id, s.organisation_id, s.site_id, s.case_id, s.because.value, s.since,
                s.found_at, s.told_at, s.well_since, s.back_at,
            )
            for s in spots
        ],
    )  # fmt: skip


def forget_old_spots(conn: Connection, at: datetime) -> int:
    """Return how many times of blindness were over for `KEPT_FOR` and are gone; the record keeps that they were."""
    return conn.execute(
        "delete from signals_blindspot where back_at < %s", (at - KEPT_FOR,)
    ).rowcount


def load_shown_spots(conn: Connection, organisation_id: UUID, back_since: datetime) -> list[Spot]:
    """Return what is blind, and what came back lately, as far as the transaction's viewer may know of it."""
    rows = conn.execute(
        f"""{_SPOTS} where organisation_id = %s and (back_at is null or back_at > %s)
        order by back_at nulls first, since limit %s""",
        (organisation_id, back_since, MAX_SHOWN),
    )
    return [_spot(row) for row in rows]


def load_spots_of_case(conn: Connection, case_id: UUID) -> list[Spot]:
    """Return what is blind now of one case, and the readers that see nothing where its doors stand."""
    rows = conn.execute(
        f"""{_SPOTS} b where back_at is null and (case_id = %(c)s or (case_id is null and exists (
            select 1 from registry_doorentry d where d.case_id = %(c)s and d.organisation_id = b.organisation_id
                and d.is_active and (d.sites = '[]'::jsonb or d.sites || d.informs ? b.site_id::text))))
            and not exists (select 1 from registry_goneonpurpose g
                where g.case_id = b.case_id and g.subject_id = b.subject_id)
        order by since limit %(most)s""",  # noqa: S608 - constants
        {"c": case_id, "most": MAX_SHOWN},
    )
    return [_spot(row) for row in rows]


def load_named(conn: Connection, pairs: Iterable[tuple[UUID, UUID]]) -> dict[UUID, str]:
    """Return the names of these senders, posts, sites and places, and the words of cases, as far as the viewer may know them."""
    ids = [each for pair in pairs for each in pair]
    rows = conn.execute(
        """select id, name from registry_sender where id = any(%(ids)s)
        union all select id, name from registry_post where id = any(%(ids)s)
        union all select id, name from registry_site where id = any(%(ids)s)
        union all select id, name from registry_place where id = any(%(ids)s)
        union all select id, word from registry_case where id = any(%(ids)s)""",
        {"ids": ids},
    )
    return dict(rows.fetchall())


def load_zones(conn: Connection, organisation_id: UUID) -> dict[UUID, str]:
    """Return the time zones of the organisation's sites."""
    return dict(
        conn.execute(
            "select id, time_zone from registry_site where organisation_id = %s", (organisation_id,)
        ).fetchall()
    )


def load_shut_out(conn: Connection, organisation_id: UUID, case_id: UUID | None) -> frozenset[UUID]:
    """Return who is never told: the parties of the case; where it is everybody's, those of every case."""
    rows = conn.execute(
        """select person_id from registry_party
        where organisation_id = %(o)s and until is null and (%(c)s::uuid is null or case_id = %(c)s)
        union select colleague_id from registry_case
        where organisation_id = %(o)s and colleague_id is not null and closed_at is null
            and (%(c)s::uuid is null or id = %(c)s)""",
        {"o": organisation_id, "c": case_id},
    )
    return frozenset(row[0] for row in rows)


def _sender(row: Sequence[Any], what: What | None) -> Watcher:
    sender_id, organisation_id, site_id, case_id, interval_s, last_at, was_heard, is_wrong = row
    because = Because.SILENT if was_heard else Because.NEVER_HEARD
    return Watcher(
        what=what or (What.TRACKER if case_id else What.READER),
        subject_id=sender_id,
        organisation_id=organisation_id,
        site_id=site_id,
        case_id=case_id,
        interval_s=interval_s,
        last_at=last_at,
        because=Because.WRONG_CLOCK if is_wrong else because,
    )


def _revoked(row: Sequence[Any]) -> Watcher:
    sender_id, organisation_id, site_id, case_id, interval_s, revoked_at = row
    return Watcher(
        what=What.READER,
        subject_id=sender_id,
        organisation_id=organisation_id,
        site_id=site_id,
        case_id=case_id,
        interval_s=interval_s,
        last_at=revoked_at,
        because=Because.REVOKED,
    )


def _spot(row: Sequence[Any]) -> Spot:
    names = [name.strip() for name in _COLUMNS.split(",")]
    values = dict(zip(names, row, strict=True))
    values["what"], values["because"] = What(values["what"]), Because(values["because"])
    return Spot(**values)
