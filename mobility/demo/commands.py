"""`flask demo`: the story without the server."""

import click
from flask import current_app
from flask.cli import with_appcontext

from mobility.demo.run import fill


@click.command("demo")
@with_appcontext
def demo() -> None:
    """Tell the story on this database and write `var/demo`."""
    settings = current_app.config["SETTINGS"]
    if settings.is_production:
        raise click.ClickException("The demo does not run in production.")
    fill(settings)
