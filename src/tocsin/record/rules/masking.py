"""Which case is it? What an export says instead to whoever may not read that case."""

import re
from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

# No case has it.
MASK: Final = UUID(int=0)
_NAMED: Final = re.compile(
    rb'"case":"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"'
)


def masked(leaves: Sequence[bytes], may_read: Callable[[UUID], bool]) -> list[bytes]:
    """Return the leaves with `MASK` wherever one of them has the id of a case that one names and `may_read` refuses.

    A leaf stays as long as it was, and as well-formed; one that names none stays as it is.
    """
    named = {UUID(found.decode()) for leaf in leaves for found in _NAMED.findall(leaf)}
    hidden = [case_id for case_id in named if not may_read(case_id)]
    found = list(leaves)
    for case_id in hidden:
        found = [leaf.replace(str(case_id).encode(), str(MASK).encode()) for leaf in found]
    return found
