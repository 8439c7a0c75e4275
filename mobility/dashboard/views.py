"""What waits, where one stands, and the figures of a call."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime
from flask_babel import gettext as _
from sqlalchemy import or_, select

from mobility.accounts.models import User
from mobility.accounts.services import signed_in
from mobility.applications.models import Application
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.dashboard import queries, steps
from mobility.exchanges.queries import open_proposals_of
from mobility.organisations.models import OrganisationMember
from mobility.rounds.models import Proposal

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
        tasks=[_task(proposal) for proposal in open_proposals_of(user)],
        lines=[(application, steps.steps_of(application)) for application in _own(user)],
    )


@dataclass(frozen=True)
class Task:
    """Something that waits for the reader."""

    label: str
    url: str
    when: str
    tag: tuple[str, str]


def _task(proposal: Proposal) -> Task:
    until = format_datetime(proposal.answer_by, "EEE d MMMM y, HH:mm")
    return Task(
        label=_("Answer the proposal %(reference)s", reference=proposal.reference),
        url=url_for("exchanges.proposal", reference=proposal.reference),
        when=_("by %(until)s, Brussels time", until=until),
        tag=("wait", _("To do")),
    )


def _own(user: User) -> list[Application]:
    acts_for = select(OrganisationMember.organisation_id).where(OrganisationMember.user_id == user.id)
    own = select(Application).where(
        or_(Application.author_id == user.id, Application.organisation_id.in_(acts_for))
    )
    return list(db.session.scalars(own.order_by(Application.id.desc()).limit(5)))
