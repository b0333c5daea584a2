"""Which measures does a fact open, who owns each, and by when?

Data only: adding a measure is adding a line in `safeguard_steps.py`, `safeguard_quiet.py` or `safeguard_offers.py`. What *touches
her* (her shift, her place, her way) is only ever offered. A *visible step* is one that a colleague on the other side
would notice: it is prepared, and released with the others.
"""

from typing import Final

from tocsin.decisions.rules.safeguard_kinds import Event, OwnerRole, Template
from tocsin.decisions.rules.safeguard_offers import OFFERS
from tocsin.decisions.rules.safeguard_quiet import QUIET
from tocsin.decisions.rules.safeguard_steps import VISIBLE_STEPS

__all__ = [
    "BEFORE_SHIFT",
    "BY_CODE",
    "OFFERS",
    "QUIET",
    "TEMPLATES",
    "VISIBLE_STEPS",
    "Event",
    "OwnerRole",
    "Template",
    "opened_by",
]

TEMPLATES: Final = (*VISIBLE_STEPS, *QUIET, *OFFERS)
BY_CODE: Final = {template.code: template for template in TEMPLATES}
BEFORE_SHIFT: Final = tuple(t.code for t in TEMPLATES if t.before_shift)


def opened_by(event: Event) -> tuple[Template, ...]:
    """Return the measures that a fact opens."""
    return tuple(template for template in TEMPLATES if event in template.events)
