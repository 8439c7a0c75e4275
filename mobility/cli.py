"""`flask …`: the commands of every room, on the database of `DATABASE_URL` or the embedded one."""

import atexit
import os
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, datetime
from functools import wraps
from importlib import import_module
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from mobility.app import create_app
from mobility.core import clock
from mobility.core.errors import RuleBroken
from mobility.core.postgres import database_url
from mobility.core.queue import work
from mobility.core.settings import read_settings

ROOMS_WITH_COMMANDS = {
    "audit": ("audit",),
    "accounts": ("users",),
    "mail": ("letters",),
    "calls": ("calls",),
    "imports": ("import_records",),
    "admin": ("invariants",),
    "rounds": ("rounds",),
    "payments": ("payments",),
    "demo": ("demo",),
}

clock_group = AppGroup("clock", help="The scheme's clock.")


@clock_group.command("set")
@click.argument("day", metavar="DATE")
def set_clock(day: str) -> None:
    """Move the scheme's clock to DATE (YYYY-MM-DD, at 09:00, or YYYY-MM-DDTHH:MM) for every process."""
    clock.move(_moment(day))
    click.echo(f"It is now {clock.local(clock.utcnow()):%A %d %B %Y, %H:%M} in the scheme.")


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Run the jobs of the queue until stopped."""
    work(current_app._get_current_object())  # type: ignore[attr-defined]


def app_for_commands() -> Flask:
    """The application with its commands; starts or joins the embedded database if none is named."""
    if not os.environ.get("DATABASE_URL"):
        stack = ExitStack()
        os.environ["DATABASE_URL"] = stack.enter_context(database_url(read_settings().var / "pg"))
        atexit.register(stack.close)
    app = create_app()
    commands = [clock_group, worker]
    for room, names in ROOMS_WITH_COMMANDS.items():
        module = import_module(f"mobility.{room}.commands")
        commands += [getattr(module, name) for name in names]
    for command in commands:
        _word_refusals(command)
        app.cli.add_command(command)
    return app


def _moment(written: str) -> datetime:
    try:
        day, _, time = written.partition("T")
        hour, minute = (int(part) for part in (time or "09:00").split(":"))
        return clock.at_local(date.fromisoformat(day), hour, minute)
    except ValueError:
        raise click.ClickException(f"'{written}' is not a date: write YYYY-MM-DD.") from None


def _word_refusals(command: click.Command) -> None:
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            _word_refusals(inner)
    elif command.callback:
        command.callback = _worded(command.callback)


def _worded(callback: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(callback)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return callback(*args, **kwargs)
        except RuleBroken as refusal:
            words = current_app.extensions["rule_words"](refusal) if current_app else None
            raise click.ClickException(words or str(refusal)) from None

    return call
