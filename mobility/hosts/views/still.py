"""Whether an offer still holds: by the link of a letter, or on its own page."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.services import signed_in
from mobility.core.access import Permission, public, requires
from mobility.core.db import db
from mobility.core.forms import HouseForm
from mobility.core.states import expect_version
from mobility.core.web import form_page
from mobility.hosts import queries
from mobility.hosts.forms import version_of
from mobility.hosts.resting import OFFERS
from mobility.hosts.views import bp


@bp.route("/still/<token>", methods=["GET", "POST"])
@public
def still_valid(token: str) -> ResponseReturnValue:
    """Say by the link of a letter that an offer still holds: looking changes nothing."""
    offer, form = queries.offer_behind(token), HouseForm()
    if form.validate_on_submit():
        OFFERS.say_valid(offer, actor=None)
        db.session.commit()
        return redirect(url_for(".still_valid", token=token))
    return form_page("hosts/still.html", form, offer=offer, may_answer=OFFERS.may_answer(offer))


@bp.route("/<reference>/wake", methods=["POST"])
@requires(Permission.OFFERS_SUBMIT)
def wake(reference: str) -> ResponseReturnValue:
    """Say on its page that an offer still holds; one that rests is in the lists again."""
    offer = queries.own_offer(signed_in(), reference)
    expect_version(offer, version_of(request.form))
    OFFERS.say_valid(offer, actor=signed_in())
    db.session.commit()
    flash(_("Thank you. The offer is in the list of hosts."), "good")
    return redirect(url_for(".show", reference=reference))
