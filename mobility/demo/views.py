"""The outbox as a page, so that a demo without a mail server shows its letters; production has none."""

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from mobility.core.access import public
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.core.lists import Column, listing
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
