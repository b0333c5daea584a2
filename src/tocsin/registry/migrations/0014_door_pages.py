"""Keep the first page that a guard may open for police, shown only once the look at it is on record. A new table, a column."""

from typing import ClassVar, Final

import django.db.models.deletion
from django.db import migrations, models

import tocsin.runtime.ids
from tocsin.runtime.row_security import protect

HERE: Final = "organisation_id = nullif(current_setting('app.organisation', true), '')::uuid"
# The look is a row of `registry_reading`, written in the transaction that reads (I19).
SECURITY: Final = f"""
create policy owner_asks on registry_reading for select to tocsin_owner using (true);
create policy owner_asks on registry_doorpage for select to tocsin_owner using (true);
create function tocsin_has_noted(the_case uuid, the_what text) returns boolean language sql stable security definer
    set search_path = public, pg_temp
    as $$ select exists (select 1 from registry_reading where case_id = the_case and person_id = tocsin_viewer()
          and what = the_what and read_at > now() - interval '10 minutes') $$;
create function tocsin_has_door_page(the_case uuid) returns boolean language sql stable security definer
    set search_path = public, pg_temp
    as $$ select tocsin_viewer() is not null and not tocsin_is_party(the_case) and exists (
          select 1 from registry_doorpage where case_id = the_case
          and organisation_id = nullif(current_setting('app.organisation', true), '')::uuid) $$;
revoke all on function tocsin_has_noted(uuid, text), tocsin_has_door_page(uuid) from public;
grant execute on function tocsin_has_noted(uuid, text), tocsin_has_door_page(uuid) to tocsin_web;
grant select, insert, update, delete on registry_doorpage to tocsin_web;
create policy web_reads on registry_doorpage for select to tocsin_web using ({HERE}
    and tocsin_sees_door(case_id) and (tocsin_sees_case(case_id) or tocsin_has_noted(case_id, 'first_page')));
create policy web_adds on registry_doorpage for insert to tocsin_web
    with check ({HERE} and tocsin_sees_case(case_id));
create policy web_changes on registry_doorpage for update to tocsin_web
    using ({HERE} and tocsin_sees_case(case_id)) with check ({HERE} and tocsin_sees_case(case_id));
create policy web_removes on registry_doorpage for delete to tocsin_web
    using ({HERE} and tocsin_sees_case(case_id));
"""  # noqa: S608 - constants of this file only


class Migration(migrations.Migration):
    """What a guard hands to police, and no more of the case."""

    dependencies: ClassVar = [("registry", "0013_crossing")]
    operations: ClassVar = [
        migrations.AddField("protectionorder", "review_asked_at", models.DateTimeField(null=True)),
        migrations.CreateModel(
            name="DoorPage",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tocsin.runtime.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("organisation_id", models.UUIDField()),
                ("typed_sealed", models.BinaryField()),
                ("picture_sealed", models.BinaryField(null=True)),
                ("picture_type", models.CharField(blank=True, default="", max_length=40)),
                ("made_at", models.DateTimeField()),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, to="registry.case"
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.RunSQL(protect("registry_doorpage", web="")),
        migrations.RunSQL(SECURITY),
    ]
