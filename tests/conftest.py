"""What tests stand on: a real database, an app, browsers."""

import gc
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask_sqlalchemy.session import Session
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import text
from sqlalchemy.orm import scoped_session

from mobility.core.db import db
from mobility.core.limits import limiter
from mobility.core.queue import work
from mobility.serve import web_command
from tests import databases
from tests.processes import environment, free_port, running, wait_until_ready
from tests.spreading import pytest_collection_modifyitems, pytest_xdist_make_scheduler
from tests.visitor import Visitor

__all__ = ["pytest_collection_modifyitems", "pytest_xdist_make_scheduler"]

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# New objects until the garbage collector looks; at the default of 700 it took a sixth of the tests' time.
COLLECT_AFTER = 50_000
WAITING_JOBS = text(
    "SELECT count(*) FROM procrastinate_jobs"
    " WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())"
)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of the database server."""
    with databases.server() as address:
        yield address


@pytest.fixture(scope="session")
def template(server: str) -> str:
    """The database all others are copied from."""
    return databases.template(server)


@pytest.fixture(scope="session")
def app(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The app of this process; use it with `session` or `client`, which roll back."""
    with (
        databases.copy_of(template, server) as address,
        databases.app_on(address, tmp_path_factory.mktemp("var")) as app,
    ):
        # What stays until the end need not be looked through again and again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(COLLECT_AFTER)
        yield app


@pytest.fixture
def session(app: Flask) -> Iterator[scoped_session[Session]]:
    """The database session of a test, inside an app context; even what it commits is rolled back."""
    with databases.rolled_back(app), app.app_context():
        yield db.session


@pytest.fixture
def new_client(app: Flask, session: scoped_session[Session]) -> Iterator[Callable[[], Visitor]]:
    """Makes clients, one for each person of a test."""
    yield lambda: Visitor(app, use_cookies=True)
    limiter.reset()


@pytest.fixture
def client(new_client: Callable[[], Visitor]) -> Visitor:
    """One person's client."""
    return new_client()


@pytest.fixture
def own_database(server: str, template: str) -> Iterator[str]:
    """The address of a database of the test's own, for threads, workers and browsers: data are committed."""
    with databases.copy_of(template, server) as address:
        yield address


@pytest.fixture
def live_app(own_database: str, tmp_path: Path) -> Iterator[Flask]:
    """An app on the test's own database."""
    with databases.app_on(own_database, tmp_path) as app:
        yield app


def drain(app: Flask) -> None:
    """Run the worker until no job waits; in a thread, for Playwright keeps an event loop in this one."""
    # A worker that does not wait shuts down at once: jobs may take as long as they need.
    options = {
        "wait": False,
        "listen_notify": False,
        "install_signal_handlers": False,
        "shutdown_graceful_timeout": None,
    }
    for _ in range(20):
        worker = threading.Thread(target=work, args=(app,), kwargs=options)
        worker.start()
        worker.join()
        with app.app_context():
            if not db.session.scalar(WAITING_JOBS):
                return
    raise AssertionError("jobs are still waiting")


@dataclass(frozen=True)
class LiveServer:
    """A server of its own, and an app on the same database to arrange and look with."""

    url: str
    app: Flask
    database_url: str

    def drain(self) -> None:
        drain(self.app)


@pytest.fixture
def live_server(live_app: Flask, own_database: str, tmp_path: Path) -> Iterator[LiveServer]:
    """A web server on a free port, with a database of its own."""
    port = free_port()
    settings = environment(DATABASE_URL=own_database, PORT=str(port), VAR=str(tmp_path))
    log = tmp_path / "web.log"
    with running(web_command(port, processes=1), settings, log):
        wait_until_ready(port, log)
        yield LiveServer(f"http://127.0.0.1:{port}", live_app, own_database)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, or the one CHROMIUM names."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not path or not Path(path).exists():
        pytest.fail("Install the Debian package chromium or set CHROMIUM=/path", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[[], Page]]:
    """Opens pages, one for each person of a journey: they share no cookies."""
    contexts = []

    def make() -> Page:
        context = browser.new_context(locale="en-GB", timezone_id="Europe/Brussels")
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page: Callable[[], Page]) -> Page:
    """One person's page."""
    return new_page()
