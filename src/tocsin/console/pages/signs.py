"""Which badges and plates count as his, which of them somebody doubts, and which were his once?"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tocsin.console.pages.wishes import wish_shown
from tocsin.console.pages.words import name_of
from tocsin.registry.access import Viewer
from tocsin.registry.access_orders import OrdersView
from tocsin.registry.rules.known import signs_of, wish_against
from tocsin.registry.rules.not_his import Sign, SignKind


def signs_shown(view: OrdersView, viewer: Viewer, at: datetime) -> dict[str, Any]:
    """Return what the page of a case shows of his badges and plates, now and before."""
    him, names = view.case.respondent, view.names
    return {
        "signs": [
            _shown(sign) | {"wish": wish_shown(wish_against(him, sign, at), names, viewer, at)}
            for sign in signs_of(him)
        ],
        "plates": [
            (sign, wish_against(him, sign, at) is not None)
            for sign in signs_of(him)
            if sign.kind is SignKind.PLATE
        ],
        "signs_before": [
            _shown(one.sign)
            | {
                "asked_by": name_of(one.asked_by_id, names),
                "agreed_by": name_of(one.agreed_by_id, names),
                "at": one.agreed_at,
            }
            for one in him.not_his
            if one.agreed_at
        ],
    }


def sign_of(posted: Mapping[str, str]) -> Sign | None:
    """Return the badge or plate that a form names, as it was entered; None: neither."""
    kind = posted.get("kind", "")
    if kind not in set(SignKind):
        return None
    return Sign(SignKind(kind), posted.get("text", ""), posted.get("region", ""))


def _shown(sign: Sign) -> dict[str, Any]:
    words = _("Badge") if sign.kind is SignKind.BADGE else _("Plate")
    return {"sign": sign, "what": words}
