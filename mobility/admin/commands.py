"""`flask import` and `flask invariants`."""

from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _

from mobility.admin.imports import IMPORTERS, import_file
from mobility.admin.invariants import INVARIANTS, broken
from mobility.calls.queries import call_by_reference
from mobility.core.db import db
from mobility.core.files import BadFile
from mobility.core.forms import is_storable


@click.command("import")
@click.argument("kind", type=click.Choice(list(IMPORTERS)))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option(
    "--call", "reference", required=True, metavar="REF", help="The call that the records belong to."
)
@click.option("--dry-run", is_flag=True, help="Check everything and change nothing.")
@with_appcontext
def import_records(kind: str, file: Path, reference: str, dry_run: bool) -> None:
    """Import a CSV file; docs/import.md names its columns. A file with a problem changes nothing."""
    call = call_by_reference(reference) if is_storable(reference) else None
    if call is None:
        raise click.ClickException(_("There is no call %(reference)s.", reference=reference))
    try:
        tally = import_file(kind, file, call)
    except BadFile as bad:
        db.session.rollback()
        _tell(bad)
        raise click.exceptions.Exit(1) from None
    if dry_run:
        db.session.rollback()
        click.echo(_("Dry run: nothing was changed."))
    else:
        db.session.commit()
    click.echo(str(tally))


def _tell(bad: BadFile) -> None:
    for problem in bad.problems:
        click.echo(str(problem), err=True)
    click.echo(_("Nothing was changed. Problems: %(number)s.", number=len(bad.problems)), err=True)


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
