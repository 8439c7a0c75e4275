"""`flask invariants`."""

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _

from mobility.admin.invariants import INVARIANTS, broken


@click.command("invariants")
@with_appcontext
def invariants() -> None:
    """Check what must hold at any time; status 1 if something does not."""
    failing = broken()
    for name, number in failing.items():
        click.echo(f"{name}: {number}", err=True)
    if failing:
        raise click.exceptions.Exit(1)
    click.echo(_("All %(number)s invariants hold.", number=len(INVARIANTS)))
