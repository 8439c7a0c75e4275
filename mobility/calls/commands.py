"""`flask calls …`: opening and closing an edition of the scheme."""

from dataclasses import replace
from datetime import date, datetime

import click
from flask.cli import AppGroup
from flask_babel import gettext as _

from mobility.calls import services
from mobility.calls.models import Call
from mobility.calls.queries import call_by_reference
from mobility.core import clock
from mobility.core.db import db
from mobility.partnerships.queries import partnership_by_code

calls = AppGroup("calls", help="Editions of the scheme.")
DAY = click.DateTime(formats=["%Y-%m-%d"])
CLOSING_HOUR = 17


@calls.command("open")
@click.argument("reference")
@click.option("--title", required=True)
@click.option("--opens", type=DAY, help="First day to apply; today if left out.")
@click.option("--closes", type=DAY, required=True, help="Last day to apply, until 17:00 in Brussels.")
@click.option("--first-day", type=DAY, required=True, help="First day of stays.")
@click.option("--last-day", type=DAY, required=True, help="Last day of stays.")
@click.option(
    "--together/--each",
    default=True,
    help="Tell applicants of all decisions in one step (the usual), or of each as it is made.",
)
def open_call(reference: str, title: str, *, together: bool, **days: datetime | None) -> None:
    """Open a call named REFERENCE with the scheme's usual rules, countries and rates."""
    if call_by_reference(reference):
        raise click.ClickException(_("There is a call %(reference)s already.", reference=reference))
    content = replace(_content(reference, title, days), releases_together=together)
    call = services.draft(content, actor=None)
    services.open_call(call, actor=None)
    db.session.commit()
    click.echo(_("%(reference)s is open. Import its partnerships next.", reference=reference))


@calls.command("close")
@click.argument("reference")
def close_call(reference: str) -> None:
    """Take no more applications and offers in REFERENCE."""
    services.close(_call(reference), actor=None)
    db.session.commit()
    click.echo(_("%(reference)s is closed.", reference=reference))


@calls.command("payer")
@click.argument("reference")
@click.argument("code", required=False)
def set_payer(reference: str, code: str | None) -> None:
    """Let the partnership CODE pay the lump sums of all in REFERENCE; without CODE each pays its own."""
    call, payer = _call(reference), partnership_by_code(code) if code else None
    if code and payer is None:
        raise click.ClickException(_("There is no partnership %(code)s.", code=code))
    services.set_payer(call, payer, actor=None)
    db.session.commit()
    if payer is None:
        click.echo(_("In %(reference)s each partnership pays its own.", reference=reference))
    else:
        click.echo(_("%(payer)s pays for all in %(reference)s.", payer=payer.name, reference=reference))


def _content(reference: str, title: str, days: dict[str, datetime | None]) -> services.CallDraft:
    opens, closes = _day(days["opens"]) or clock.today(), _day(days["closes"])
    first, last = _day(days["first_day"]), _day(days["last_day"])
    if closes is None or first is None or last is None:
        raise click.ClickException(_("A day is missing."))
    if not opens <= closes < first <= last:
        raise click.ClickException(_("Write the days in order: opens, closes, first day, last day."))
    return services.CallDraft(
        reference=reference,
        title=title,
        opens_at=clock.at_local(opens, 0),
        closes_at=clock.at_local(closes, CLOSING_HOUR),
        first_day=first,
        last_day=last,
    )


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _call(reference: str) -> Call:
    call = call_by_reference(reference)
    if call is None:
        raise click.ClickException(_("There is no call %(reference)s.", reference=reference))
    return call
