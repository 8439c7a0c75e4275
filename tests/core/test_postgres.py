"""The embedded PostgreSQL survives what laptops and containers do to it."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from mobility.core import postgres
from tests.databases import UNSAFE
from tests.processes import is_gone, wait_until

USER = """
import sys
from pathlib import Path
from mobility.core import postgres
with postgres.embedded(Path(sys.argv[1]), sys.argv[2]) as address:
    print(address, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "pg"


@pytest.fixture
def start_user(folder: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts processes that use the server until they are told to leave."""
    users: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-c", USER, str(folder), UNSAFE]
        users.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        return users[-1]

    yield start
    for user in users:
        user.communicate()


def test_the_last_user_stops_the_server(folder: Path) -> None:
    with postgres.embedded(folder, UNSAFE) as first:
        with postgres.embedded(folder, UNSAFE) as second:
            assert first == second
            server = postmaster(folder)
        assert ask(first, "SELECT 1") == "1"

    assert is_gone(server)


def test_a_committed_row_is_there_after_the_next_start(folder: Path) -> None:
    with postgres.embedded(folder, UNSAFE) as address:
        ask(address, "CREATE TABLE kept AS SELECT 7 AS n")

    with postgres.embedded(folder, UNSAFE) as address:
        assert ask(address, "SELECT n FROM kept") == "7"


@pytest.mark.parametrize("name", ["with a space", "x" * 100, "a 'quoted' \"name\" " + "é" * 50])
def test_it_starts_again_after_kill_9_of_postgres_wherever_it_lies(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name / "pg"
    with postgres.embedded(folder, UNSAFE) as address:
        ask(address, "SELECT 1")
        postmaster(folder).kill()

    for _ in range(2):
        with postgres.embedded(folder, UNSAFE) as address:
            assert ask(address, "SELECT 1") == "1"


def test_it_starts_at_once_after_kill_9_while_a_statement_runs(folder: Path) -> None:
    with postgres.embedded(folder, UNSAFE) as address:
        busy = psycopg.connect(plain(address))
        busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 4000000)")
        postmaster(folder).kill()

        postgres.revive(folder, UNSAFE)

        assert ask(address, "SELECT 1") == "1"
        busy.close()


def test_three_first_starts_at_once_make_one_server(
    folder: Path, start_user: Callable[[], subprocess.Popen[str]]
) -> None:
    users = [start_user() for _ in range(3)]

    addresses = {user.stdout.readline() for user in users if user.stdout}

    assert len(addresses) == 1
    assert ask(addresses.pop().strip(), "SELECT count(*) FROM pg_database WHERE datname = 'postgres'") == "1"


def test_a_killed_user_is_not_counted(folder: Path, start_user: Callable[[], subprocess.Popen[str]]) -> None:
    user = start_user()
    assert user.stdout
    user.stdout.readline()
    server = postmaster(folder)
    user.kill()
    user.wait()

    with postgres.embedded(folder, UNSAFE):
        assert postmaster(folder) == server, "the next user adopts the server"

    assert is_gone(server), "and stops it when it leaves"


def test_a_stranger_with_the_old_number_is_not_taken_for_the_server(folder: Path) -> None:
    with postgres.embedded(folder, UNSAFE):
        lines = (folder / "postmaster.pid").read_text().splitlines()
    lines[0] = str(os.getpid())
    (folder / "postmaster.pid").write_text("\n".join(lines) + "\n")

    with postgres.embedded(folder, UNSAFE) as address:
        assert ask(address, "SELECT 1") == "1"


@pytest.mark.parametrize("content", ["", "12", "not a number\n"])
def test_a_broken_lock_file_does_not_stop_it(folder: Path, content: str) -> None:
    with postgres.embedded(folder, UNSAFE):
        pass
    (folder / "postmaster.pid").write_text(content)

    with postgres.embedded(folder, UNSAFE) as address:
        assert ask(address, "SELECT 1") == "1"


def test_a_killed_first_start_leaves_nothing_half_made(folder: Path) -> None:
    unfinished = Path(f"{folder}.new")
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")

    with postgres.embedded(folder, UNSAFE) as address:
        assert ask(address, "SELECT 1") == "1"
    assert not unfinished.exists()


def test_nobody_else_can_enter_it(folder: Path) -> None:
    parents = {parent: parent.stat().st_mode for parent in folder.parents}

    with postgres.embedded(folder) as address:
        assert folder.stat().st_mode & 0o777 == 0o700
        assert ask(address, "SHOW listen_addresses") == ""

    assert {parent: parent.stat().st_mode for parent in folder.parents} == parents


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    folder = tmp_path / ("x" * 100)
    planted = tmp_path / "planted"
    planted.mkdir()
    postgres._Server(folder, UNSAFE).sockets.symlink_to(planted)

    with pytest.raises(postgres.PostgresError, match="belongs to somebody else"), postgres.embedded(folder):
        pass


def test_a_failing_start_says_what_the_server_said(folder: Path) -> None:
    wrong = pytest.raises(postgres.PostgresError, match="no_such_setting")

    with wrong, postgres.embedded(folder, "-c no_such_setting=1"):
        pass


def test_database_url_is_taken_when_it_is_set(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/db")

    with postgres.database_url(folder) as address:
        assert address == "postgresql://elsewhere/db"

    assert not folder.exists()


def test_a_user_that_stays_can_have_the_server_revived(folder: Path) -> None:
    with postgres.embedded(folder, UNSAFE) as address:
        server = postmaster(folder)
        server.send_signal(signal.SIGKILL)
        wait_until(lambda: is_gone(server), 5)

        postgres.revive(folder, UNSAFE)

        assert ask(address, "SELECT 1") == "1"


def postmaster(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "postmaster.pid").read_text().splitlines()[0]))


def ask(address: str, question: str) -> str:
    with psycopg.connect(plain(address), autocommit=True) as connection:
        cursor = connection.execute(question.encode())
        row = cursor.fetchone() if cursor.description else None
        return str(row[0]) if row else ""


def plain(address: str) -> str:
    return address.replace("+psycopg", "", 1)
