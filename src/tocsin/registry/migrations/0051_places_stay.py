"""Take from the role `web` what no page does: to change or remove a named place, or a post, that somebody has written down.

Her way out and where people stand watch hang on them. A statement of a party's own found no wall there. Grants only.
"""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    """Locks nothing for longer than it takes to say so; no code before this used it."""

    dependencies: ClassVar = [("registry", "0049_his_friends")]
    operations: ClassVar = [
        migrations.RunSQL("revoke update, delete on registry_place, registry_post from tocsin_web"),
    ]
