"""Where does a process of the fault tests stand? On SIGUSR2 it says so in its log: every thread, every task.

On the path of those processes only: Python loads it by itself at their start, and the product knows nothing of it.
"""

import asyncio
import signal
import sys
import threading
import traceback

FRAMES = 8


def _say(_number: int, _frame: object) -> None:
    frames = sys._current_frames()
    for thread in threading.enumerate():
        print("thread", thread.name, file=sys.stderr)
        if thread.ident in frames:
            print(*_lines(frames[thread.ident]), sep="\n", file=sys.stderr)
    for task in list(asyncio.tasks._all_tasks):  # type: ignore[attr-defined]
        if not task.done():
            print("task", task.get_name(), " < ".join(_awaited(task.get_coro())), file=sys.stderr)
    print("stacks said", file=sys.stderr, flush=True)


def _lines(frame: object) -> list[str]:
    stack = traceback.extract_stack(frame)[-FRAMES:]  # type: ignore[arg-type]
    return [f"    {_where(one.filename)}:{one.lineno} {one.name}" for one in reversed(stack)]


def _awaited(coro: object) -> list[str]:
    """Return what a task waits in, from the innermost: a task's own stack shows its first frame only."""
    found: list[str] = []
    while (frame := getattr(coro, "cr_frame", None)) is not None:
        found.append(f"{_where(frame.f_code.co_filename)}:{frame.f_lineno} {frame.f_code.co_name}")
        coro = getattr(coro, "cr_await", None)
    return [*reversed(found)][:FRAMES]


def _where(path: str) -> str:
    return "/".join(path.split("/")[-2:])


signal.signal(signal.SIGUSR2, _say)
