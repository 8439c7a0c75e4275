"""`python -m mobility demo`: fill, tell, sum up, serve."""

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import click

from mobility.app import create_app
from mobility.core import postgres
from mobility.core.db import db
from mobility.core.settings import BadSettings, Settings, read_settings
from mobility.demo import cast, files, story
from mobility.serve import CannotServeError, answering_signals, migrate, refuse_taken_port, supervise


def main() -> int:
    """Tell the story if it was not told, write the files, and serve unless `SERVE=0`."""
    serves = os.environ.get("SERVE", "1") != "0"
    with answering_signals():
        try:
            settings = read_settings()
            if settings.is_production:
                raise BadSettings("The demo does not run in production: unset APP_ENV.")
            if serves:
                refuse_taken_port(settings.port)
            with postgres.database_url(settings.var / "pg") as address:
                migrate(address)
                fill(replace(settings, database_url=address))
                if serves:
                    supervise(address, settings)
        except (BadSettings, CannotServeError, postgres.PostgresError) as refusal:
            click.echo(str(refusal))
            return 1
    return 0


def fill(settings: Settings) -> None:
    """Tell the story once, write `var/demo` and print the summary."""
    app = create_app(settings)
    with app.app_context():
        if story.is_told():
            click.echo("The demo is already here; nothing is run again.")
        else:
            click.echo("The demo:")
            story.tell()
        with app.test_request_context():
            summary = files.write_files(settings.var / "demo", settings.public_base_url)
        db.session.rollback()
        db.engine.dispose()
    _say(summary)


def _say(summary: Mapping[str, Any]) -> None:
    click.echo("")
    for key, shown in summary["shown"].items():
        click.echo(f"  {key:32} {shown}")
    click.echo("")
    click.echo(f"  round    {' '.join(summary['rounds'])}")
    click.echo(f"  papers   {len(summary['papers'])} PDFs in {os.path.dirname(summary['papers'][0])}")
    click.echo(f"  letters  {summary['letters']}")
    click.echo(f"  logins   {summary['accounts']}, password of all: {cast.PASSWORD}")
    for login in cast.logins()[::2]:
        click.echo(f"    {login.role:20} {login.email}")
    click.echo(f"  site     {summary['url']}")
