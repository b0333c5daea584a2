"""Every published number, one after the other."""

import argparse

from bench import (
    burst,
    crash,
    desk,
    fan_out,
    febrl,
    first_demo,
    live_stream,
    matching,
    memory,
    plates,
    receiver_away,
    restart,
    results,
    second_step,
    sighting,
    sos_latency,
)

EVERY = (
    sos_latency, burst, fan_out, live_stream, second_step, receiver_away, memory, restart, crash, first_demo,
    matching, desk, plates, febrl, sighting,
)  # fmt: skip


def main(words: list[str]) -> int:
    """Measure all; return 1 if any must is not met, and say where."""
    argparse.ArgumentParser(prog="run.py bench all", description=__doc__).parse_args(words)
    failed = []
    for bench in EVERY:
        if bench.main([]) != 0:
            failed.append(bench.__name__.rpartition(".")[2])
        results.say("")
    results.say(f"NOT MET: {', '.join(failed)}" if failed else "Every must is met.")
    return 1 if failed else 0
