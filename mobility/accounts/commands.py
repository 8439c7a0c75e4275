"""`flask users …`"""

from math import ceil

import click
from email_validator import EmailNotValidError, validate_email
from flask.cli import AppGroup
from sqlalchemy import text

from mobility.accounts import second_factor, services
from mobility.accounts.enums import Role
from mobility.accounts.roles import PARTNERSHIP_ROLES
from mobility.core.db import db

users = AppGroup("users", help="People and their roles.")


@users.command("invite")
@click.argument("email")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--name", default="", help="How to address the person.")
@click.option("--partnership", help="Code of the partnership to which the role is bound.")
def invite(email: str, role: str, name: str, partnership: str | None) -> None:
    """Make an account for EMAIL with a role, and print the link with which to choose a password."""
    try:
        email = validate_email(email, check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError as error:
        raise click.ClickException(f"'{email}' is not an e-mail address: {error}") from None
    partnership_id = _partnership_id(partnership) if partnership else None
    user, link = services.invite(email, name, Role(role), partnership_id=partnership_id)
    db.session.commit()
    click.echo(f"{user.email} is now {role}. Choose a password within {services.INVITATION_HOURS} hours at")
    click.echo(link)
    if Role(role) in PARTNERSHIP_ROLES and partnership_id is None:
        click.echo("This role sees nothing until it has a partnership: invite again with --partnership CODE.")


@users.command("code")
@click.argument("email")
def code(email: str) -> None:
    """Print the next sign-in code of EMAIL, an account of the demonstration."""
    shown, wait_s = second_factor.demo_code(email)
    if wait_s:
        click.echo(f"Taken in {ceil(wait_s)} seconds, for the one of this moment was used:", err=True)
    click.echo(shown)


def _partnership_id(code: str) -> int:
    # `partnerships` stands above this room: only its id is needed.
    found = db.session.execute(text("SELECT id FROM partnership WHERE code = :code"), {"code": code}).scalar()
    if found is None:
        raise click.ClickException(f"There is no partnership '{code}'.")
    return int(found)
