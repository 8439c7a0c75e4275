"""Where one stands and what waits, and for staff the figures of a call."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mobility.accounts.models import User
from mobility.accounts.services import signed_in
from mobility.core.access import Permission, requires
from mobility.dashboard import queries, steps
from mobility.dashboard.waiting import tasks_of
from mobility.dashboard.way import way_of
from mobility.hosts import wording
from mobility.organisations.queries import own_organisation

bp = Blueprint("dashboard", __name__, url_prefix="/dashboard")


@bp.app_context_processor
def _for_earlier_rooms() -> dict[str, Any]:
    """What the pages of an application and of an exchange ask of all that came after."""
    return {"line_of": steps.line_of, "way_of": way_of}


@bp.get("")
@requires(Permission.DASHBOARD_READ)
def index() -> ResponseReturnValue:
    """Staff see the figures of a call, visitors and hosts what waits and their own line of steps."""
    user = signed_in()
    if user.is_staff:
        return render_template("dashboard/call.html", own=own_organisation(user), **_call(user))
    return own()


@bp.get("/own")
@requires(Permission.DASHBOARD_READ)
def own() -> ResponseReturnValue:
    """What waits for a visitor or host, and their own line of steps; staff may take part, too."""
    user = signed_in()
    return render_template(
        "dashboard/index.html",
        tasks=tasks_of(user),
        lines=steps.lines_of(user),
        offers=queries.offers_of(user),
        organisation=own_organisation(user),
        words=wording,
    )


def _call(user: User) -> dict[str, Any]:
    calls = queries.calls_seen()
    asked = (one for one in calls if one.reference == request.args.get("call"))
    call = next(asked, calls[0] if calls else None)
    views = [(url_for(".index", call=one.reference), one.title, None, one is call) for one in calls]
    picture = queries.picture(call, queries.scope_of(user, call)) if call else None
    return {"call": call, "call_views": views, "picture": picture}
