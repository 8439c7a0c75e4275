"""Several applications at once: preview, confirm, result, undo."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from mobility.accounts.services import signed_in
from mobility.applications import blind, bulk, queries
from mobility.applications.bulk import Act, Order
from mobility.applications.forms_of_officer import BulkForm, GiveForm
from mobility.applications.models import Application
from mobility.applications.views import bp
from mobility.bulk import wording as words
from mobility.bulk.steps import WINDOW, step_of
from mobility.calls.queries import partnerships_of
from mobility.core import clock
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.core.web import form_page

# So many are taken at once; a page of the list has fewer.
MOST = 100


@bp.route("/bulk", methods=["GET", "POST"])
@requires(Permission.APPLICATIONS_ASSESS)
def in_bulk() -> ResponseReturnValue:
    """Show who would change and who not, and why; the button does it once."""
    user, act = signed_in(), _act(request.args.get("act", ""))
    form = GiveForm() if act is Act.GIVE else BulkForm()
    wanted = form.wanted(request.args.getlist("pick"), MOST)
    applications = queries.applications_to_assess(user, wanted)
    if isinstance(form, GiveForm):
        form.offer(partnerships_of({one.call_id for one in applications}))
    if form.validate_on_submit():
        step = bulk.do(form.order(act), applications, form.seen.data, actor=user)
        db.session.commit()
        return redirect(url_for(".bulk_step", step_id=step.id))
    sorted_out = words.sorted_out(applications, wanted, lambda one: bulk.against(Order(act), one, user))
    form.seen.data = {one.reference: one.version for one in sorted_out["changing"]}
    shown = {"minutes": WINDOW.seconds // 60, "names": blind.names_for(user, sorted_out["changing"])}
    return form_page("applications/bulk.html", form, act=act.value, **shown, **sorted_out)


@bp.route("/bulk/<int:step_id>")
@requires(Permission.APPLICATIONS_ASSESS)
def bulk_step(step_id: int) -> ResponseReturnValue:
    """What changed, what not and why; and the button that takes it back while that is possible."""
    step = step_of(signed_in(), Application, step_id)
    until = step.made_at + WINDOW
    may_undo = step.undone_at is None and clock.utcnow() < until
    return render_template(
        "applications/bulk_step.html", step=step, until=until, may_undo=may_undo, wording=words
    )


@bp.route("/bulk/<int:step_id>/undo", methods=["POST"])
@requires(Permission.APPLICATIONS_ASSESS)
def undo(step_id: int) -> ResponseReturnValue:
    """Take a step back; what cannot be taken back is named."""
    step = step_of(signed_in(), Application, step_id)
    stay = bulk.undo(step, actor=signed_in())
    db.session.commit()
    back = len(step.done) - len(stay)
    flash(
        ngettext("%(num)s application is as it was.", "%(num)s applications are as they were.", back), "good"
    )
    for one in stay:
        flash(_("%(ref)s stays: %(why)s.", ref=one.reference, why=words.kept_because(one.code)), "wait")
    return redirect(url_for(".bulk_step", step_id=step.id))


def _act(asked: str) -> Act:
    if asked not in list(Act):
        raise NotFound
    return Act(asked)
