"""The site that is measured: a database of its own with the demo's story, and two servers on it."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass

from flask import Flask

from mobility.accounts.enums import Role
from mobility.demo import story
from mobility.serve import web_command
from tests import databases
from tests.bench.table import FOLDER
from tests.bench.unfinished import leave_unfinished
from tests.bench.visitor import COOKIE, Visitor
from tests.make.accounts import sign_in
from tests.processes import environment, free_port, running, wait_until

STRANGER = "anonymous"
# Whoever sees most comes first: a page is measured for the first of them that may open it.
ROLES = (
    Role.SUPPORT_OFFICER,
    Role.ADMINISTRATOR,
    Role.FINANCE_INITIATOR,
    Role.FINANCE_APPROVER,
    Role.PARTNERSHIP_OFFICER,
    Role.AUDITOR,
    Role.APPLICANT,
    Role.HOST,
)


@dataclass(frozen=True)
class Site:
    """Where the site and the bare page listen, an app on the same database, sessions, and where to begin."""

    port: int
    bare_port: int
    app: Flask
    tokens: dict[str, str | None]
    starts: list[str]

    def visitor(self, role: str) -> Visitor:
        return Visitor(self.port, self.tokens[role])


@contextmanager
def site() -> Iterator[Site]:
    """A filled site behind one gunicorn worker, and the bare page behind another with the same settings."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        server = stack.enter_context(databases.server())
        address = stack.enter_context(databases.copy_of(databases.template(server), server))
        app = stack.enter_context(databases.app_on(address, FOLDER))
        starts = _fill(app)
        port = stack.enter_context(served("wsgi:app", address, "/health/ready"))
        bare_port = stack.enter_context(served("tests.bench.bare:app", address, "/"))
        yield Site(port, bare_port, app, _sessions(app), starts)


def _fill(app: Flask) -> list[str]:
    with app.app_context(), redirect_stdout(sys.stderr):
        story.tell()
    with app.test_request_context(method="POST"):
        return leave_unfinished()


def _sessions(app: Flask) -> dict[str, str | None]:
    tokens: dict[str, str | None] = {}
    for role in ROLES:
        client = app.test_client()
        with app.app_context():
            sign_in(client, story.actor(role))
        cookie = client.get_cookie(COOKIE)
        tokens[role.value] = cookie.value if cookie else None
    return tokens | {STRANGER: None}


@contextmanager
def served(wsgi: str, address: str, ready: str) -> Iterator[int]:
    """One gunicorn worker with an app on that database; yields its port."""
    port = free_port()
    settings = environment(DATABASE_URL=address, PORT=str(port), VAR=str(FOLDER))
    log = FOLDER / f"{wsgi.partition(':')[0]}.log"
    log.unlink(missing_ok=True)
    with running([*web_command(port, processes=1)[:-1], wsgi], settings, log):
        wait_until(lambda: _answers(port, ready), 60, log)
        yield port


def _answers(port: int, path: str) -> bool:
    try:
        with Visitor(port) as visitor:
            return visitor.get(path).status == 200
    except OSError:
        return False
