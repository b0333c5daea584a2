"""Show whoever wrote a number down as hers what came from there without a code: perhaps he wrote it himself.

He would see that it is missing, and know of an order. Words that stand on an incident of which he must not hear stay hidden,
and so does every other text of hers. A column and a policy; locks the table shortly. Older texts stay hidden from him.
"""

from typing import ClassVar

from django.db import migrations, models

from tocsin.runtime.firewall import OF_PERSON, keep_from

_OF_INCIDENTS = "not exists (select 1 from unnest(incident_ids) as told(id) where tocsin_is_hidden_incident(told.id))"
# As it says of everybody: what it asks is read as the viewer. Nobody else is anybody's maker.
_WROTE_WAY = """
create function tocsin_wrote_way(the_contact uuid) returns boolean language sql stable
    as $$ select tocsin_viewer() is not null and exists (select 1 from registry_contactmethod
          where id = the_contact and tocsin_viewer() in (made_by_id, confirmed_by_id)) $$;
"""
_WHOSE = f"(person_id is null or {OF_PERSON} or (meaning = 'doubted' and tocsin_wrote_way(contact_id)))"


class Migration(migrations.Migration):
    """A column without a default rewrites nothing. Code that does not know it goes on."""

    dependencies: ClassVar = [("signals", "0018_told_reports"), ("registry", "0049_his_friends")]
    operations: ClassVar = [
        migrations.AddField("textreceived", "contact_id", models.UUIDField(null=True)),
        migrations.RunSQL(_WROTE_WAY),
        migrations.RunSQL("drop policy firewall on signals_textreceived"),
        migrations.RunSQL(keep_from("signals_textreceived", f"{_WHOSE} and {_OF_INCIDENTS}")),
    ]
