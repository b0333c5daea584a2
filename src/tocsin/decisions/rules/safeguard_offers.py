"""What is offered to her? Hers to take or to decline; nothing of it costs her pay, and no door asks what she chose."""

from typing import Final

from tocsin.decisions.rules.safeguard_kinds import (
    DAY,
    HEARD,
    HOT,
    STARTS,
    E,
    Event,
    OwnerRole,
    Template,
)


def _offer(
    code: str,
    owner: OwnerRole,
    events: frozenset[Event],
    words: tuple[str, str],
    how: tuple[str, str],
) -> Template:
    """Return what touches her; once she takes it, it is due within a day and before her next shift."""
    return Template(
        code=code,
        words=words,
        how=how,
        owner=owner,
        within_min=DAY,
        events=events,
        before_shift=True,
        touches_her=True,
    )


_HER_WAY: Final = STARTS | HOT
OFFERS: Final = (
    _offer(
        "shift",
        OwnerRole.HER_MANAGER,
        _HER_WAY,
        ("Another shift or another start and end", "Otro turno u otra hora de entrada y salida"),
        ("The pay stays the same.", "El sueldo no cambia."),
    ),
    _offer(
        "parking",
        OwnerRole.SHIFT_LEAD,
        _HER_WAY - {E.CUSTODY_UNKNOWN},
        ("A parking place at the door", "Una plaza de aparcamiento junto a la puerta"),
        (
            "Lit, seen by a camera, not always the same one.",
            "Con luz y cámara, no siempre la misma.",
        ),
    ),
    _offer(
        "station",
        OwnerRole.HER_MANAGER,
        _HER_WAY - {E.CUSTODY_UNKNOWN},
        ("Another room, desk or site", "Otra sala, otro puesto u otra sede"),
        ("The pay stays the same.", "El sueldo no cambia."),
    ),
    _offer(
        "camera_on_her_way",
        OwnerRole.SAFETY_LEAD,
        STARTS,
        ("A camera on the way to the car", "Una cámara en el camino al coche"),
        (
            "Somebody looks at it beforehand; nothing else is done with it.",
            "Alguien mira antes de que salga; nada más.",
        ),
    ),
    _offer(
        "pick_up",
        OwnerRole.SHIFT_LEAD,
        _HER_WAY,
        ("Company on the way to the car", "Compañía hasta el coche"),
        (
            "Also at the start of the shift, from the car to the door.",
            "También al entrar, del coche a la puerta.",
        ),
    ),
    _offer(
        "calls_answered",
        OwnerRole.HER_MANAGER,
        STARTS | HEARD,
        (
            "Others answer the work line and mail first",
            "Otros atienden antes la línea y el correo de trabajo",
        ),
        (
            "What comes from him is kept, not read out.",
            "Lo que venga de él se guarda, no se lee en voz alta.",
        ),
    ),
    _offer(
        "time_off",
        OwnerRole.HER_MANAGER,
        frozenset({E.ORDER_ENTERED, E.ORDER_HEARING, E.DIVORCE_SERVED}),
        (
            "Paid hours for court, police and lawyer",
            "Horas pagadas para juzgado, policía y abogado",
        ),
        ("No reason needs to be given to the team.", "No hace falta dar motivos al equipo."),
    ),
    _offer(
        "with_her_to_court",
        OwnerRole.SAFETY_LEAD,
        frozenset({E.ORDER_HEARING}),
        ("Company to the hearing", "Compañía a la vista"),
        ("An advocate or a colleague of her choice.", "Una defensora o la persona que ella elija."),
    ),
    _offer(
        "custody_notice",
        OwnerRole.SAFETY_LEAD,
        frozenset({E.ARRESTED}),
        (
            "Help to register for notices of his release",
            "Ayuda para inscribirse en los avisos de excarcelación",
        ),
        (
            "Whoever registers gets the notices, and forwards them here or does not.",
            "Los avisos llegan a quien se inscribe, que los reenvía aquí o no.",
        ),
    ),
    _offer(
        "ask_review",
        OwnerRole.SAFETY_LEAD,
        frozenset(
            {
                E.ORDER_ENTERED,
                E.ORDER_SERVED,
                E.ORDER_HEARING,
                E.DIVORCE_SERVED,
                E.ARRESTED,
                E.RELEASED,
                E.CUSTODY_UNKNOWN,
                E.WEAPON,
                E.SUICIDE_STATEMENT,
            }
        ),
        (
            "Go through the questions that a law asks, with somebody you choose",
            "Repasar las preguntas que hace una ley, con quien usted elija",
        ),
        (
            "Refuse, stop or delete it whenever you like. It changes nothing at the doors.",
            "Rechace, pare o borre cuando quiera. No cambia nada en las puertas.",
        ),
    ),
    _offer(
        "exchange_elsewhere",
        OwnerRole.SAFETY_LEAD,
        frozenset({E.CHILD_EXCHANGE}),
        ("Hand over the children away from work", "Entregar a los niños lejos del trabajo"),
        (
            "A neutral place with people around; time off for it is paid.",
            "Un lugar neutral con gente; el tiempo se paga.",
        ),
    ),
)
