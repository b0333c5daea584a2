"""Give every case a log of its own: the size of the employer's log must tell a respondent nothing (I11).

Locks `record_entry` for a new column, once over what is sealed, and a new unique index in the place of the old one.
"""

from typing import ClassVar

from django.db import migrations, models

from tocsin.runtime.case_logs import FILL

# The function as it was then; `runtime/case_logs.py` has it as it is.
CASE_LOGS = """
create policy owner_asks on record_entry for select to tocsin_owner using (true);
create function tocsin_log_of(the_organisation uuid, the_incident uuid, the_kind text, the_leaf bytea) returns uuid
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$
    declare
        found uuid;
        body jsonb;
    begin
        if not exists (select 1 from registry_case where organisation_id = the_organisation) then
            return null;
        end if;
        if the_incident is not null then
            select log_id into found from record_entry
                where organisation_id = the_organisation and incident_id = the_incident and log_id is not null limit 1;
            if found is not null then
                return nullif(found, the_organisation);
            end if;
            select coalesce(i.case_id, (select c.id from registry_case c
                where c.protected_id = i.person_id and not i.is_drill order by c.opened_at limit 1))
                into found from decisions_incident i where i.id = the_incident;
            if found is not null then
                return found;
            end if;
        end if;
        body := convert_from(the_leaf, 'utf8')::jsonb -> 'body';
        select id into found from registry_case where organisation_id = the_organisation and id in (
            (body ->> 'case')::uuid, (body -> 'cases' ->> 0)::uuid,
            case when the_kind like 'record.%' then (body ->> 'subject')::uuid end) limit 1;
        if found is null and the_kind ~ '^(sos|walk|hold|look|cancel|watch)\\.' then
            select id into found from registry_case
                where organisation_id = the_organisation and protected_id = (body ->> 'person')::uuid
                order by opened_at limit 1;
        end if;
        return found;
    exception when others then
        return null;
    end $$;
revoke all on function tocsin_log_of(uuid, uuid, text, bytea) from public;
grant execute on function tocsin_log_of(uuid, uuid, text, bytea) to tocsin_web, tocsin_engine;
grant update (seq, log_id) on record_entry to tocsin_engine;
create policy firewall on record_entry as restrictive for select to tocsin_web using (
    (select tocsin_is_no_party())
    or not coalesce(tocsin_is_party(coalesce(log_id, tocsin_log_of(organisation_id, incident_id, kind, leaf))), false));
create policy web_case on record_head for select to tocsin_web using (tocsin_case_word(organisation_id) is not null);
"""


class Migration(migrations.Migration):
    """What was sealed before stays where it is; `log_id` says in which log an entry has its number."""

    dependencies: ClassVar = [
        ("record", "0004_account_security"),
        ("decisions", "0008_firewall"),
    ]
    operations: ClassVar = [
        migrations.AddField("entry", "log_id", models.UUIDField(null=True)),
        migrations.RunSQL(FILL),
        migrations.RemoveConstraint("entry", "entry_seq"),
        migrations.AddConstraint(
            "entry", models.UniqueConstraint(fields=["log_id", "seq"], name="entry_seq")
        ),
        migrations.RunSQL(CASE_LOGS),
    ]
