"""The supervisor of one machine: starts web and worker, restarts the one that dies, ends both with itself."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import click
import psycopg
from flask_migrate import upgrade
from sqlalchemy.engine import make_url

from mobility.app import create_app, refuse_demo_data
from mobility.core import postgres
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.settings import ROOT, BadSettings, Settings, read_settings

HOST = "127.0.0.1"
WEB_PROCESSES = 2
WEB_THREADS = 4
GRACE_S = 15
LOOK_EVERY_S = 0.2
REVIVE_EVERY_S = 2.0
READY_LIMIT_S = 120
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
GREW_OLD_S = 20.0  # a child that lived this long had no trouble starting
MIGRATION_LOCK = 20_260_102


class CannotServeError(Exception):
    """The server cannot run; the sentence says why and what to do."""


@dataclass
class Child:
    """A process that is started again, after a pause, whenever it ends."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    # What the kernel sends it when the supervisor was killed. A killed worker's jobs are put back.
    at_our_death: str
    process: subprocess.Popen[bytes] | None = None
    started_s: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    due_s: float = field(default=0.0)

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603
            ["setpriv", "--pdeathsig", self.at_our_death, *self.command],  # noqa: S607
            env=self.environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches us alone; we end it in good order
        )
        self.started_s = time.monotonic()
        self.due_s = 0.0

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def keep_up(self) -> None:
        """Start it again if it ended, after a pause that grows while it keeps ending early."""
        now = time.monotonic()
        if self.is_running:
            return
        if not self.due_s:
            lived_s = now - self.started_s
            self.pause_s = FIRST_PAUSE_S if lived_s > GREW_OLD_S else min(self.pause_s * 2, LONGEST_PAUSE_S)
            self.due_s = now + self.pause_s
            _say(f"{self.name} ended; it starts again in {self.pause_s:.0f} s.")
        elif now >= self.due_s:
            self.start()


def serve(prepare: Callable[[], None] | None = None, *, stays: bool = True) -> int:
    """Migrate, prepare, then run site and worker until a signal; the status to leave with.

    `prepare` runs in an app context; without `stays` all ends after it.
    """
    with answering_signals():
        try:
            settings = read_settings()
            if stays:
                refuse_taken_port(settings.port)
            with postgres.database_url(settings.var / "pg") as address:
                migrate(address)
                _prepare(prepare, address, settings)
                if stays:
                    supervise(address, settings)
        except (BadSettings, CannotServeError, RuleBroken, postgres.PostgresError) as refusal:
            _say(str(refusal))
            return 1
    return 0


def _prepare(prepare: Callable[[], None] | None, address: str, settings: Settings) -> None:
    app = create_app(replace(settings, database_url=_with_driver(address)))
    refuse_demo_data(app)
    with app.app_context():
        if prepare:
            prepare()
        db.session.remove()
        db.engine.dispose()


@contextmanager
def answering_signals() -> Iterator[None]:
    """Make SIGTERM and SIGINT leave through every `finally`, with status 0.

    SIGINT is set too: a process a script starts with `&` ignores it.
    """
    before = {number: signal.signal(number, _leave) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def refuse_taken_port(port: int) -> None:
    """Raise `CannotServeError` if somebody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise CannotServeError(
                f"Port {port} is taken: another server is running. Stop it, or set PORT."
            ) from None


def migrate(address: str) -> None:
    """Bring the database to the head of the migrations; two supervisors take turns."""
    app = create_app(Settings(database_url=_with_driver(address)))
    plain = make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection, app.app_context():
        connection.execute("SELECT pg_advisory_lock(%s)", (MIGRATION_LOCK,))
        upgrade(directory=str(ROOT / "migrations"))
        db.engine.dispose()


def supervise(address: str, settings: Settings) -> None:
    """Run site and worker on that database until a signal ends us."""
    environment = os.environ | {"DATABASE_URL": address}
    web = Child("The web server", web_command(settings.port), environment, "TERM")
    worker = Child("The worker", worker_command(), environment, "KILL")
    children = [web, worker]
    try:
        for child in children:
            child.start()
        _wait_until_ready(settings.port, children)
        _say(f"Ready at http://{HOST}:{settings.port}")
        _keep_up(children, None if settings.database_url else settings.var / "pg")
    finally:
        _end(children)


def web_command(port: int, processes: int = WEB_PROCESSES) -> list[str]:
    """Gunicorn on this port. Within 5 s it lets go of requests that do not end."""
    options = {
        "bind": f"{HOST}:{port}",
        "workers": processes,
        "threads": WEB_THREADS,
        "worker-class": "gthread",
        "graceful-timeout": 5,
        "timeout": 60,
        "log-level": "warning",
    }
    told = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "gunicorn", *told, "--no-control-socket", "--preload", "wsgi:app"]


def worker_command() -> list[str]:
    """The worker of the background jobs."""
    return [sys.executable, "-m", "flask", "--app", "mobility.cli:app_for_commands", "worker"]


def _keep_up(children: list[Child], embedded: Path | None) -> None:
    look_at = time.monotonic() + REVIVE_EVERY_S
    while True:
        time.sleep(LOOK_EVERY_S)  # between two looks at the children; a signal ends it
        for child in children:
            child.keep_up()
        if embedded and time.monotonic() > look_at:
            postgres.revive(embedded)
            look_at = time.monotonic() + REVIVE_EVERY_S


def _wait_until_ready(port: int, children: list[Child]) -> None:
    until = time.monotonic() + READY_LIMIT_S
    while not is_ready(port):
        ended = [child.name for child in children if not child.is_running]
        if ended:
            raise CannotServeError(f"{ended[0]} ended while starting; what it said stands above.")
        if time.monotonic() > until:
            raise CannotServeError(f"The web server was not ready within {READY_LIMIT_S} s.")
        time.sleep(LOOK_EVERY_S)  # the site answers once it can; until READY_LIMIT_S


def is_ready(port: int) -> bool:
    """Whether the site on this port says that it can work."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _end(children: list[Child]) -> None:
    # A second Ctrl-C must not leave half of them behind.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    running = [child.process for child in children if child.process and child.process.poll() is None]
    for process in running:
        process.terminate()
    until = time.monotonic() + GRACE_S
    for process in running:
        try:
            process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _leave(_number: int, _frame: object) -> None:
    raise SystemExit(0)


def _with_driver(address: str) -> str:
    return make_url(address).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def _say(words: str) -> None:
    click.echo(words)
