"""Which order do the values of a valid form say? From wall times to instants, from lines to facts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from tocsin.registry.rules.house_rule import Ground, Notice
from tocsin.registry.rules.order import End, FactKind, Family, StayAway
from tocsin.registry.rules.order_document import Elsewhere, OrderBody, Respondent
from tocsin.registry.rules.order_entry import BESIDE, NOT_HERE, SOURCES, OrderDraft, RuleDraft, When
from tocsin.registry.rules.wall_time import earliest, latest

_TOLD_WHERE_HE_IS: Final = frozenset({FactKind.SERVED, FactKind.TOLD_ORALLY})


def draft_of(values: dict[str, Any], names: dict[UUID, str], *, here: str) -> OrderDraft:
    """Return the draft that a valid form holds.

    `names`: of people here, for a colleague without a typed name. `here`: the time zone of this work place.
    """
    zone = ZoneInfo(values["court_time_zone"])
    notice = FactKind(values["notice"]) if values["notice"] else None
    colleague = None if values["colleague"] == NOT_HERE else _id(values["colleague"])
    name = values["respondent_name"].strip() or (names.get(colleague, "") if colleague else "")
    return OrderDraft(
        protected_id=_id(values["protected"]),
        colleague_id=colleague,
        linked_ids=tuple(UUID(one) for one in values["linked"]),
        advocate_id=_id(values["advocate"]),
        respondent=_respondent(values, name),
        court_time_zone=values["court_time_zone"],
        family=Family(values["family"]),
        body=_body(values),
        conditions=tuple(sorted(values["conditions"])),
        stay_away=_stay_away(values),
        has_firearm_mark=values["has_firearm_mark"] or "07" in values["conditions"],
        is_mutual=values["is_mutual"],
        issued=when_of_values(values, "issued", zone) or When(),
        effective=when_of_values(values, "effective", zone),
        end=end_of_values(values, zone),
        notice=notice,
        notice_when=told_of_values(values, "notice", notice, (zone, ZoneInfo(here))) or When(),
        hearing=when_of_values(values, "hearing", zone),
        source=values["source"] or SOURCES[0],
        supersedes_id=None if values["supersedes"] == BESIDE else _id(values["supersedes"]),
        supersedes_when_served=not values["supersedes_at_once"],
        house_rule=rule_of(values) if values["with_rule"] else None,
        photo=values["photo"],
        document=values["document"],
        first_page=values["first_page"],
    )


def rule_of(values: dict[str, Any]) -> RuleDraft:
    """Return the house rule that a valid form holds."""
    days, delay = values.get("rule_days"), values.get("rule_delay_days")
    return RuleDraft(
        ground=Ground(values.get("rule_ground") or Ground.ORDER),
        contest=values.get("rule_contest") or "",
        lasts=timedelta(days=max(-1, min(days, 10_000)) if days is not None else 30),
        notice=Notice(values.get("rule_notice") or Notice.DELAYED),
        delay=timedelta(days=max(-1, min(delay, 10_000)) if delay is not None else 7),
        reason=values.get("rule_reason") or "",
    )


def known_of(values: dict[str, Any]) -> Respondent:
    """Return what more is known of him, as a valid `KnownForm` says it."""
    return _respondent(values | {"relation": ""}, "")


def _respondent(values: dict[str, Any], name: str) -> Respondent:
    return Respondent(
        name=name,
        aliases=values["aliases"],
        born_on=values["respondent_born_on"],
        description=values["description"],
        relation=values["relation"],
        phones=values["phones"],
        badges=values["badges"],
        plates=values["plates"],
        vehicles=values["vehicles"],
        addresses=values["addresses"],
    )


def _body(values: dict[str, Any]) -> OrderBody:
    return OrderBody(
        court=values["court"],
        docket=values["docket"],
        petitioner=values["petitioner"],
        others=values["others"],
        elsewhere=_elsewhere(values["elsewhere"], values["elsewhere_area"]),
        terms=values["terms"],
        findings=values["findings"],
        caution=values["caution"],
        her_word=values["her_word"],
        her_ground=values["her_ground"],
    )


def _elsewhere(named: tuple[Elsewhere, ...], area: dict[str, Any] | None) -> tuple[Elsewhere, ...]:
    """Return the places that are not ours; an area is of the only one that was named, else one more."""
    if area is None:
        return named
    if len(named) == 1:
        return (replace(named[0], geometry=area),)
    return (*named, Elsewhere(str(_("drawn area")), None, area))


def _stay_away(values: dict[str, Any]) -> tuple[StayAway, ...]:
    by = values["away_metres"] or 0
    found = []
    for one in values["away_from"]:
        kind, _colon, name = one.partition(":")
        row = UUID(name)
        found.append(StayAway(by, row, None) if kind == "site" else StayAway(by, None, row))
    if values["away_her_metres"]:
        found.append(StayAway(values["away_her_metres"]))
    return tuple(found)


def when_of_values(values: dict[str, Any], name: str, zone: ZoneInfo) -> When | None:
    """Return when, by the clock of `zone`: an instant, a day, or None for nothing."""
    day, clock = values[f"{name}_on"], values[f"{name}_time"]
    if day is None:
        return None
    if clock is None:
        return When(on=day)
    return When(at=earliest(datetime.combine(day, clock), zone).astimezone(UTC))


def told_of_values(
    values: dict[str, Any], name: str, kind: FactKind | None, clocks: tuple[ZoneInfo, ZoneInfo]
) -> When | None:
    """Return when something happened, by the court's clock; that he was told, by the later of it and ours.

    He is told where he is, and a paper says no zone: enforceable is never said of an hour before he was told. A day is
    the court's.
    """
    court, here = clocks
    said = when_of_values(values, name, court)
    if said is None or said.at is None or kind not in _TOLD_WHERE_HE_IS:
        return said
    ours = when_of_values(values, name, here)
    return ours if ours and ours.at and ours.at > said.at else said


def end_of_values(values: dict[str, Any], zone: ZoneInfo) -> End | None:
    """Return the end that is said, or None."""
    day, clock = values["ends_on"], values["ends_time"]
    if day is None:
        return End() if values["has_open_end"] else None
    # An end in a repeated hour is its second reading: the protection is never the shorter one.
    return End(at=latest(datetime.combine(day, clock), zone)) if clock else End(on=day)


def _id(text: str) -> UUID | None:
    return UUID(text) if text else None
