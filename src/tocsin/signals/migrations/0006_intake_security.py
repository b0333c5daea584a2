"""Hide what a sender's messages left behind from whoever may not know of the sender. Locks small tables.

A door writes without a viewer; a page has one, and sees what its sender shows it.
"""

from typing import ClassVar, Final

from django.db import migrations

_HERE: Final = "organisation_id = nullif(current_setting('app.organisation', true), '')::uuid"
_DOOR: Final = f"({_HERE} and tocsin_viewer() is null)"
# The sender is read as the viewer, through its own wall.
_SENDER: Final = f"""({_HERE} and (tocsin_viewer() is null or sender_id is null
    or exists (select 1 from registry_sender s where s.id = sender_id)))"""  # noqa: S608 - constants
_FIX: Final = f"""({_HERE} and (case_id is null or tocsin_sees_case(case_id))
    and (person_id is null or not tocsin_is_kept_from(person_id)))"""


def _only(table: str, condition: str) -> str:
    return f"""drop policy web on {table};
    create policy web on {table} to tocsin_web using {condition} with check {condition};"""


class Migration(migrations.Migration):
    """Policies only."""

    dependencies: ClassVar = [("signals", "0005_custody_decided"), ("registry", "0008_senders")]
    operations: ClassVar = [
        migrations.RunSQL(_only("signals_nonce", _DOOR)),
        migrations.RunSQL(_only("signals_quarantined", _SENDER)),
        migrations.RunSQL(
            f"""drop policy web_reads on signals_fix;
            create policy web_reads on signals_fix for select to tocsin_web using {_FIX};"""
        ),
    ]
