"""Background work: jobs are rows of the business transaction, run by a worker on the same database."""

import contextlib
import ctypes
import multiprocessing
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Generator
from multiprocessing.connection import Connection
from typing import Any, Unpack

from flask import Flask
from procrastinate import App, JobContext, PsycopgConnector, SyncPsycopgConnector, exceptions, jobs, types
from procrastinate.app import WorkerOptions
from procrastinate.manager import JobManager
from procrastinate.tasks import Task
from procrastinate.worker import Worker
from sqlalchemy.engine import make_url

from mobility.core.db import db

HEARTBEAT_S = 3
DEAD_AFTER_S = 12
PARALLEL_JOBS = 4  # more than the heavy ones that wait for a child: letters and put-backs go on
GRACE_S = 5
CHILD_NICENESS = 10
CHILD_MEMORY_BYTES = 3 * 1024**3
OUT_OF_MEMORY = 77
PR_SET_PDEATHSIG = 1

queue = App(connector=PsycopgConnector())
ON_CALLERS_CONNECTION = JobManager(SyncPsycopgConnector())


class ChildFailedError(Exception):
    """The child process ended without a result; its own words stand in the log."""


def enqueue(
    task: Task[..., Any, Any],
    *,
    once: str | None = None,
    lock: str | None = None,
    **arguments: types.JSONValue,
) -> bool:
    """Queue `task` in the caller's transaction; False if the same `once` waits already."""
    try:
        with db.session.begin_nested():
            # Taken inside, this sends the SAVEPOINT: without it a duplicate loses the whole transaction.
            driver = db.session.connection().connection.driver_connection
            deferrer = task.configure(connection=driver, queueing_lock=once, lock=lock)
            # In the worker the queue's own connector is asynchronous, and the caller's connection is not.
            deferrer.job_manager = ON_CALLERS_CONNECTION
            deferrer.defer(**arguments)
    except exceptions.AlreadyEnqueued:
        return False
    return True


# Together with DEAD_AFTER_S a killed worker's job runs again within 20 s. The last field are seconds.
@queue.periodic(cron="* * * * * */5")
@queue.task(queueing_lock="put-back-stalled", priority=100)
async def put_back_stalled(timestamp: int) -> None:  # noqa: ARG001
    """Queue again what a dead worker was doing."""
    for job in await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_S):
        try:
            await queue.job_manager.retry_job(job)
        except exceptions.UniqueViolation:
            # The same was queued again meanwhile. It stands for this one, whose lock it may be waiting for.
            await queue.job_manager.finish_job(job, jobs.Status.FAILED, delete_job=True)


def work(app: Flask, **options: Unpack[WorkerOptions]) -> None:
    """Run jobs until told to stop, each in its own app context."""

    def in_app_context(call_next: Callable[[], Any], _context: JobContext, _worker: Worker) -> Any:
        # Leaving it removes the session: a job starts with nothing of the one before.
        with app.app_context():
            return call_next()

    ours: WorkerOptions = {
        "concurrency": PARALLEL_JOBS,
        "task_middleware": [in_app_context],
        "update_heartbeat_interval": HEARTBEAT_S,
        "stalled_worker_timeout": DEAD_AFTER_S,
        "shutdown_graceful_timeout": GRACE_S,
        "delete_jobs": "successful",
    }
    address = make_url(app.config["SQLALCHEMY_DATABASE_URI"]).set(drivername="postgresql")
    conninfo = address.render_as_string(hide_password=False)
    with queue.replace_connector(PsycopgConnector(conninfo=conninfo, min_size=1, max_size=4)) as connected:
        connected.run_worker(**(ours | options))


def in_child(
    target: Callable[..., None],
    *arguments: object,
    should_stop: Callable[[], bool],
    limit_s: float,
    memory_bytes: int = CHILD_MEMORY_BYTES,
) -> Generator[tuple[Any, ...]]:
    """Yield what `target(connection, *arguments)` sends from its own process, up to ("done", …).

    The child is killed when it is told to stop (`JobAborted`), over its time (`TimeoutError`) or left by us;
    over its memory it ends with `MemoryError`, for any other reason with `ChildFailedError`.
    """
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe(duplex=False)
    child = spawn.Process(
        target=_run_child, args=(os.getpid(), memory_bytes, target, theirs, *arguments), daemon=True
    )
    child.start()
    theirs.close()
    until = time.monotonic() + limit_s
    try:
        while True:
            if should_stop():
                raise exceptions.JobAborted
            if time.monotonic() > until:
                raise TimeoutError(f"no result within {limit_s} s")
            if ours.poll(0.2):
                said = _heard(ours, child)
                yield said
                if said[0] == "done":
                    return
    finally:
        child.kill()
        child.join()
        ours.close()


def _heard(ours: "Connection[Any, Any]", child: multiprocessing.process.BaseProcess) -> tuple[Any, ...]:
    try:
        said: tuple[Any, ...] = ours.recv()
    except EOFError:
        child.join()
        if child.exitcode in {OUT_OF_MEMORY, -signal.SIGABRT, -signal.SIGKILL, -signal.SIGSEGV}:
            raise MemoryError("the child process needed more memory than it may have") from None
        raise ChildFailedError(f"the child process ended with status {child.exitcode}") from None
    return said


def _run_child(parent: int, memory_bytes: int, target: Callable[..., None], *arguments: object) -> None:
    # `target` was imported to get here, so what its libraries map is taken before the limit counts.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        return
    os.nice(CHILD_NICENESS)
    with contextlib.suppress(ValueError):  # a stricter limit stands already
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    try:
        target(*arguments)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
