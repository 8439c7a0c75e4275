"""The page of one offer: for everybody its content, for those concerned the rest; and the officer's decision."""

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.models import User
from mobility.accounts.services import signed_in
from mobility.core import clock
from mobility.core.access import Permission, public, requires
from mobility.core.db import db
from mobility.core.errors import NotAllowed
from mobility.core.states import expect_version
from mobility.core.web import form_page
from mobility.hosts import calendar, queries, rules, services, wording
from mobility.hosts.enums import OfferStatus
from mobility.hosts.exceptions import OFFERS
from mobility.hosts.forms import AssessForm
from mobility.hosts.models import Offer
from mobility.hosts.views import bp
from mobility.hosts.views.lists import visitor
from mobility.mail.queries import letters_about
from mobility.notes.forms import NoteForm
from mobility.notes.queries import notes_about
from mobility.notes.services import note


@bp.route("/<reference>")
@public
def show(reference: str) -> ResponseReturnValue:
    """One offer."""
    user = visitor()
    offer = queries.offer_for(user, reference)
    return render_template("hosts/show.html", **_context(user, offer))


@bp.route("/<reference>/assess", methods=["POST"])
@requires(Permission.OFFERS_ASSESS)
def assess(reference: str) -> ResponseReturnValue:
    """Accept or reject; never one's own."""
    user = signed_in()
    offer = _to_assess(user, reference)
    form = AssessForm()
    if not form.validate_on_submit():
        return form_page("hosts/show.html", form, **_context(user, offer) | {"assess_form": form})
    expect_version(offer, form.version.data)
    services.assess(offer, accepted=form.accepted, reason=form.reason.data or "", actor=user)
    db.session.commit()
    flash(_("Decided. The letter is on its way."), "good")
    return redirect(url_for(".show", reference=reference))


@bp.route("/<reference>/notes", methods=["POST"])
@requires(Permission.OFFERS_ASSESS)
def notes(reference: str) -> ResponseReturnValue:
    """Keep a note, for those who assess or also for the host; never on one's own."""
    user = signed_in()
    offer = _to_assess(user, reference)
    form = NoteForm()
    if not form.validate_on_submit():
        return form_page("hosts/show.html", form, **_context(user, offer) | {"note_form": form})
    note(offer, form.note.data, is_shared=form.is_shared.data, actor=user)
    db.session.commit()
    flash(_("The note is kept."), "good")
    return redirect(url_for(".show", reference=reference))


def _to_assess(user: User, reference: str) -> Offer:
    """An offer of the officer's partnerships. Raises `NotAllowed` for one in which the officer takes part."""
    offer = queries.offer_to_assess(user, reference)
    if queries.ties_of(user, offer).takes_part:
        raise NotAllowed
    return offer


def _context(user: User | None, offer: Offer) -> dict[str, Any]:
    """What the page shows; contact, findings and letters only to those concerned."""
    is_theirs, takes_part, is_concerned = queries.ties_of(user, offer)
    is_own = user is not None and user.may(Permission.OFFERS_SUBMIT) and is_theirs
    is_assessor = not takes_part and _covers(user, Permission.OFFERS_ASSESS, offer)
    fresh = offer.status == OfferStatus.DRAFT
    found = rules.offer_findings(offer, at=clock.utcnow()) if fresh and is_concerned else offer.findings
    free = _free(offer)
    return {
        "offer": offer,
        "is_concerned": is_concerned,
        "is_own": is_own,
        "takes_wishes": offer.status == OfferStatus.ACCEPTED
        and rules.call_open(offer.call, clock.utcnow()).passed,
        "may_apply": user is not None and user.may(Permission.APPLICATIONS_SUBMIT),
        "may_assess": is_assessor and offer.status == OfferStatus.SUBMITTED,
        **(_exceptions(user, offer, takes_part=takes_part) if user is not None and user.is_staff else {}),
        "assess_form": AssessForm(formdata=None, data={"version": offer.version}),
        "notes": notes_about(offer, only_shared=not is_assessor) if is_assessor or is_theirs else [],
        "note_form": NoteForm(formdata=None) if is_assessor else None,
        "findings": wording.shown(found) if is_concerned else [],
        "letters": letters_about(offer) if is_concerned else [],
        "visits": queries.visits_taken([offer])[offer.id] if is_concerned else None,
        "months": calendar.months(offer, free),
        "seats_left": min(free.values(), default=0) if free is not None and offer.is_group_visit else None,
        "tag": wording.status_tag(offer.status, for_staff=user is not None and user.is_staff),
        "wording": wording,
    }


def _exceptions(user: User, offer: Offer, *, takes_part: bool) -> dict[str, Any]:
    """What staff see of exceptions: those asked for, and whether one may be asked for or answered now."""
    is_met = all(found["passed"] is True and "waived" not in found["values"] for found in offer.findings)
    if is_met or not _covers(user, Permission.OFFERS_READ, offer):
        return {}
    asked = queries.exceptions_of(offer)
    waits = offer.status == OfferStatus.SUBMITTED and not takes_part
    may_ask = waits and _covers(user, Permission.OFFERS_ASSESS, offer)
    return {
        "exceptions": asked,
        "exception_tag": wording.exception_tag,
        "may_except": may_ask and bool(OFFERS.waivable(offer, asked)),
        "may_answer": waits and _covers(user, Permission.EXCEPTIONS_GRANT, offer),
    }


def _free(offer: Offer) -> dict[date, int] | None:
    """The places left on each day of an offer that takes visits."""
    if offer.status != OfferStatus.ACCEPTED:
        return None
    return {one.day: one.places - one.taken for one in queries.place_days([offer])[offer.id]}


def _covers(user: User | None, permission: Permission, offer: Offer) -> bool:
    scopes = user.scopes(permission) if user is not None else ()
    return any(scope.covers(offer.partnership_id, offer.call_id) for scope in scopes)
