"""Jobs for the tests of the queue, and a worker that runs them: `python -m tests.core.slow_worker URL`."""

import os
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from procrastinate import JobContext, RetryStrategy
from procrastinate.exceptions import JobAborted

from mobility.app import create_app
from mobility.core.queue import in_child, queue, work
from mobility.core.settings import Settings


@queue.task(name="tests.note")
def note(path: str, line: str) -> None:
    """Write a line into a file."""
    with Path(path).open("a") as file:
        file.write(f"{line}\n")


@queue.task(
    name="tests.slow", pass_context=True, retry=RetryStrategy(max_attempts=3, retry_exceptions={JobAborted})
)
def slow(context: JobContext, path: str, seconds: float) -> None:
    """Work in a child process that writes its number first and "done" at the end."""
    for _said in in_child(write_slowly, path, seconds, should_stop=context.should_abort, limit_s=60):
        pass


def write_slowly(pipe: "Connection[Any, Any]", path: str, seconds: float) -> None:
    note.func(path, str(os.getpid()))
    time.sleep(seconds)  # the work itself: long enough to be killed or stopped in
    note.func(path, "done")
    pipe.send(("done",))


def count_to(pipe: "Connection[Any, Any]", last: int) -> None:
    for number in range(last):
        pipe.send(("progress", number))
    pipe.send(("done", last))


def sleep_long(pipe: "Connection[Any, Any]") -> None:
    pipe.send(("progress", os.getpid()))
    time.sleep(60)  # the work itself: its child is killed long before


def take_memory(pipe: "Connection[Any, Any]") -> None:
    pipe.send(("done", len(bytearray(2 * 1024**3))))


def break_down(pipe: "Connection[Any, Any]") -> None:
    sys.exit(3)


if __name__ == "__main__":
    work(create_app(Settings(database_url=sys.argv[1])), name="slow")
