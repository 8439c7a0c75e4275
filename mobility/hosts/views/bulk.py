"""Several offers at once: preview, confirm, result, undo."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from mobility.accounts.services import signed_in
from mobility.bulk import wording as words
from mobility.bulk.forms import TickedForm
from mobility.bulk.steps import WINDOW, step_of
from mobility.core import clock
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.web import form_page
from mobility.hosts import bulk, queries
from mobility.hosts.models import Offer
from mobility.hosts.views import bp

# So many are taken at once; a page of the list has fewer.
MOST = 100


@bp.route("/bulk", methods=["GET", "POST"])
@requires(Permission.OFFERS_ASSESS)
def in_bulk() -> ResponseReturnValue:
    """Show which offers would be accepted and which not, and why; the button does it once."""
    user, form = signed_in(), TickedForm()
    wanted = form.wanted(request.args.getlist("pick"), MOST)
    offers = queries.offers_to_assess(user, wanted)
    if form.validate_on_submit():
        step = bulk.accept(offers, form.seen.data, actor=user)
        db.session.commit()
        return redirect(url_for(".bulk_step", step_id=step.id))
    sorted_out = words.sorted_out(offers, wanted, bulk.against)
    form.seen.data = {one.reference: one.version for one in sorted_out["changing"]}
    return form_page("hosts/bulk.html", form, minutes=WINDOW.seconds // 60, **sorted_out)


@bp.route("/bulk/<int:step_id>")
@requires(Permission.OFFERS_ASSESS)
def bulk_step(step_id: int) -> ResponseReturnValue:
    """What was accepted, what not and why; and the button that takes it back while that is possible."""
    step = step_of(signed_in(), Offer, step_id)
    until = step.made_at + WINDOW
    may_undo = step.undone_at is None and clock.utcnow() < until
    return render_template("hosts/bulk_step.html", step=step, until=until, may_undo=may_undo, wording=words)


@bp.route("/bulk/<int:step_id>/undo", methods=["POST"])
@requires(Permission.OFFERS_ASSESS)
def undo(step_id: int) -> ResponseReturnValue:
    """Take a step back; what cannot be taken back is named."""
    step = step_of(signed_in(), Offer, step_id)
    stay = bulk.undo(step, actor=signed_in())
    db.session.commit()
    back = len(step.done) - len(stay)
    flash(ngettext("%(num)s offer is as it was.", "%(num)s offers are as they were.", back), "good")
    for one in stay:
        flash(_("%(ref)s stays: %(why)s.", ref=one.reference, why=words.kept_because(one.code)), "wait")
    return redirect(url_for(".bulk_step", step_id=step.id))
