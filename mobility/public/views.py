"""The first page and what watches over the site."""

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from mobility.calls.queries import open_calls
from mobility.core.access import public
from mobility.core.db import db

bp = Blueprint("public", __name__)


@bp.get("/")
@public
def home() -> ResponseReturnValue:
    """What the scheme is, what is open, what one receives."""
    return render_template("public/home.html", calls=open_calls())


@bp.get("/health/live")
@public
def live() -> ResponseReturnValue:
    """This process answers."""
    return jsonify(status="live")


@bp.get("/health/ready")
@public
def ready() -> ResponseReturnValue:
    """The database answers, too."""
    db.session.execute(text("SELECT 1"))
    return jsonify(status="ready")
