"""How much does the gate take, and how long does it wait? Every bound of the door, in one place."""

from typing import Final

BODY_BYTES: Final = 4096
"""Largest body of `/sos`; one byte more is answered 413."""

INBOUND_BYTES: Final = 16 * 1024
"""Largest body of `/in/<gateway>`: 1,600 characters of three bytes, percent-encoded."""

HEAD_BYTES: Final = 16 * 1024
"""Largest target and headers together (a gateway's GET carries the text); more: 431."""

HEAD_S: Final = 2.0
"""From the first byte of a request (or from connecting) to the end of its headers; then closed."""

BODY_S: Final = 3.0
"""From the end of the headers to the end of the body; then closed."""

IDLE_S: Final = 75.0
"""A kept connection on which nothing is asked is closed after this."""

BUSY_S: Final = 30.0
"""After this a request under way (a disk that hangs) loses its connection; it may be stored."""

LINGER_S: Final = 1.0
"""After a refusal, for how long what still comes in is thrown away, so that the answer arrives."""

SWEEP_S: Final = 0.25
"""How often the connections are looked at for the four limits above."""

CONNECTIONS: Final = 4096
"""Open connections; one more pushes out the oldest at which nobody waits."""

OTHER_FILES: Final = 64
"""Open files that are no connections; where the system allows few, connections are fewer."""

AHEAD_BYTES: Final = 8 * 1024
"""Bytes of one connection that are read at once; it is read no further before what they ask is answered."""

SLICE_BYTES: Final = 256
"""Bytes of one connection that are given to the parser at once: as many requests may be read ahead of the answers."""

AT_ONCE_BYTES: Final = 2 * 1024
"""Bytes looked at as they come in: of a new connection, and after an answer that proved who asks. A press has some 1,400."""

TURN_BYTES: Final = 1024
"""Bytes looked at in a turn of a connection that has had those above."""

TURNS_AT_ONCE: Final = 16
"""Connections that have a turn before it is seen what came in meanwhile (a millisecond or two)."""

TURNS_PAUSE_S: Final = 0.001
"""Pause after them, in which whatever else the gate does has the machine for itself."""

WHOLE_PER_DEVICE: Final = 20
"""Presses, and other acts, of one device kept whole while the database does not have them; more are counted."""

FOLD_S: Final = 1.0
"""At most one entry of counted signals per device in this time."""

KEYS_KNOWN: Final = 50_000
"""Keys remembered as stored, and grades remembered: a repeat of them is a question."""

LOOK_S: Final = 180.0
"""A look is told to her phone for so long and no longer, also when no engine is there to take it back."""

LEFT_S: Final = 0.001
"""Pause before a token is checked whose sender has hung up; none where somebody waits."""

LEFT_KEPT: Final = 5_000
"""Signals of senders who have hung up that wait for their token to be checked; more push out the oldest."""

TOKENS_KNOWN: Final = 10_000
"""Verified tokens remembered, so that their signature is checked once."""

UNVERIFIED_BODY: Final = 1024
"""Bytes of an unverified signal's body that are kept."""

UNVERIFIED_PER_TICK: Final = 64
"""Unverified signals kept per tick, the newest; the rest are only counted."""

TICK_S: Final = 1.0
"""How often keys, drained segments and unverified signals are looked after."""

NUMBER_DIGITS: Final = 20
"""Digits of a whole number in a body."""

NESTING: Final = 8
"""Objects and lists inside each other in a body."""

SIGNATURE_S: Final = 300
"""How old, or how far ahead, the time in a gateway's signature may be."""

STOP_S: Final = 1.2
"""After SIGTERM: how long requests under way have to be answered."""
