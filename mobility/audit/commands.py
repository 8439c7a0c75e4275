"""`flask audit verify` and `flask audit head`."""

import re

import click
from flask.cli import AppGroup
from flask_babel import gettext as _

from mobility.audit import queries, services, wording

HEAD = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})")

audit = AppGroup("audit", help="The sealed log.")


@audit.command("verify")
@click.option("--head", "kept", metavar="POSITION:SHA256", help="A head kept from a letter or a batch list.")
def verify(kept: str | None) -> None:
    """Read the whole chain; status 1 and one sentence for each thing that does not fit."""
    verdict = services.verify(_head(kept) if kept else None)
    for found in verdict.faults:
        click.echo(wording.fault(found), err=True)
    click.echo(wording.summary(verdict), err=not verdict.holds)
    if not verdict.holds:
        raise click.exceptions.Exit(1)


@audit.command("head")
def head() -> None:
    """Print the head of the chain, POSITION:SHA256; whoever keeps it can verify against it later."""
    click.echo(queries.head_words() or _("Nothing is sealed yet."))


def _head(written: str) -> tuple[int, str]:
    found = HEAD.fullmatch(written.strip().lower())
    if found is None:
        raise click.ClickException(_("A head is written POSITION:SHA256, as the letter has it."))
    return int(found[1]), found[2]
