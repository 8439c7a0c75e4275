"""Telling the story once and leaving its files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from flask import current_app

from mobility.core.db import db
from mobility.core.settings import BadSettings, Settings
from mobility.demo import cast, files, story


def fill() -> None:
    """Tell the story if it was not told, write `var/demo` and print the summary. Raises `BadSettings`."""
    settings: Settings = current_app.config["SETTINGS"]
    if settings.is_production:
        raise BadSettings("The demo does not run in production: unset APP_ENV.")
    if story.is_told():
        click.echo("The demo is already here; nothing is run again.")
    else:
        click.echo("The demo:")
        story.tell()
    with current_app.test_request_context():
        summary = files.write_files(settings.var / "demo", settings.public_base_url)
    db.session.rollback()
    _say(summary)


def _say(summary: Mapping[str, Any]) -> None:
    click.echo("")
    for key, shown in summary["shown"].items():
        click.echo(f"  {key:32} {shown}")
    click.echo("")
    click.echo(f"  round    {' '.join(summary['rounds'])}")
    click.echo(f"  papers   {len(summary['papers'])} PDFs in {Path(summary['accounts']).parent / 'papers'}")
    click.echo(f"  letters  {summary['letters']}")
    click.echo(f"  logins   {summary['accounts']}, password of all: {cast.PASSWORD}")
    for login in cast.known_logins():
        click.echo(f"    {login.role:20} {login.email:34} {login.acts_for}")
    click.echo(f"  site     {summary['url']}, letters at {summary['url']}/outbox")
