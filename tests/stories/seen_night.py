"""How do the stories of sightings run? The night at Harbour, and a respondent who is seen at it."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from uuid import UUID

from tests import cast
from tests.builders import a_duty
from tests.simulation.sighting import CASES, HERS, ONLY_RULE, OVER, PLACE, Hit
from tests.snapshots import HARBOUR_SITE, NIGHT, a_stint
from tests.stories.night_shift import NightShift
from tocsin.decisions.rules.incident import Incident
from tocsin.flow.alarms import Change
from tocsin.flow.compare_sighting import compare_sighting
from tocsin.flow.locate_respondent import locate_respondent
from tocsin.flow.memory_sightings import MemorySightings
from tocsin.flow.report_sighting import report_sighting
from tocsin.flow.respond import Refused
from tocsin.signals.rules.seen import Seen, Source


class SeenNight(NightShift):
    """A night in which somebody is seen. Rex is on duty with the others, and must learn nothing."""

    def __init__(self) -> None:
        """Gus keeps the front door."""
        stints = [a_stint(player, HARBOUR_SITE) for player in (*NIGHT, cast.RESPONDENT)]
        gus = a_duty(cast.GUARD, site_id=HARBOUR_SITE.id, post_id=cast.FRONT_DOOR)
        stints = [replace(s, duty=gus) if s.duty.person_id == cast.GUARD.id else s for s in stints]
        parties: Mapping[UUID, frozenset[UUID]] = MappingProxyType(
            {case.case_id: case.parties for case in CASES}
        )
        super().__init__(stints=tuple(stints), parties=parties)
        self.sightings = MemorySightings(self.alarms, {case.case_id: case for case in CASES})

    def sees(self, case: UUID = HERS, certainty: str = "certain", track: str = "") -> list[Change]:
        """Let something of his be seen at Harbour."""
        at = self.clock.now()
        seen = Seen(
            organisation_id=cast.HARBOUR_EMS,
            source=Source.PLATE,
            track=track or self.key(),
            seen_at=at,
            heard_at=at,
            site_id=HARBOUR_SITE.id,
        )
        return report_sighting(
            self.alarms, self.sightings, seen, [Hit(case, certainty)], ids=self.ids
        )

    def compares(self, who: cast.Player, *, is_he: bool) -> Change | Refused:
        """Let somebody compare what was seen last with the photograph."""
        row = list(self.sightings.rows.values())[-1]
        return compare_sighting(
            self.alarms,
            self.sightings,
            cast.HARBOUR_EMS,
            row.id,
            by=who.id,
            is_he=is_he,
            ids=self.ids,
        )

    def hears_from_jail(self, case: UUID = HERS) -> list[Change]:
        """Let Sefa record that the jail holds him."""
        return locate_respondent(
            self.alarms,
            self.sightings,
            cast.HARBOUR_EMS,
            case,
            by=cast.SAFETY_LEAD.id,
            source="jail",
            ids=self.ids,
        )

    def texts_to(self, who: cast.Player, incident: Incident) -> set[str]:
        """Return which texts somebody was sent about it."""
        return {d.template for d in self.messages(incident) if d.person_id == who.id}


__all__ = ["HERS", "ONLY_RULE", "OVER", "PLACE", "SeenNight"]
