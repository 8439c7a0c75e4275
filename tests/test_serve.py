"""One command runs a machine, and nothing it started is left behind."""

import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psutil
import pytest

from mobility.serve import Child, is_ready
from tests.processes import descendants, environment, free_port, is_gone, running, wait_until

SERVE = [sys.executable, "-m", "mobility", "serve"]


@dataclass(frozen=True)
class Supervised:
    """A supervisor that is ready, and what it started."""

    process: subprocess.Popen[bytes]
    log: Path
    var: Path

    @property
    def children(self) -> list[psutil.Process]:
        return [child for child in descendants(self.process.pid)[1:] if not is_gone(child)]

    @property
    def worker(self) -> psutil.Process | None:
        found = [child for child in self.children if child.cmdline()[-1:] == ["worker"]]
        return found[0] if found else None

    @property
    def database(self) -> psutil.Process:
        lines = (self.var / "pg" / "postmaster.pid").read_text().splitlines()
        return psutil.Process(int(lines[0]))

    def said(self, words: str) -> bool:
        return words in self.log.read_text()


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def start(tmp_path: Path, port: int) -> Iterator[Callable[[], Supervised]]:
    """Starts a supervisor on its own `var` and port and waits until it is ready."""
    with ExitStack() as runs:
        numbers = count()

        def run() -> Supervised:
            log = tmp_path / f"serve-{next(numbers)}.log"
            process = runs.enter_context(running(SERVE, settings(tmp_path, port), log))
            started = Supervised(process, log, tmp_path)
            wait_until(lambda: process.poll() is not None or started.said("Ready at "), 90, log)
            assert started.said(f"Ready at http://127.0.0.1:{port}"), log.read_text()
            return started

        yield run


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_everything_it_started(
    start: Callable[[], Supervised], port: int, number: signal.Signals
) -> None:
    supervised = start()
    family = [*supervised.children, supervised.database]
    assert len(family) > 3, "gunicorn, its processes, the worker and the database server"

    supervised.process.send_signal(number)

    assert supervised.process.wait(20) == 0
    assert [process for process in family if not is_gone(process)] == []
    assert not is_ready(port)


def test_after_kill_9_of_the_supervisor_its_children_end_and_the_next_run_adopts_the_database(
    start: Callable[[], Supervised],
) -> None:
    first = start()
    children, database = first.children, first.database

    first.process.kill()
    wait_until(lambda: all(map(is_gone, children)), 10, first.log)

    assert not is_gone(database)
    assert start().database == database


def test_a_second_server_on_the_same_port_says_so_and_leaves(tmp_path: Path, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        second = subprocess.run(
            SERVE, env=settings(tmp_path, port), capture_output=True, text=True, check=False, timeout=60
        )

    assert second.returncode == 1
    assert f"Port {port} is taken: another server is running. Stop it, or set PORT." in second.stdout
    assert not (tmp_path / "pg").exists(), "nothing was started"


def test_a_killed_worker_and_a_killed_database_come_back(start: Callable[[], Supervised], port: int) -> None:
    supervised = start()
    worker, database = supervised.worker, supervised.database
    assert worker

    database.kill()
    worker.kill()

    wait_until(lambda: supervised.worker not in {None, worker}, 20, supervised.log)
    wait_until(lambda: is_ready(port), 20, supervised.log)
    assert supervised.database != database


def test_a_child_that_keeps_ending_is_started_ever_more_slowly(capsys: pytest.CaptureFixture[str]) -> None:
    child = Child("The worker", ["false"], environment(), "KILL")
    child.start()
    assert child.process
    child.process.wait()

    child.keep_up()
    first = child.pause_s
    child.start()
    child.process.wait()
    child.keep_up()

    assert child.pause_s == 2 * first
    assert "The worker ended; it starts again in" in capsys.readouterr().out


def settings(var: Path, port: int) -> dict[str, str]:
    return environment(VAR=str(var), PORT=str(port))
