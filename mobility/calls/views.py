"""The calls, for everybody: dates, countries, who may take part, amounts."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from mobility.accounts.models import User
from mobility.accounts.services import signed_in
from mobility.calls import queries, services, wording
from mobility.calls.enums import CallStatus, CvAsked, PartRole
from mobility.calls.forms import CvForm
from mobility.calls.models import Call
from mobility.calls.rates import rate_rows
from mobility.core import clock
from mobility.core.access import Permission, public, requires
from mobility.core.db import db
from mobility.core.lists import Column, Filter, listing
from mobility.core.states import expect_version
from mobility.core.web import form_page
from mobility.organisations.wording import TYPES
from mobility.taxonomies.countries import country_name

bp = Blueprint("calls", __name__, url_prefix="/calls")


@bp.get("")
@public
def index() -> ResponseReturnValue:
    """All published calls; staff see drafts, too."""
    states = [(state.value, word) for state, word in wording.CALL_STATUS.items()]
    found = listing(
        queries.calls_seen_by(_asking()),
        columns=[
            Column("title", _("Call"), Call.title),
            Column("closes", _("Applications until"), Call.closes_at),
            Column("stays", _("Stays"), Call.first_day),
            Column("status", _("Status"), Call.status),
        ],
        search=[Call.title, Call.reference],
        filters=[Filter("status", _("Status"), states, lambda chosen: Call.status == CallStatus(chosen))],
        default_sort="-closes",
    )
    return render_template("calls/index.html", listing=found, wording=wording, now=clock.utcnow())


@bp.get("/<reference>")
@public
def show(reference: str) -> ResponseReturnValue:
    """One call with its dates, rules and amounts; staff also see what is allotted."""
    user = _asking()
    call = queries.call_for(user, reference)
    return render_template("calls/show.html", **_context(user, call))


@bp.post("/<reference>/cv")
@requires(Permission.CALLS_RUN)
def ask_for_cv(reference: str) -> ResponseReturnValue:
    """Say whether visitors send a CV."""
    user, form = signed_in(), CvForm()
    call = queries.call_run_by(user, reference)
    if not form.validate_on_submit():
        return form_page("calls/show.html", form, **_context(user, call) | {"cv_form": form})
    expect_version(call, form.version.data)
    services.ask_for_cv(call, CvAsked(form.cv_asked.data), actor=user)
    db.session.commit()
    flash(_("Kept."), "good")
    return redirect(url_for(".show", reference=reference))


def _context(user: User | None, call: Call) -> dict[str, Any]:
    runs = user is not None and queries.runs(user, call)
    return {
        "call": call,
        "tag": wording.status_tag(call, clock.utcnow()),
        "is_open": queries.is_open(call),
        "taking_part": queries.taking_part(call, max(call.first_day, clock.today())),
        "rates": rate_rows(call),
        "matrix": _matrix(call),
        "allotments": queries.allotments_seen_by(user, call),
        "country_name": country_name,
        "may_apply": user is not None and user.may(Permission.APPLICATIONS_SUBMIT),
        "may_host": user is not None and user.may(Permission.OFFERS_SUBMIT),
        "wording": wording,
        "cv_form": CvForm.of(call) if runs else None,
    }


def _asking() -> User | None:
    return signed_in() if current_user.is_authenticated else None


def _matrix(call: Call) -> list[tuple[str, list[bool], str]]:
    """Per type of organisation: its name, whether it may visit and host, what it must be a member of."""
    return [
        (
            str(name),
            [part.value in call.roles_by_type.get(kind.value, ()) for part in PartRole],
            _membership(call, kind.value),
        )
        for kind, name in TYPES.items()
    ]


def _membership(call: Call, kind: str) -> str:
    if kind in call.profile_types:
        return _("Member of a cluster with a profile on the European Cluster Collaboration Platform")
    return _("Member of a cluster") if kind in call.membership_types else _("None")
