"""Which steps would a colleague on the other side notice? They are prepared, and released together."""

from typing import Final

from tocsin.decisions.rules.safeguard_kinds import (
    DAY,
    GOES,
    HOUR,
    STARTS,
    Event,
    OwnerRole,
    Template,
)


def _step(
    code: str,
    owner: OwnerRole,
    within_min: int,
    events: frozenset[Event],
    words: tuple[str, str],
    how: tuple[str, str],
) -> Template:
    """Return a step that a colleague would notice."""
    return Template(
        code=code,
        words=words,
        how=how,
        owner=owner,
        within_min=within_min,
        events=events,
        is_visible_step=True,
        only_colleague=True,
    )


VISIBLE_STEPS: Final = (
    _step(
        "accounts",
        OwnerRole.ADMIN,
        4 * HOUR,
        GOES,
        ("Close the accounts and end the sessions", "Cerrar las cuentas y terminar las sesiones"),
        (
            "Mail, roster, remote access, shared passwords. An SOS from the phone still calls.",
            "Correo, turnos, acceso remoto, claves compartidas. Un SOS del teléfono sigue avisando.",
        ),
    ),
    _step(
        "badge",
        OwnerRole.ADMIN,
        4 * HOUR,
        GOES,
        ("Take the badge out of every reader", "Quitar la credencial de todos los lectores"),
        (
            "It is refused with the reader's ordinary fault, without a word of why.",
            "Se rechaza con el fallo normal del lector, sin decir por qué.",
        ),
    ),
    _step(
        "keys",
        OwnerRole.SAFETY_LEAD,
        DAY,
        GOES,
        ("Get keys back, or change the locks", "Recuperar las llaves o cambiar las cerraduras"),
        (
            "Count them. A key not returned is a lock to change.",
            "Cuéntelas. Llave no devuelta, cerradura nueva.",
        ),
    ),
    _step(
        "radio_pager",
        OwnerRole.SHIFT_LEAD,
        8 * HOUR,
        GOES,
        ("Take radio and pager out of the groups", "Sacar radio y buscapersonas de los grupos"),
        (
            "Also scanners and apps that repeat the radio.",
            "También escáneres y aplicaciones que repiten la radio.",
        ),
    ),
    _step(
        "dispatch_screens",
        OwnerRole.SHIFT_LEAD,
        8 * HOUR,
        GOES,
        (
            "Close dispatch screens and shared boards",
            "Cerrar pantallas de despacho y tableros compartidos",
        ),
        (
            "Unit, crew, place and shift must not be readable.",
            "Unidad, equipo, lugar y turno no deben leerse.",
        ),
    ),
    _step(
        "vehicle_pool",
        OwnerRole.SHIFT_LEAD,
        DAY,
        GOES,
        ("Take the vehicles back out of reach", "Retirar los vehículos de su alcance"),
        (
            "Keys, fuel card, gate remote. A pool vehicle passes unnoticed.",
            "Llaves, tarjeta, mando. Un vehículo de la casa pasa inadvertido.",
        ),
    ),
    _step(
        "vehicle_tracking",
        OwnerRole.ADMIN,
        8 * HOUR,
        GOES,
        ("Close the maps of vehicles", "Cerrar los mapas de vehículos"),
        (
            "Shared links and installed apps too.",
            "También enlaces compartidos y aplicaciones instaladas.",
        ),
    ),
    _step(
        "group_chats",
        OwnerRole.HER_MANAGER,
        DAY,
        GOES,
        ("Move work talk to a new group", "Pasar las conversaciones de trabajo a otro grupo"),
        (
            "Old groups show who is where, and when.",
            "Los grupos viejos muestran quién está dónde y cuándo.",
        ),
    ),
    _step(
        "roster_apart",
        OwnerRole.HER_MANAGER,
        DAY,
        STARTS,
        ("Plan shifts, posts and sites apart", "Planificar turnos, puestos y sedes por separado"),
        (
            "His change, not hers. No pay of hers changes.",
            "El cambio es de él, no de ella. No toca su sueldo.",
        ),
    ),
    Template(
        code="door_codes",
        words=("Change the shared door codes", "Cambiar los códigos de puerta compartidos"),
        how=(
            "Hand the new ones to each person; no list, no chat.",
            "Entregue los nuevos a cada persona; ni listas ni chats.",
        ),
        owner=OwnerRole.ADMIN,
        within_min=DAY,
        events=GOES,
        before_shift=True,
        is_visible_step=True,
    ),
)
