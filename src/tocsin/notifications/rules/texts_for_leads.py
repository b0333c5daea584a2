"""What is the duty lead told that needs looking at, and is no alarm? In both languages; `templates.py` makes texts of it."""

from collections.abc import Mapping
from typing import Final

from tocsin.notifications.rules.due import BLOCKED, MAIL_KEPT, STOP_HEARD, UNPLANNED

FOR_LEADS: Final[Mapping[str, tuple[str, str]]] = {
    "look_unwatched": (
        "Tocsin: in {minutes} min nobody at {site} can look at the way out. Find somebody.",
        "Tocsin: en {minutes} min nadie en {site} podrá mirar la salida. Busque a alguien.",
    ),
    "lead_uncovered": (
        "Tocsin: {site} is not covered in {minutes} min. Too few are proven reachable.",
        "Tocsin: {site} queda sin cobertura en {minutes} min. Falta gente localizable.",
    ),
    UNPLANNED: (
        "Tocsin: the roster of {site} cannot be followed: shifts are missing. See its page.",
        "Tocsin: no se puede seguir el cuadrante de {site}: faltan turnos. Mire su página.",
    ),
    "task_due": (
        "Tocsin: something at {site} needs you and cannot wait. Sign in to see it.",
        "Tocsin: algo en {site} le necesita y no puede esperar. Entre para verlo.",
    ),
    "blind": (
        "Tocsin: something that should see sees nothing ({site}). Sign in to see which.",
        "Tocsin: algo que debería ver no ve nada ({site}). Entre para ver qué es.",
    ),
    "sees": (
        "Tocsin: what saw nothing sees again ({site}). Sign in to see it.",
        "Tocsin: lo que no veía nada vuelve a ver ({site}). Entre para verlo.",
    ),
    STOP_HEARD: (
        "Tocsin: somebody at {site} texted STOP. Nothing is off here, but the carrier may block our texts now. See Reachable.",
        "Tocsin: alguien en {site} escribió STOP. Aquí nada se apaga, pero la operadora puede bloquear los SMS. Vea Localizables.",
    ),
    BLOCKED: (
        "Tocsin: the carrier blocks our texts to somebody at {site} since STOP was texted. START undoes it. See Reachable.",
        "Tocsin: la operadora bloquea nuestros SMS a alguien en {site} desde un STOP. Se evita con START. Vea Localizables.",
    ),
    MAIL_KEPT: (
        "Tocsin: a notice by mail could not be taken in ({site}); nobody knows what it says. Have the server looked at now.",
        "Tocsin: un aviso por correo no pudo recibirse ({site}); nadie sabe qué dice. Que miren el servidor ahora.",
    ),
}
