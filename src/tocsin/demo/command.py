"""`tocsin demo [--once]`: the sample workplace on the product itself, and the last shift of the reference case.

--once    plays the story without a browser, checks every promise, verifies the record, ends everything;
          exit code 0 only if all of it was kept
(none)    plays it slowly, and stays up until Ctrl-C: the reader can take part
"""

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Final

from tocsin.demo import (
    afterwards,
    at_the_door,
    first_days,
    held_walk,
    installation,
    last_shift,
    other_scenes,
    proving,
    the_accounts,
)
from tocsin.demo.http import DoorError
from tocsin.demo.installation import DemoRuns, Installation, NoRoom
from tocsin.demo.loading import LoadingRefused
from tocsin.demo.opening import staged
from tocsin.demo.printing import Voice
from tocsin.demo.reference import ExampleMissing, examples_folder, read_reference
from tocsin.demo.sample import SampleRefused
from tocsin.demo.stage import Stage
from tocsin.demo.welcome import Reader, farewell, introduction, where_to_look, who_can_sign_in
from tocsin.runtime.launch import running_tocsin
from tocsin.runtime.parts import SupervisorError

PAUSE_S: Final = 4.0
BEGIN_AFTER_S: Final = 30.0
LOG: Final = "demo.log"
LOG_SHOWN: Final = 3000
BROKEN: Final = 1


def main(arguments: Sequence[str]) -> int:
    """Play the demo; return 0, or 1 when something promised did not happen or something is in the way."""
    parser = argparse.ArgumentParser(prog="tocsin demo", description="Play the sample workplace.")
    parser.add_argument("--once", action="store_true", help="without a browser, checked, then end")
    options = parser.parse_args(list(arguments))
    signal.signal(signal.SIGTERM, _end_everything)
    try:
        with installation.held_folder() as data:
            return _play(data, is_once=options.once)
    except (
        DemoRuns,
        NoRoom,
        ExampleMissing,
        SampleRefused,
        LoadingRefused,
        DoorError,
        SupervisorError,
        OSError,
        ValueError,
    ) as problem:
        sys.stderr.write(f"tocsin demo: {problem}\n")
        return BROKEN


def _end_everything(_number: int, _frame: FrameType | None) -> None:
    """End like Ctrl-C: whatever was started is ended first."""
    raise KeyboardInterrupt


def _play(data: Path, *, is_once: bool) -> int:
    began = time.monotonic()
    reference = read_reference(examples_folder())
    clock = _Clock()
    voice = Voice(reference, clock.now_ms)
    found = installation.set_up(data)
    for words in found.moved:
        voice.plain(words)
    voice.plain(f"Starting Tocsin with its data in {found.config.data_dir} (log: {LOG} there) ...")
    log = data / LOG
    try:
        with log.open("wb") as output, running_tocsin(found.changes, output=output) as config:
            with staged(found, config, voice) as stage:
                voice.plain(f"Ready after {time.monotonic() - began:.1f} s.")
                return _once(stage, clock) if is_once else _live(stage, found, clock)
    except SupervisorError:
        sys.stderr.write(_end_of(log))
        raise


class _Clock:
    """Counts from the story's beginning."""

    def __init__(self) -> None:
        self.began = time.monotonic()

    def now_ms(self) -> float:
        return (time.monotonic() - self.began) * 1000

    def begin(self) -> None:
        self.began = time.monotonic()


def _once(stage: Stage, clock: _Clock) -> int:
    introduction(stage)
    clock.begin()
    try:
        tell(stage)
        proving.prove(stage)
    except (DoorError, TimeoutError, LookupError) as problem:
        stage.promise("the story is played to its end", repr(problem), is_kept=False)
    took_s = clock.now_ms() / 1000
    made, broken = stage.promises.made, stage.promises.broken
    stage.voice.plain()
    stage.voice.plain(
        f"{len(made) - len(broken)} of {len(made)} promises were kept, in {took_s:.1f} s."
    )
    if stage.left_out:
        stage.voice.plain(
            f"A first run, in a folder of its own (TOCSIN_DATA), checks more: left out here were {len(stage.left_out)} parts "
            f"of which an earlier run had its own. {' '.join(stage.left_out)}"
        )
    for promise in broken:
        stage.voice.plain(f"NOT KEPT: {promise.words} (seen: {promise.seen})")
    farewell(stage)
    return BROKEN if broken else 0


def _live(stage: Stage, found: Installation, clock: _Clock) -> int:
    stage.pause_s, stage.is_live = PAUSE_S, True
    introduction(stage)
    where_to_look(stage, found)
    who_can_sign_in(stage)
    reader = Reader(sys.stdin, lambda: who_can_sign_in(stage))
    if reader.is_there:
        stage.voice.plain(
            f"\nThe story begins in {BEGIN_AFTER_S:.0f} s; Enter begins it now. Enter shows new codes at any time."
        )
        reader.wait(BEGIN_AFTER_S)
    clock.begin()
    try:
        tell(stage)
        proving.prove(stage)
    except (DoorError, TimeoutError, LookupError) as problem:
        # A reader who takes part may act before the story does: then it goes on differently, as it should.
        stage.voice.demo(
            f"The story ends here: {problem}. {why_it_ends(found.config.data_dir / LOG)}"
        )
    farewell(stage)
    stage.voice.plain(
        "\nTocsin stays up: press an SOS yourself (text SOS from a phone at the carrier, or enrol one), answer it, run a drill "
        "as sefa. Ctrl-C ends it."
    )
    try:
        signal.pause()
    except KeyboardInterrupt:
        # Once more: what the reader did since is on record too.
        path = proving.export_record(stage, stage.harbour)
        stage.voice.plain(f"\nThe record until now is in {path}. Ending ...")
    return 0


def why_it_ends(log: Path) -> str:
    """Return what a reader may take from a story that ends early: nobody need have taken part."""
    return (
        "Whoever takes part, on a page or a phone, may have acted before the story did. If nobody did, this machine was too "
        f"busy, or something is wrong: {log} says more."
    )


def tell(stage: Stage) -> None:
    """Play every scene, in the order of its time."""
    last_shift.before(stage)
    case_id = first_days.first_days(stage)
    stage.pause()
    late_walk = other_scenes.late_walk_begins(stage)
    held_walk.nobody_looks(stage)
    walk = held_walk.she_goes(stage)
    stage.pause()
    alarm = last_shift.sos(stage)
    last_shift.nobody_answers(stage, alarm)
    last_shift.somebody_takes_charge(stage, alarm)
    other_scenes.another_employer(stage, alarm.incident.id)
    other_scenes.late_walk_is_asked(stage, late_walk)
    last_shift.call_unclaimed(stage, alarm)
    stage.pause()
    afterwards.from_cover(stage, alarm)
    stage.pause()
    afterwards.stood_down(stage, alarm, walk)
    stage.pause()
    other_scenes.duress(stage)
    stage.pause()
    other_scenes.drill(stage)
    stage.pause()
    at_the_door.seen(stage, case_id)
    stage.pause()
    the_accounts.side_by_side(stage, case_id)


def _end_of(log: Path) -> str:
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    return text[-LOG_SHOWN:]
