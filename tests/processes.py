"""Real processes for the tests: a web server, a worker, a supervisor."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from mobility.core.settings import ROOT
from mobility.serve import is_ready

OURS = (
    "APP_ENV",
    "DATABASE_URL",
    "FIELD_KEYS",
    "MAIL_",
    "PORT",
    "PUBLIC_BASE_URL",
    "SECRET_KEY",
    "SERVE",
    "VAR",
)


def environment(**settings: str) -> dict[str, str]:
    """Our environment with these settings and no others of the app's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return kept | settings


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(command: Sequence[str], settings: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run it meanwhile; at the end stop it, and kill what is left of it and its descendants."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, env=settings, cwd=ROOT, stdout=output, stderr=output, start_new_session=True
        )
        try:
            yield process
        finally:
            family = descendants(process.pid)
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            for left in family:
                with suppress(psutil.NoSuchProcess):
                    left.kill()
            process.wait()


def descendants(pid: int) -> list[psutil.Process]:
    """The process and all below it; PostgreSQL is not among them, it leaves the family when it starts."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    return []


def is_gone(process: psutil.Process) -> bool:
    """Whether it ended; a zombie nobody waited for has."""
    with suppress(psutil.NoSuchProcess):
        return process.status() == psutil.STATUS_ZOMBIE
    return True


def wait_until(holds: Callable[[], bool], limit_s: float, log: Path | None = None) -> float:
    """Seconds until it held; fails after the limit with what the log says."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > limit_s:
            said = log.read_text(errors="replace")[-3000:] if log else ""
            raise AssertionError(f"not within {limit_s} s\n{said}")
        time.sleep(0.05)  # another process works towards it; until the limit
    return time.monotonic() - began


def wait_until_ready(port: int, log: Path) -> None:
    """Wait for the site on this port."""
    wait_until(lambda: is_ready(port), 60, log)
