"""What must never have happened? Each checker reads a history and names the invariant that it breaks (design, 5).

A checker trusts virtual time and what providers, devices and people saw; of the engine it reads only
what was committed.
"""

from collections.abc import Callable, Iterator
from typing import Final

from tests.simulation import checks_codes, checks_hearing, checks_ladder, checks_sending
from tests.simulation.history import History
from tests.simulation.script import Script

Checker = Callable[[Script, History], Iterator[str]]

CHECKERS: Final[tuple[Checker, ...]] = (
    checks_sending.every_press_is_heard,
    checks_sending.every_press_calls_everybody,
    checks_sending.a_press_too_soon_is_heard_when_it_is_time,
    checks_sending.every_delivery_ends,
    checks_sending.every_message_goes_out_in_time,
    checks_sending.a_failure_is_tried_again_and_moves_on,
    checks_sending.the_next_method_goes_at_once,
    checks_sending.sent_means_taken,
    checks_sending.seen_means_a_person,
    checks_sending.seen_means_that_it_went_out,
    checks_sending.a_provider_that_refuses_is_said,
    checks_sending.nothing_is_sent_twice,
    checks_sending.one_message_has_one_reference,
    checks_sending.what_is_over_sends_nothing,
    checks_ladder.the_ladder_runs_step_by_step,
    checks_ladder.nobody_is_ever_quiet,
    checks_ladder.unanswered_is_said_only_after_a_call,
    checks_ladder.the_emergency_call_has_an_owner_or_is_missed_aloud,
    checks_ladder.only_people_stop_it,
    checks_ladder.charge_lapses_unless_renewed,
    *checks_codes.CHECKERS,
    checks_hearing.a_silent_sos_never_reaches_her_own_devices,
    checks_hearing.a_silent_incident_stays_silent,
    checks_hearing.drills_and_real_ones_are_told_apart,
    checks_hearing.nobody_hears_who_must_not,
    checks_hearing.a_device_is_told_only_what_is_true,
    checks_hearing.nothing_broke,
)


def violations(script: Script, history: History) -> list[str]:
    """Return what this history breaks, each with its invariant's number first."""
    return [found for checker in CHECKERS for found in checker(script, history)]
