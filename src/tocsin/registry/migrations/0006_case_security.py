"""Force row-level security on what is held about cases: nobody on the other side reads a row. Locks empty tables."""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.row_security import (
    FIREWALL,
    let_the_door_match,
    protect_all,
    protect_case,
)


class Migration(migrations.Migration):
    """No table is ever readable without it."""

    dependencies: ClassVar = [("registry", "0005_cases")]
    operations: ClassVar = [
        migrations.RunSQL(FIREWALL),
        migrations.RunSQL(protect_case("registry_case", case="id")),
        *[
            migrations.RunSQL(protect_case(f"registry_{table}"))
            for table in (
                "party",
                "grant",
                "protectionorder",
                "orderfact",
                "orderdocument",
                "houserule",
                "sender",
            )
        ],
        *[
            migrations.RunSQL(protect_case(f"registry_{table}", sees="tocsin_sees_door"))
            for table in ("casekey", "doorentry")
        ],
        migrations.RunSQL(protect_all("registry_fleetvehicle", "registry_fleetkey")),
        *[
            migrations.RunSQL(let_the_door_match(f"registry_{table}"))
            for table in ("casekey", "doorentry", "fleetvehicle", "fleetkey")
        ],
    ]
