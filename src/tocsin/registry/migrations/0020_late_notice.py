"""When was it said that a respondent should have been told of a house rule by now?"""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two marks on a house rule: its owner was told, and the leads were."""

    dependencies: ClassVar = [("registry", "0019_party_again")]

    operations: ClassVar = [
        migrations.AddField("houserule", "notice_told_at", models.DateTimeField(null=True)),
        migrations.AddField("houserule", "notice_led_at", models.DateTimeField(null=True)),
    ]
