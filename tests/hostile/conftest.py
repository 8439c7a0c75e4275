"""The world of these tests: built once, and as it was again after each test."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.engine import Connection

from mobility.accounts.enums import Role
from mobility.core.db import db
from mobility.core.limits import limiter
from tests import databases
from tests.hostile.tables import analyse, undone
from tests.hostile.world import World, build
from tests.make.accounts import make_user


@pytest.fixture(scope="package")
def built(app: Flask) -> Iterator[World]:
    """The world, without form tokens: a missing one would be refused before anything else."""
    with databases.rolled_back(app), app.app_context():
        connection = db.engines[None]
        assert isinstance(connection, Connection)
        app.config["WTF_CSRF_ENABLED"] = False
        try:
            made = build(app, connection)
            analyse(connection)
            yield made
        finally:
            app.config["WTF_CSRF_ENABLED"] = True
            db.session.remove()


@pytest.fixture
def world(built: World) -> Iterator[World]:
    """The world of one test."""
    with undone(built.connection):
        yield built
        # Its savepoint ends before the one around it.
        db.session.remove()
    limiter.reset()


@pytest.fixture
def demo(world: World) -> None:
    """Somebody of the demo, so that the outbox is open."""
    make_user(Role.AUDITOR, email="looks-on@demo.example")
    db.session.commit()
