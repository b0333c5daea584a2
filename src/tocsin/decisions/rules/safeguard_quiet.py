"""Which measures open at once, touch nobody, and show nothing to anybody outside?"""

from typing import Final

from tocsin.decisions.rules.safeguard_kinds import (
    DAY,
    HEARD,
    HOT,
    HOUR,
    STARTS,
    E,
    OwnerRole,
    Template,
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
        within_min=HOUR,
        events=HOT | {E.ORDER_ENTERED, E.ORDER_CHANGED, E.CHILD_EXCHANGE},
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
        within_min=4 * HOUR,
        events=STARTS | {E.RELEASED, E.THREAT, E.WEAPON},
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
        within_min=8 * HOUR,
        events=STARTS | HEARD,
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
        within_min=DAY,
        events=STARTS | {E.ORDER_SERVED, E.MEETING_PLANNED, E.SUSPENDED, E.DISMISSED},
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
        within_min=DAY,
        events=frozenset({E.ORDER_HEARING}),
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
        within_min=4 * HOUR,
        events=frozenset({E.ORDER_CHANGED}),
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
        within_min=2 * HOUR,
        events=frozenset({E.ARRESTED, E.CUSTODY_UNKNOWN, E.DISCHARGED}),
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
        within_min=8 * HOUR,
        events=frozenset({E.MEETING_PLANNED, E.SUSPENDED, E.DISMISSED}),
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
        within_min=4 * HOUR,
        events=HOT - {E.CUSTODY_UNKNOWN},
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
        within_min=2 * HOUR,
        events=HEARD,
    ),
    Template(
        code="welfare_check",
        words=("Ask the police to look after him", "Pedir a la policía que compruebe su estado"),
        how=(
            "A statement about dying is a danger to her too. Do not call him, do not go.",
            "Hablar de morir es también un peligro para ella. No le llame, no vaya.",
        ),
        owner=OwnerRole.SAFETY_LEAD,
        within_min=HOUR,
        events=frozenset({E.SUICIDE_STATEMENT}),
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
        within_min=HOUR,
        events=frozenset({E.WEAPON}),
        before_shift=True,
    ),
    Template(
        code="relieve_first",
        words=(
            "He is on duty now: relieve him first",
            "Está de servicio ahora: primero, relevarlo",
        ),
        how=(
            "For a reason of the roster. Nothing that he can see before he has had notice.",
            "Por un motivo de turnos. Nada que él pueda ver antes de que se le notifique.",
        ),
        owner=OwnerRole.SAFETY_LEAD,
        within_min=HOUR,
        events=frozenset({E.ON_DUTY}),
        only_colleague=True,
    ),
    Template(
        code="other_sites",
        words=("Tell the other sites", "Avisar a las otras sedes"),
        how=("Lock, step back, call, press.", "Cerrar, apartarse, llamar, pulsar."),
        owner=OwnerRole.SHIFT_LEAD,
        within_min=10,
        events=frozenset({E.INCIDENT}),
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
        events=frozenset({E.INCIDENT}),
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
        events=frozenset({E.INCIDENT}),
    ),
    Template(
        code="people_close",
        words=("Tell the people close to her", "Avisar a las personas cercanas a ella"),
        how=("Only whom she named beforehand.", "Solo a quien ella nombró antes."),
        owner=OwnerRole.SAFETY_LEAD,
        within_min=15,
        events=frozenset({E.INCIDENT}),
    ),
)
