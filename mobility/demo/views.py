"""The outbox and the sign-in codes as pages, for a demo without mail server and authenticator; production has none."""

from dataclasses import dataclass
from math import ceil

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from mobility.accounts import second_factor
from mobility.accounts.models import User
from mobility.core.access import public
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.core.lists import Column, listing
from mobility.core.settings import DEMO_DOMAIN
from mobility.demo.cast import is_engaged
from mobility.mail.models import Letter

bp = Blueprint("demo", __name__, url_prefix="/outbox")


@bp.before_request
def only_in_a_demo() -> None:
    """Letters hold links that sign people in: nothing is shown outside a demo."""
    if current_app.config["SETTINGS"].is_production or not is_engaged():
        raise NotFound


@bp.get("")
@public
def outbox() -> ResponseReturnValue:
    """Every letter, the newest first."""
    columns = [
        Column("created_at", _("Written"), Letter.created_at),
        Column("to", _("To"), Letter.to_email),
        Column("subject", _("Subject"), Letter.subject),
    ]
    found = listing(
        select(Letter),
        columns=columns,
        search=[Letter.to_name, Letter.to_email, Letter.subject, Letter.kind],
        default_sort="-created_at",
    )
    return render_template("demo/outbox.html", listing=found)


@bp.get("/<int:letter_id>")
@public
def letter(letter_id: int) -> ResponseReturnValue:
    """One letter."""
    found = db.session.get(Letter, letter_id) if letter_id < 2**63 else None
    if found is None:
        raise NotFound
    return render_template("demo/letter.html", letter=found)


@dataclass(frozen=True)
class CodeRow:
    """A login with the code that is taken next."""

    name: str
    email: str
    role: str
    code: str
    # In how many seconds it is taken: 0 for now.
    wait_s: int


@bp.get("/codes")
@public
def codes() -> ResponseReturnValue:
    """The codes of all logins that have a second factor."""
    domain = func.lower(User.email).endswith("@" + DEMO_DOMAIN)
    theirs = select(User).where(domain, User.tf_primary_method.is_not(None)).order_by(User.id)
    users = db.session.scalars(theirs.options(undefer(User.tf_totp_secret)))
    return render_template("demo/codes.html", rows=[_row(user) for user in users])


def _row(user: User) -> CodeRow:
    code, wait_s = second_factor.next_code(user)
    role = ", ".join(dict.fromkeys(grant.role.value.replace("_", " ") for grant in user.grants))
    return CodeRow(user.name, user.email, role, code, ceil(wait_s))
