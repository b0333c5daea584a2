"""Do the migrations hold what the models say?"""

import subprocess
import sys

from tocsin.runtime import settings
from tocsin.runtime.postgres import Cluster
from tocsin.runtime.settings import Settings


def test_no_model_has_changed_without_a_migration(
    cluster: Cluster, cluster_settings: Settings
) -> None:
    assert cluster.pid
    command = ["tocsin.console.manage", "makemigrations", "--check", "--dry-run"]
    done = subprocess.run(
        [sys.executable, "-m", *command],
        env=settings.environment({"TOCSIN_DATA": str(cluster_settings.data_dir)}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
