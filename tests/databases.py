"""Databases for the tests: one template made by the migrations, and quick copies of it."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import psutil
import psycopg
from flask import Flask
from flask_migrate import upgrade
from psycopg.sql import SQL, Identifier
from sqlalchemy.engine import Connection, Engine, make_url

from mobility.accounts.security import CONFIG
from mobility.app import create_app
from mobility.core import postgres
from mobility.core.db import db
from mobility.core.settings import ROOT, Settings
from tests.visitor import Visitor

MIGRATIONS = ROOT / "migrations"
FOLDER = ROOT / "var" / "pg-test"
# A test's data need not outlive a power cut.
UNSAFE = " ".join(
    f"-c {setting}"
    for setting in (
        "listen_addresses=",
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
        "max_connections=300",
    )
)
TEMPLATE_LOCK = 20_260_101
# Hashing that is slow on purpose would be most of the tests' time.
CONFIG["SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS"] = {
    "argon2__time_cost": 1,
    "argon2__memory_cost": 1024,
    "argon2__parallelism": 1,
}


@contextmanager
def server() -> Iterator[str]:
    """The address of TEST_DATABASE_URL, else of an embedded server of our own."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield _address(given)
        return
    with postgres.embedded(FOLDER, UNSAFE) as address:
        _drop_leftovers(address)
        yield address


def template(address: str) -> str:
    """The name of the database that stands at the head of the migrations; made by whoever comes first."""
    name = f"test_template_{_migrations_hash()}"
    with _maintenance(address) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (TEMPLATE_LOCK,))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            unfinished = f"{name}_unfinished"
            _drop(connection, unfinished)
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(unfinished)))
            _migrate(_address(address, unfinished))
            rename = SQL("ALTER DATABASE {} RENAME TO {}")
            connection.execute(rename.format(Identifier(unfinished), Identifier(name)))
    return name


@contextmanager
def copy_of(template: str, address: str) -> Iterator[str]:
    """Yield the address of a fresh copy; drop it at the end."""
    name = f"test_{os.getpid()}_{secrets.token_hex(4)}"
    create = SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
    with _maintenance(address) as connection:
        connection.execute(create.format(Identifier(name), Identifier(template)))
    try:
        yield _address(address, name)
    finally:
        with _maintenance(address) as connection:
            _drop(connection, name)


@contextmanager
def app_on(address: str, var: Path, **settings: Any) -> Iterator[Flask]:
    """An app on that database; its connections are closed at the end."""
    app = create_app(Settings(database_url=address, var=var, **settings))
    app.config["TESTING"] = True
    app.test_client_class = Visitor
    try:
        yield app
    finally:
        with app.app_context():
            db.engine.dispose()
        app.extensions["rate_count"].dispose()


@contextmanager
def rolled_back(app: Flask) -> Iterator[None]:
    """Let all connections of the app be one, whose transaction is rolled back at the end."""
    with app.app_context():
        engine = db.engine
        engines = cast("dict[str | None, Engine | Connection]", db.engines)
    with engine.connect() as connection, connection.begin() as outer:
        engines[None] = connection
        try:
            yield
        finally:
            engines[None] = engine
            outer.rollback()


def _migrate(address: str) -> None:
    with app_on(address, ROOT / "var") as app, app.app_context():
        upgrade(directory=str(MIGRATIONS))


def _migrations_hash() -> str:
    digest = sha256()
    for path in sorted(MIGRATIONS.rglob("*")):
        if path.suffix in {".py", ".sql"}:
            digest.update(str(path.relative_to(MIGRATIONS)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _drop_leftovers(address: str) -> None:
    """Drop copies whose process was killed, and templates of other migrations."""
    with _maintenance(address) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (TEMPLATE_LOCK,))
        names = connection.execute(r"SELECT datname FROM pg_database WHERE datname LIKE 'test\_%'").fetchall()
        templates = {name for (name,) in names if name.startswith("test_template_")}
        copies = {name for (name,) in names} - templates
        dead = {name for name in copies if not psutil.pid_exists(int(name.split("_")[1]))}
        # Somebody else's run may still copy an older template.
        old = (
            {name for name in templates if not name.endswith(_migrations_hash())} if dead == copies else set()
        )
        for name in dead | old:
            _drop(connection, name)


def _drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


def _maintenance(address: str) -> psycopg.Connection:
    url = make_url(address).set(drivername="postgresql")
    return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)


def _address(address: str, database: str | None = None) -> str:
    url = make_url(address).set(drivername="postgresql+psycopg")
    if database is not None:
        url = url.set(database=database)
    return url.render_as_string(hide_password=False)
