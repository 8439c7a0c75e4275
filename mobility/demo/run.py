"""Telling the story once, leaving its files, and checking that all holds."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from flask import current_app

from mobility.admin.invariants import INVARIANTS, broken
from mobility.audit import services as audit
from mobility.audit import wording
from mobility.core.db import db
from mobility.core.settings import BadSettings, Settings
from mobility.demo import cast, files, story


class DoesNotHold(BadSettings):
    """The story left something that must not be; the sentence says what."""


def fill(seed: int = story.SEED, applications: int = story.APPLICATIONS) -> None:
    """Tell the story if it was not told, write `var/demo`, print the summary and check that all holds.

    Raises `BadSettings` in production, and `DoesNotHold`.
    """
    settings: Settings = current_app.config["SETTINGS"]
    if settings.is_production:
        raise BadSettings("The demo does not run in production: unset APP_ENV.")
    if story.is_told():
        click.echo("The demo is already here; nothing is run again.")
    else:
        click.echo("The demo:")
        story.tell(seed, applications)
    with current_app.test_request_context(method="POST"):
        summary = files.write_files(settings.var / "demo", settings.public_base_url)
        db.session.commit()
        _say(summary)
        _check()
    db.session.rollback()


def _say(summary: Mapping[str, Any]) -> None:
    folder, batches = Path(summary["accounts"]).parent, summary["batches"]
    click.echo("")
    for key, shown in summary["shown"].items():
        click.echo(f"  {key:32} {shown}")
    click.echo(
        f"  {'batches handed to the bank':32} {batches['number']}: {batches['payments']} payments, "
        f"{batches['total']}"
    )
    click.echo("")
    click.echo(f"  rounds    {len(summary['rounds'])} files in {folder / 'rounds'}")
    click.echo(f"  papers    {len(summary['papers'])} PDFs in {folder / 'papers'}")
    click.echo(f"  payments  {len(summary['payments'])} files in {folder / 'payments'}")
    click.echo(f"  letters   {summary['letters']}")
    click.echo(f"  logins    {summary['accounts']}, password of all: {cast.PASSWORD}")
    click.echo(
        "            staff are asked for a code, too: flask users code E-MAIL, or the page /outbox/codes"
    )
    for login in cast.known_logins():
        click.echo(f"    {login.role:20} {login.email:34} {login.acts_for}")
    click.echo(f"  site      {summary['url']}, letters at {summary['url']}/outbox")


def _check() -> None:
    """Raises `DoesNotHold` if an invariant or the log does not hold."""
    failing, verdict = broken(), audit.verify()
    click.echo(f"  {wording.summary(verdict)}")
    if failing or not verdict.holds:
        raise DoesNotHold(
            "; ".join(f"{name}: {number}" for name, number in failing.items()) or "The log is broken."
        )
    click.echo(f"  All {len(INVARIANTS)} invariants hold.")
