"""Which measures does a fact open, who owns each, and by when?

Data only: adding a measure is adding a line. What *touches her* (her shift, her place, her way) is only ever offered.
A *visible step* is one that a colleague on the other side would notice: it is prepared, and released with the others.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Event(StrEnum):
    """A fact that opens safeguards. `DISCHARGED`: of a hospital, and only if somebody told us of it."""

    ORDER_ENTERED = "order.entered"
    ORDER_SERVED = "order.served"
    ORDER_HEARING = "order.hearing"
    ORDER_CHANGED = "order.changed"
    ARRESTED = "custody.arrest"
    RELEASED = "custody.release"
    CUSTODY_UNKNOWN = "custody.unknown"
    MEETING_PLANNED = "work.meeting"
    SUSPENDED = "work.suspended"
    DISMISSED = "work.dismissed"
    DIVORCE_SERVED = "divorce.served"
    THREAT = "threat.heard"
    SUICIDE_STATEMENT = "threat.suicide"
    WEAPON = "threat.weapon"
    DISCHARGED = "discharge.told"
    CHILD_EXCHANGE = "child.exchange"
    INCIDENT = "incident.open"


class OwnerRole(StrEnum):
    """Who owns a measure unless somebody else is named. `HER_MANAGER`: the protected person's own."""

    SAFETY_LEAD = "safety_lead"
    SHIFT_LEAD = "shift_lead"
    ADMIN = "admin"
    HER_MANAGER = "manager"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One measure. `words`: what is to be done; `how`: the one thing to know about it; both English, Spanish.

    `within_min`: minutes from the fact. `before_shift`: in any case before her next shift begins.
    `only_colleague`: makes sense only if the respondent works here, or did.
    """

    code: str
    words: tuple[str, str]
    how: tuple[str, str]
    owner: OwnerRole
    within_min: int
    events: frozenset[Event]
    before_shift: bool = False
    touches_her: bool = False
    is_visible_step: bool = False
    only_colleague: bool = False


_HOUR: Final = 60
_DAY: Final = 24 * _HOUR
_E = Event
_STARTS: Final = frozenset({_E.ORDER_ENTERED})
_GOES: Final = frozenset({_E.ORDER_ENTERED, _E.SUSPENDED, _E.DISMISSED})
# Days on which he learns something, is free, or said something: what a door must know before she comes.
_HOT: Final = frozenset(
    {
        _E.ORDER_SERVED,
        _E.RELEASED,
        _E.CUSTODY_UNKNOWN,
        _E.SUSPENDED,
        _E.DISMISSED,
        _E.DIVORCE_SERVED,
        _E.THREAT,
        _E.SUICIDE_STATEMENT,
        _E.WEAPON,
        _E.DISCHARGED,
    }
)
_HEARD: Final = frozenset({_E.THREAT, _E.SUICIDE_STATEMENT, _E.WEAPON})


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
        within_min=_DAY,
        events=events,
        before_shift=True,
        touches_her=True,
    )


VISIBLE_STEPS: Final = (
    _step(
        "accounts",
        OwnerRole.ADMIN,
        4 * _HOUR,
        _GOES,
        ("Close the accounts and end the sessions", "Cerrar las cuentas y terminar las sesiones"),
        (
            "Mail, roster, remote access, shared passwords. An SOS from the phone still calls.",
            "Correo, turnos, acceso remoto, claves compartidas. Un SOS del teléfono sigue avisando.",
        ),
    ),
    _step(
        "badge",
        OwnerRole.ADMIN,
        4 * _HOUR,
        _GOES,
        ("Take the badge out of every reader", "Quitar la credencial de todos los lectores"),
        (
            "It is refused with the reader's ordinary fault, without a word of why.",
            "Se rechaza con el fallo normal del lector, sin decir por qué.",
        ),
    ),
    _step(
        "keys",
        OwnerRole.SAFETY_LEAD,
        _DAY,
        _GOES,
        ("Get keys back, or change the locks", "Recuperar las llaves o cambiar las cerraduras"),
        (
            "Count them. A key not returned is a lock to change.",
            "Cuéntelas. Llave no devuelta, cerradura nueva.",
        ),
    ),
    _step(
        "radio_pager",
        OwnerRole.SHIFT_LEAD,
        8 * _HOUR,
        _GOES,
        ("Take radio and pager out of the groups", "Sacar radio y buscapersonas de los grupos"),
        (
            "Also scanners and apps that repeat the radio.",
            "También escáneres y aplicaciones que repiten la radio.",
        ),
    ),
    _step(
        "dispatch_screens",
        OwnerRole.SHIFT_LEAD,
        8 * _HOUR,
        _GOES,
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
        _DAY,
        _GOES,
        ("Take the vehicles back out of reach", "Retirar los vehículos de su alcance"),
        (
            "Keys, fuel card, gate remote. A pool vehicle passes unnoticed.",
            "Llaves, tarjeta, mando. Un vehículo de la casa pasa inadvertido.",
        ),
    ),
    _step(
        "vehicle_tracking",
        OwnerRole.ADMIN,
        8 * _HOUR,
        _GOES,
        ("Close the maps of vehicles", "Cerrar los mapas de vehículos"),
        (
            "Shared links and installed apps too.",
            "También enlaces compartidos y aplicaciones instaladas.",
        ),
    ),
    _step(
        "group_chats",
        OwnerRole.HER_MANAGER,
        _DAY,
        _GOES,
        ("Move work talk to a new group", "Pasar las conversaciones de trabajo a otro grupo"),
        (
            "Old groups show who is where, and when.",
            "Los grupos viejos muestran quién está dónde y cuándo.",
        ),
    ),
    _step(
        "roster_apart",
        OwnerRole.HER_MANAGER,
        _DAY,
        _STARTS,
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
        within_min=_DAY,
        events=_GOES,
        before_shift=True,
        is_visible_step=True,
    ),
)

QUIET: Final = (
    Template(
        code="posts_briefed",
        words=("Every post has read the briefing", "Todos los puestos han leído la consigna"),
        how=(
            "Receipts on the briefing page; the door card is up to date.",
            "Acuses en la página; la ficha de puerta, al día.",
        ),
        owner=OwnerRole.SHIFT_LEAD,
        within_min=_HOUR,
        events=_HOT | {_E.ORDER_ENTERED, _E.ORDER_CHANGED, _E.CHILD_EXCHANGE},
        before_shift=True,
    ),
    Template(
        code="cameras",
        words=(
            "Look that cameras see the doors, the way and the lot",
            "Comprobar que las cámaras ven puertas, camino y aparcamiento",
        ),
        how=(
            "Look at a picture of now, also at night.",
            "Mire una imagen de ahora, también de noche.",
        ),
        owner=OwnerRole.SAFETY_LEAD,
        within_min=4 * _HOUR,
        events=_STARTS | {_E.RELEASED, _E.THREAT, _E.WEAPON},
        before_shift=True,
    ),
    Template(
        code="recordings",
        words=(
            "Keep the recordings of the last days",
            "Conservar las grabaciones de los últimos días",
        ),
        how=("Most are overwritten within days.", "La mayoría se borra en pocos días."),
        owner=OwnerRole.SAFETY_LEAD,
        within_min=8 * _HOUR,
        events=_STARTS | _HEARD,
    ),
    Template(
        code="plan_release",
        words=(
            "Choose with her when the visible steps are released",
            "Elegir con ella cuándo se hacen los pasos visibles",
        ),
        how=(
            "Until then nothing that he can see changes.",
            "Hasta entonces no cambia nada que él pueda ver.",
        ),
        owner=OwnerRole.SAFETY_LEAD,
        within_min=_DAY,
        events=_STARTS | {_E.ORDER_SERVED, _E.MEETING_PLANNED, _E.SUSPENDED, _E.DISMISSED},
        only_colleague=True,
    ),
    Template(
        code="hearing_day",
        words=("Plan the day of the hearing", "Planificar el día de la vista"),
        how=(
            "A second person at the post, that day and the next.",
            "Una segunda persona en el puesto, ese día y el siguiente.",
        ),
        owner=OwnerRole.SAFETY_LEAD,
        within_min=_DAY,
        events=frozenset({_E.ORDER_HEARING}),
    ),
    Template(
        code="stay_away_checked",
        words=(
            "Check places and distances against the new order",
            "Comprobar lugares y distancias con la orden nueva",
        ),
        how=(
            "Two people read it. The door keeps its posture meanwhile.",
            "La leen dos personas. La puerta mantiene su postura.",
        ),
        owner=OwnerRole.SAFETY_LEAD,
        within_min=4 * _HOUR,
        events=frozenset({_E.ORDER_CHANGED}),
    ),
    Template(
        code="ask_custody",
        words=(
            "Ask who holds him and who will say that he is free",
            "Preguntar quién lo custodia y quién avisará si sale",
        ),
        how=(
            "Until a person confirms it, he counts as free.",
            "Hasta que alguien lo confirme, cuenta como libre.",
        ),
        owner=OwnerRole.SAFETY_LEAD,
        within_min=2 * _HOUR,
        events=frozenset({_E.ARRESTED, _E.CUSTODY_UNKNOWN, _E.DISCHARGED}),
        before_shift=True,
    ),
    Template(
        code="meeting_plan",
        words=(
            "Plan the meeting at which he is told",
            "Planificar la reunión en que se le comunica",
        ),
        how=(
            "A day she is not there, two people, near the door; what he hands over, who walks out with him.",
            "Un día sin ella, dos personas, cerca de la puerta; qué entrega y quién lo acompaña.",
        ),
        owner=OwnerRole.SAFETY_LEAD,
        within_min=8 * _HOUR,
        events=frozenset({_E.MEETING_PLANNED, _E.SUSPENDED, _E.DISMISSED}),
        only_colleague=True,
    ),
    Template(
        code="second_at_post",
        words=("Put a second person at the post", "Poner una segunda persona en el puesto"),
        how=(
            "From an hour before her shift to an hour after.",
            "Desde una hora antes de su turno hasta una después.",
        ),
        owner=OwnerRole.SHIFT_LEAD,
        within_min=4 * _HOUR,
        events=_HOT - {_E.CUSTODY_UNKNOWN},
        before_shift=True,
    ),
    Template(
        code="words_kept",
        words=("Keep what was said, as it was said", "Conservar lo dicho, tal como se dijo"),
        how=(
            "Message, recording, who heard it and when. Do not answer it.",
            "Mensaje, grabación, quién lo oyó y cuándo. No responda.",
        ),
        owner=OwnerRole.SAFETY_LEAD,
        within_min=2 * _HOUR,
        events=_HEARD,
    ),
    Template(
        code="welfare_check",
        words=("Ask the police to look after him", "Pedir a la policía que compruebe su estado"),
        how=(
            "A statement about dying is a danger to her too. Do not call him, do not go.",
            "Hablar de morir es también un peligro para ella. No le llame, no vaya.",
        ),
        owner=OwnerRole.SAFETY_LEAD,
        within_min=_HOUR,
        events=frozenset({_E.SUICIDE_STATEMENT}),
        before_shift=True,
    ),
    Template(
        code="weapon_told",
        words=(
            "Tell police and posts that a weapon was named",
            "Decir a policía y puestos que se habló de un arma",
        ),
        how=(
            "Whether the court ordered it handed in, and whether it was.",
            "Si el juez ordenó entregarla y si se entregó.",
        ),
        owner=OwnerRole.SAFETY_LEAD,
        within_min=_HOUR,
        events=frozenset({_E.WEAPON}),
        before_shift=True,
    ),
    Template(
        code="other_sites",
        words=("Tell the other sites", "Avisar a las otras sedes"),
        how=("Lock, step back, call, press.", "Cerrar, apartarse, llamar, pulsar."),
        owner=OwnerRole.SHIFT_LEAD,
        within_min=10,
        events=frozenset({_E.INCIDENT}),
    ),
    Template(
        code="crews_in_vehicles",
        words=(
            "Tell the crews in vehicles; hold them off",
            "Avisar a los equipos en vehículos; que no se acerquen",
        ),
        how=(
            "Nobody drives up until police say so.",
            "Nadie se acerca hasta que lo diga la policía.",
        ),
        owner=OwnerRole.SHIFT_LEAD,
        within_min=10,
        events=frozenset({_E.INCIDENT}),
    ),
    Template(
        code="childrens_carers",
        words=("Tell who looks after the children", "Avisar a quien cuida de los niños"),
        how=(
            "School, day care, grandparents: whom she named beforehand.",
            "Escuela, guardería, abuelos: a quien ella nombró antes.",
        ),
        owner=OwnerRole.SAFETY_LEAD,
        within_min=15,
        events=frozenset({_E.INCIDENT}),
    ),
    Template(
        code="people_close",
        words=("Tell the people close to her", "Avisar a las personas cercanas a ella"),
        how=("Only whom she named beforehand.", "Solo a quien ella nombró antes."),
        owner=OwnerRole.SAFETY_LEAD,
        within_min=15,
        events=frozenset({_E.INCIDENT}),
    ),
)

_HER_WAY: Final = _STARTS | _HOT
OFFERS: Final = (
    _offer(
        "shift",
        OwnerRole.HER_MANAGER,
        _HER_WAY,
        ("Another shift or another start and end", "Otro turno u otra hora de entrada y salida"),
        ("Your pay stays the same.", "Su sueldo no cambia."),
    ),
    _offer(
        "parking",
        OwnerRole.SHIFT_LEAD,
        _HER_WAY - {_E.CUSTODY_UNKNOWN},
        ("A parking place at the door", "Una plaza de aparcamiento junto a la puerta"),
        (
            "Lit, seen by a camera, not always the same one.",
            "Con luz y cámara, no siempre la misma.",
        ),
    ),
    _offer(
        "station",
        OwnerRole.HER_MANAGER,
        _HER_WAY - {_E.CUSTODY_UNKNOWN},
        ("Another room, desk or site", "Otra sala, otro puesto u otra sede"),
        ("Your pay stays the same.", "Su sueldo no cambia."),
    ),
    _offer(
        "camera_on_her_way",
        OwnerRole.SAFETY_LEAD,
        _STARTS,
        ("A camera on your way to the car", "Una cámara en su camino al coche"),
        (
            "Somebody looks before you go; nothing else is done with it.",
            "Alguien mira antes de que salga; nada más.",
        ),
    ),
    _offer(
        "pick_up",
        OwnerRole.SHIFT_LEAD,
        _HER_WAY,
        ("Somebody walks with you to the car", "Alguien le acompaña hasta el coche"),
        (
            "Also at the start of the shift, from the car to the door.",
            "También al entrar, del coche a la puerta.",
        ),
    ),
    _offer(
        "calls_answered",
        OwnerRole.HER_MANAGER,
        _STARTS | _HEARD,
        (
            "Others answer your work line and mail first",
            "Otros atienden antes su línea y su correo",
        ),
        (
            "What comes from him is kept, not read to you.",
            "Lo que venga de él se guarda, no se le lee.",
        ),
    ),
    _offer(
        "time_off",
        OwnerRole.HER_MANAGER,
        frozenset({_E.ORDER_ENTERED, _E.ORDER_HEARING, _E.DIVORCE_SERVED}),
        (
            "Paid hours for court, police and lawyer",
            "Horas pagadas para juzgado, policía y abogado",
        ),
        ("No reason needs to be given to your team.", "No hace falta dar motivos a su equipo."),
    ),
    _offer(
        "with_her_to_court",
        OwnerRole.SAFETY_LEAD,
        frozenset({_E.ORDER_HEARING}),
        ("Somebody goes with you to the hearing", "Alguien le acompaña a la vista"),
        ("An advocate or a colleague whom you choose.", "Una defensora o la persona que elija."),
    ),
    _offer(
        "custody_notice",
        OwnerRole.SAFETY_LEAD,
        frozenset({_E.ARRESTED}),
        (
            "Help to register for notices of his release",
            "Ayuda para inscribirse en los avisos de excarcelación",
        ),
        (
            "The notices are yours; forward them here if you like.",
            "Los avisos son suyos; reenvíelos aquí si quiere.",
        ),
    ),
    _offer(
        "exchange_elsewhere",
        OwnerRole.SAFETY_LEAD,
        frozenset({_E.CHILD_EXCHANGE}),
        ("Hand over the children away from work", "Entregar a los niños lejos del trabajo"),
        (
            "A neutral place with people around; time off for it is paid.",
            "Un lugar neutral con gente; el tiempo se paga.",
        ),
    ),
)

TEMPLATES: Final = (*VISIBLE_STEPS, *QUIET, *OFFERS)
BY_CODE: Final = {template.code: template for template in TEMPLATES}


def opened_by(event: Event) -> tuple[Template, ...]:
    """Return the measures that a fact opens."""
    return tuple(template for template in TEMPLATES if event in template.events)
