"""`flask letters`"""

import click
from flask import current_app
from flask_babel import gettext as _

from mobility.core import clock
from mobility.mail import queries


@click.command("letters")
@click.option("--to", "email", metavar="EMAIL", help="Only those to EMAIL.")
@click.option("--last", default=5, show_default=True, type=click.IntRange(1, 100), help="How many.")
def letters(email: str | None, last: int) -> None:
    """Print the last letters, the newest at the end: a site without mail server has no other way to read them."""
    # They hold links that sign people in.
    if current_app.config["SETTINGS"].is_production:
        raise click.ClickException(_("Letters are not printed in production."))
    found = queries.last_letters(last, email)
    if not found:
        raise click.ClickException(_("There is no letter."))
    for letter in found:
        click.secho(
            f"{clock.local(letter.created_at):%Y-%m-%d %H:%M}  {letter.to_email}  {letter.subject}", bold=True
        )
        click.echo(f"\n{letter.body.strip()}\n")
