"""Let whoever answers an open incident see what was seen in it, and say whether it is he. Policies only."""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.firewall import HERE

_SEES = f"""({HERE} and tocsin_sees_door(case_id) and (tocsin_sees_case(case_id) or exists (
    select 1 from decisions_incident i where i.id = incident_id and i.closed_at is null)))"""  # noqa: S608 - our own constant


class Migration(migrations.Migration):
    """The engine writes sightings; a person adds only what she says of one. A closed incident is for case readers."""

    dependencies: ClassVar = [
        ("signals", "0012_desk_count"),
        ("decisions", "0008_firewall"),
        ("registry", "0007_firewall"),
    ]
    operations: ClassVar = [
        migrations.RunSQL(
            f"""
            drop policy web_reads on signals_sighting;
            drop policy web_adds on signals_sighting;
            drop policy web_changes on signals_sighting;
            drop policy web_removes on signals_sighting;
            revoke all on signals_sighting from tocsin_web;
            grant select on signals_sighting to tocsin_web;
            grant update (judged, judged_by_id, judged_at, erase_at) on signals_sighting to tocsin_web;
            create policy web_reads on signals_sighting for select to tocsin_web using {_SEES};
            create policy web_changes on signals_sighting for update to tocsin_web using {_SEES} with check {_SEES};
            """
        ),
    ]
