"""Jobs are as safe as the transaction they were queued in."""

import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from flask import Flask
from flask_sqlalchemy.session import Session
from procrastinate.exceptions import AlreadyEnqueued, JobAborted
from procrastinate.schema import SchemaManager
from sqlalchemy import text
from sqlalchemy.orm import scoped_session

from mobility.core.clock import ClockShift
from mobility.core.db import db
from mobility.core.queue import ChildFailedError, enqueue, in_child
from tests import databases
from tests.conftest import drain
from tests.core import slow_worker
from tests.core.slow_worker import note, slow
from tests.processes import environment, is_gone, running, wait_until

JOBS = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE 'tests.%'")
OUTLINE = """
    SELECT 'function', proname, pg_get_functiondef(oid) FROM pg_proc WHERE proname LIKE 'procrastinate%'
    UNION ALL
    SELECT table_name, column_name, concat_ws(' ', data_type, is_nullable, column_default)
    FROM information_schema.columns WHERE table_name LIKE 'procrastinate%'
    UNION ALL
    SELECT tablename, indexname, indexdef FROM pg_indexes WHERE tablename LIKE 'procrastinate%'
    ORDER BY 1, 2, 3
"""


def never() -> bool:
    return False


def test_a_job_exists_exactly_if_its_transaction_was_committed(session: scoped_session[Session]) -> None:
    assert enqueue(note, path="x", line="y")
    assert session.scalar(JOBS) == 1

    session.rollback()

    assert session.scalar(JOBS) == 0


def test_a_duplicate_keeps_the_rest_of_its_transaction(live_app: Flask) -> None:
    with live_app.app_context():
        db.session.add(ClockShift(id=1, shift_s=1))

        assert enqueue(note, once="same", path="x", line="y")
        assert not enqueue(note, once="same", path="x", line="y")
        db.session.commit()

    with live_app.app_context():
        assert db.session.get(ClockShift, 1)
        assert db.session.scalar(JOBS) == 1


def test_control_without_the_savepoint_a_duplicate_loses_the_transaction(live_app: Flask) -> None:
    with live_app.app_context():
        db.session.add(ClockShift(id=1, shift_s=1))
        db.session.flush()
        driver: Any = db.session.connection().connection.driver_connection
        once = note.configure(connection=driver, queueing_lock="same")

        once.defer(path="x", line="y")
        with pytest.raises(AlreadyEnqueued):
            once.defer(path="x", line="y")
        db.session.commit()

    with live_app.app_context():
        assert db.session.get(ClockShift, 1) is None
        assert db.session.scalar(JOBS) == 0


def test_the_worker_runs_each_job_once_and_forgets_it(live_app: Flask, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    with live_app.app_context():
        for number in range(5):
            enqueue(note, path=str(notes), line=str(number))
        db.session.commit()

    drain(live_app)

    assert sorted(notes.read_text().split()) == ["0", "1", "2", "3", "4"]
    with live_app.app_context():
        assert db.session.scalar(JOBS) == 0


def test_after_kill_9_of_the_worker_its_job_runs_again_within_30_s(
    live_app: Flask, own_database: str, tmp_path: Path
) -> None:
    notes = queue_slow_job(live_app, tmp_path, seconds=5)
    with worker(own_database, tmp_path) as first:
        wait_until(notes.exists, 30, tmp_path / "worker.log")
        first.kill()
        killed = psutil.Process(int(notes.read_text()))
        assert wait_until(lambda: is_gone(killed), 2) < 2, "the child dies with its worker"

    with worker(own_database, tmp_path):
        wait_until(lambda: len(notes.read_text().split()) == 2, 30, tmp_path / "worker.log")
        wait_until(lambda: notes.read_text().endswith("done\n"), 15, tmp_path / "worker.log")


def test_a_dead_workers_job_gives_way_to_the_same_job_queued_meanwhile(
    live_app: Flask, tmp_path: Path
) -> None:
    notes = tmp_path / "notes"
    with live_app.app_context():
        enqueue(note, once="same", lock="same", path=str(notes), line="first")
        db.session.execute(text("UPDATE procrastinate_jobs SET status = 'doing'"))  # and no worker
        enqueue(note, once="same", lock="same", path=str(notes), line="second")
        db.session.commit()

    drain(live_app)

    assert notes.read_text() == "second\n"


def test_a_worker_told_to_stop_leaves_its_job_for_the_next(
    live_app: Flask, own_database: str, tmp_path: Path
) -> None:
    notes = queue_slow_job(live_app, tmp_path, seconds=60)
    with worker(own_database, tmp_path) as process:
        wait_until(notes.exists, 30, tmp_path / "worker.log")
        process.terminate()
        process.wait(10)

    with live_app.app_context():
        status = text("SELECT status FROM procrastinate_jobs WHERE task_name = 'tests.slow'")
        assert db.session.scalar(status) == "todo"


def test_a_child_is_heard_up_to_its_result() -> None:
    said = list(in_child(slow_worker.count_to, 3, should_stop=never, limit_s=30))

    assert said == [("progress", 0), ("progress", 1), ("progress", 2), ("done", 3)]


def test_a_child_over_its_time_is_killed() -> None:
    with closing(in_child(slow_worker.sleep_long, should_stop=never, limit_s=12)) as child:
        process = psutil.Process(next(child)[1])
        with pytest.raises(TimeoutError):
            next(child)

    assert is_gone(process)


def test_a_child_that_is_not_wanted_any_more_is_killed() -> None:
    stops: list[bool] = []
    with closing(in_child(slow_worker.sleep_long, should_stop=lambda: bool(stops), limit_s=30)) as child:
        process = psutil.Process(next(child)[1])
        stops.append(True)
        with pytest.raises(JobAborted):
            next(child)

    assert is_gone(process)


@pytest.mark.parametrize(
    ("target", "error"), [(slow_worker.take_memory, MemoryError), (slow_worker.break_down, ChildFailedError)]
)
def test_a_child_that_ends_without_a_result_says_why(
    target: Callable[..., None], error: type[Exception]
) -> None:
    with pytest.raises(error):
        list(in_child(target, should_stop=never, limit_s=30, memory_bytes=1024**3))


def test_the_migrations_make_the_schema_of_the_installed_package(server: str, template: str) -> None:
    with databases.copy_of("template0", server) as empty:
        with psycopg.connect(plain(empty), autocommit=True) as connection:
            connection.execute(SchemaManager.get_schema().encode())
        expected = outline(empty)

    with databases.copy_of(template, server) as ours:
        assert outline(ours) == expected


def queue_slow_job(app: Flask, folder: Path, *, seconds: float) -> Path:
    notes = folder / "notes"
    with app.app_context():
        enqueue(slow, path=str(notes), seconds=seconds)
        db.session.commit()
    return notes


def worker(database: str, folder: Path) -> Any:
    command = [sys.executable, "-m", "tests.core.slow_worker", database]
    return running(command, environment(), folder / "worker.log")


def outline(address: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(plain(address)) as connection:
        return connection.execute(OUTLINE.encode()).fetchall()


def plain(address: str) -> str:
    return address.replace("+psycopg", "", 1)
