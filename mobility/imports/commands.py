"""`flask import`."""

from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _

from mobility.calls.queries import call_by_reference
from mobility.core.db import db
from mobility.core.files import BadFile
from mobility.core.forms import is_storable
from mobility.imports.whole import IMPORTERS, import_file


@click.command("import")
@click.argument("kind", type=click.Choice(list(IMPORTERS)))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option(
    "--call", "reference", required=True, metavar="REF", help="The call that the records belong to."
)
@click.option("--dry-run", is_flag=True, help="Check everything and change nothing.")
@with_appcontext
def import_records(kind: str, file: Path, reference: str, dry_run: bool) -> None:
    """Import a CSV or XLSX file; docs/import.md names its columns. A file with a problem changes nothing."""
    call = call_by_reference(reference) if is_storable(reference) else None
    if call is None:
        raise click.ClickException(_("There is no call %(reference)s.", reference=reference))
    try:
        tally = import_file(kind, file.read_bytes(), call)
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
