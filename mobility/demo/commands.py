"""`flask demo`: the story without the server."""

import click
from flask.cli import with_appcontext

from mobility.core.settings import BadSettings
from mobility.demo.run import fill


@click.command("demo")
@with_appcontext
def demo() -> None:
    """Tell the story on this database and write `var/demo`."""
    try:
        fill()
    except BadSettings as refusal:
        raise click.ClickException(str(refusal)) from None
