"""What waits, where one stands, and the figures of a call."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import or_, select

from mobility.accounts.models import User
from mobility.accounts.services import signed_in
from mobility.applications.models import Application
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.dashboard import queries, steps
from mobility.dashboard.waiting import tasks_of
from mobility.organisations.models import OrganisationMember

bp = Blueprint("dashboard", __name__, url_prefix="/dashboard")


@bp.get("")
@requires(Permission.DASHBOARD_READ)
def index() -> ResponseReturnValue:
    """Staff see the figures of a call, applicants their own line of steps."""
    user = signed_in()
    calls = queries.calls_seen() if user.is_staff else []
    call = next(
        (one for one in calls if one.reference == request.args.get("call")), calls[0] if calls else None
    )
    return render_template(
        "dashboard/index.html",
        calls=calls,
        call_views=[
            (url_for(".index", call=one.reference), one.reference, None, one is call) for one in calls
        ],
        call=call,
        groups=queries.figures(call, queries.scope_of(user)) if call else [],
        tasks=tasks_of(user),
        lines=[(application, steps.steps_of(application)) for application in _own(user)],
    )


def _own(user: User) -> list[Application]:
    acts_for = select(OrganisationMember.organisation_id).where(OrganisationMember.user_id == user.id)
    own = select(Application).where(
        or_(Application.author_id == user.id, Application.organisation_id.in_(acts_for))
    )
    return list(db.session.scalars(own.order_by(Application.id.desc()).limit(5)))
