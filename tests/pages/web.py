"""The web process of the pages' tests: the shipped one, in which a password costs a millisecond instead of a fifth of a second.

A sign-in is the beginning of most of these tests; what one costs is held to its figure in `test_sign_in.py`.
"""

import sys

from django.contrib.auth.hashers import ScryptPasswordHasher  # type: ignore[attr-defined]

from tocsin.console.__main__ import main

WORK_FACTOR = 16
PARALLELISM = 1


if __name__ == "__main__":
    ScryptPasswordHasher.work_factor = WORK_FACTOR
    ScryptPasswordHasher.parallelism = PARALLELISM
    sys.exit(main())
