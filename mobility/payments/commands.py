"""`flask payments …`: the files of a batch, and what is due."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from flask_babel import gettext as _

from mobility.core.db import db
from mobility.core.export import csv_text
from mobility.core.forms import is_storable
from mobility.payments import batch_queries, services, statement, tables, tasks
from mobility.payments.batches import HANDED_OUT
from mobility.payments.document import exported_lines
from mobility.payments.models import Batch

payments = AppGroup("payments", help="Payment orders and batches.")


@payments.command("file")
@click.argument("reference", metavar="BATCH")
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The folder to write into; here if left out.",
)
def write_files(reference: str, folder: Path) -> None:
    """Write BATCH.xml for the bank, BATCH.csv and BATCH.pdf; the batch must be exported."""
    batch = _exported(reference)
    for path in write_batch(batch, folder):
        click.echo(str(path))
    click.echo(
        _(
            "%(number)s payments, total %(total)s euro, SHA-256 of the file %(sha256)s",
            number=batch.number_of_orders,
            total=tables.plain_euro(batch.total_cents),
            sha256=batch.file_sha256,
        )
    )


def write_batch(batch: Batch, folder: Path) -> list[Path]:
    """Write the three files of an exported batch and commit: its list may be printed for the first time."""
    paper = services.print_list(batch)
    db.session.commit()
    rows = tables.batch_rows(exported_lines(batch))
    table = "\ufeff" + csv_text(tables.batch_header(), rows)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for ending, content in (("xml", batch.file), ("csv", table.encode()), ("pdf", paper.content)):
        written.append(folder / f"{batch.reference}.{ending}")
        written[-1].write_bytes(content or b"")
    return written


@payments.command("statement")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def take_statement(file: Path) -> None:
    """Take down what a bank statement says: camt.053, or CSV as docs/operations.md names it."""
    taken = statement.take_statement(statement.read_statement(file.read_bytes()), actor=None)
    db.session.commit()
    for one in taken.unmatched:
        reference = one.line.end_to_end or "–"
        why = current_app.extensions["rule_words"](one.refusal) or one.refusal.code
        click.echo(_("not taken: %(reference)s (%(why)s)", reference=reference, why=why), err=True)
    click.echo(
        _(
            "%(paid)s paid, %(failed)s sent back, %(known)s known already, %(unmatched)s not matched",
            paid=len(taken.paid),
            failed=len(taken.failed),
            known=len(taken.known),
            unmatched=len(taken.unmatched),
        )
    )


@payments.command("due")
def order_due() -> None:
    """Order what may be paid, close what carries no money: what the worker does every 20 seconds."""
    tasks.order_due(timestamp=0)


def _exported(reference: str) -> Batch:
    batch = batch_queries.batch_by_reference(reference) if is_storable(reference) else None
    if batch is None:
        raise click.ClickException(_("There is no batch %(reference)s.", reference=reference))
    if batch.status not in HANDED_OUT:
        raise click.ClickException(_("The file of %(reference)s has not been made yet.", reference=reference))
    return batch
