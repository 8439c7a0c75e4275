"""A browser without a screen."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context
from typing import Any

from flask.sessions import SessionMixin
from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class Visitor(FlaskClient):
    """One person's client: keeps cookies, and shares no app context with the test or other visitors.

    Flask-Login keeps the user on `g`, and storing a session ends the database session of its context:
    in the test's own context a second visitor would be the first, and what the test flushed would be lost.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return Context().run(super().open, *args, **kwargs)

    @contextmanager
    def session_transaction(self, *args: Any, **kwargs: Any) -> Iterator[SessionMixin]:
        context = Context()
        opened = super().session_transaction(*args, **kwargs)
        yield context.run(opened.__enter__)
        context.run(opened.__exit__, None, None, None)

    def submit(self, path: str, fields: dict[str, Any], *, to: str | None = None) -> TestResponse:
        """Open the page, take its form token and send the fields, as a person would."""
        page = self.get(path)
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        assert found, f"{path} ({page.status_code}) has no form token"
        return self.post(to or path, data={"csrf_token": found[1]} | fields)
