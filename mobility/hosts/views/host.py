"""What the host does: begin, fill, send, close."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.models import User
from mobility.accounts.services import signed_in
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.states import expect_version
from mobility.core.web import form_page
from mobility.hosts import calendar, queries, rules, services, wording
from mobility.hosts.draft import OfferDraft
from mobility.hosts.enums import OfferKind, OfferStatus
from mobility.hosts.forms import version_of
from mobility.hosts.forms_of_host import (
    DatesForm,
    GroupDatesForm,
    NewOfferForm,
    form_of,
    places_draft,
    places_form_of,
)
from mobility.hosts.models import Offer
from mobility.hosts.views import bp

LONGEST_STAY_OFFERED_FIRST = 5
PROMISED: dict[str, Callable[[dict[str, Any]], str]] = {
    "places-promised": lambda values: wording.promised(values["days"]),
    "visits-promised": lambda values: str(wording.REFUSALS["visits-promised"]) % values,
    "length-promised": lambda values: str(wording.REFUSALS["length-promised"]) % values,
}


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.OFFERS_SUBMIT)
def new() -> ResponseReturnValue:
    """Choose the organisation; the button begins the draft, or finds the one begun already."""
    user, call = signed_in(), queries.open_call(request.args.get("call", ""))
    organisations = queries.own_organisations(user)
    form = NewOfferForm.among(organisations)
    if organisations and form.validate_on_submit():
        organisation = form.chosen(organisations)
        offer = services.begin(call, organisation, _first_content(user, call, form.kind), actor=user)
        db.session.commit()
        return redirect(url_for(".edit", reference=offer.reference))
    return form_page("hosts/new.html", form, call=call, organisations=organisations)


@bp.route("/<reference>/edit", methods=["GET", "POST"])
@requires(Permission.OFFERS_SUBMIT)
def edit(reference: str) -> ResponseReturnValue:
    """The form; "add …" gives it back with more in it, "check and send" leads on to the rules."""
    offer = queries.own_offer(signed_in(), reference)
    if request.method == "GET" and offer.status != OfferStatus.DRAFT:
        return redirect(url_for(".show", reference=reference))
    form = form_of(offer)
    if "add" in request.form:
        form.add(request.form["add"], offer)
        return form_page("hosts/edit.html", form, **_beside(offer, form))
    to_check = request.form.get("next") == "check"
    if form.validate_on_submit():
        services.revise(offer, form.draft(), actor=signed_in(), version=form.version.data or 0)
        db.session.commit()
        flash(_("Saved. Look through the rules, then send.") if to_check else _("Saved."), "good")
        return redirect(url_for(".show" if to_check else ".edit", reference=reference))
    return form_page("hosts/edit.html", form, **_beside(offer, form))


@bp.route("/<reference>/submit", methods=["POST"])
@requires(Permission.OFFERS_SUBMIT)
def submit(reference: str) -> ResponseReturnValue:
    """Hand in; a second click finds it handed in already."""
    offer = queries.own_offer(signed_in(), reference)
    if offer.status != OfferStatus.SUBMITTED:
        expect_version(offer, version_of(request.form))
        services.submit(offer, actor=signed_in())
        db.session.commit()
        flash(_("Sent. The receipt goes to %(email)s.", email=offer.contact_email), "good")
    return redirect(url_for(".show", reference=reference))


@bp.route("/<reference>/places", methods=["GET", "POST"])
@requires(Permission.OFFERS_SUBMIT)
def places(reference: str) -> ResponseReturnValue:
    """Other dates and places for an accepted offer; what is promised stays."""
    offer = queries.own_offer(signed_in(), reference)
    if request.method == "GET" and offer.status != OfferStatus.ACCEPTED:
        return redirect(url_for(".show", reference=reference))
    form = places_form_of(offer)
    if "add" in request.form:
        form.add(request.form["add"], offer)
    elif form.validate_on_submit() and _changed(offer, form):
        flash(_("Changed. Rounds take the new dates and places from now on."), "good")
        return redirect(url_for(".show", reference=reference))
    return form_page("hosts/places.html", form, **_beside(offer, form))


@bp.route("/<reference>/close", methods=["POST"])
@requires(Permission.OFFERS_SUBMIT)
def close(reference: str) -> ResponseReturnValue:
    """Take no more visits."""
    offer = queries.own_offer(signed_in(), reference)
    expect_version(offer, version_of(request.form))
    services.close(offer, actor=signed_in())
    db.session.commit()
    flash(_("Closed. Visits agreed before stay agreed."), "good")
    return redirect(url_for(".show", reference=reference))


def _changed(offer: Offer, form: DatesForm | GroupDatesForm) -> bool:
    """Whether the places could be changed; otherwise the form says what is promised."""
    try:
        services.change_places(offer, places_draft(form), actor=signed_in(), version=form.version.data)
    except RuleBroken as refused:
        if refused.code not in PROMISED:
            raise
        db.session.rollback()
        form.form_errors = [PROMISED[refused.code](refused.values)]
        return False
    db.session.commit()
    return True


def _beside(offer: Offer, form: DatesForm | GroupDatesForm) -> dict[str, Any]:
    findings = rules.offer_findings(offer, at=clock.utcnow())
    typed = calendar.as_typed(offer, form.typed_windows(), form.typed_closures())
    return {
        "offer": offer,
        "findings": wording.shown(findings),
        "months": calendar.months(typed),
        "wording": wording,
    }


def _first_content(user: User, call: Call, kind: OfferKind) -> OfferDraft:
    return OfferDraft(
        title="",
        kind=kind,
        contact_name=user.name,
        contact_email=user.email,
        windows=(),
        min_days=call.min_days,
        max_days=max(LONGEST_STAY_OFFERED_FIRST, call.min_days),
        max_visits=1,
    )
