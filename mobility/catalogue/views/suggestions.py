"""The list of hosts or visitors that suit, one of them, and contact with it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.services import signed_in
from mobility.applications.enums import ApplicationStatus
from mobility.catalogue import near, pages, queries, services, wording
from mobility.catalogue.enums import ContactStatus, Side
from mobility.catalogue.forms import AnswerForm, ContactForm
from mobility.catalogue.models import AgreedPair
from mobility.catalogue.narrowing import asked_of
from mobility.catalogue.pages import Basis, Suggestion
from mobility.catalogue.views import bp
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.core.states import expect_version
from mobility.core.web import form_page


@bp.get("/catalogue")
@requires(Permission.CATALOGUE_READ)
def index() -> ResponseReturnValue:
    """Who suits one's application or offer; `?of=REFERENCE` names another of one's records."""
    user = signed_in()
    own, basis = pages.basis_of(user, _of())
    if basis is None:
        return render_template("catalogue/index.html", own=own, basis=None, listing=None)
    live = queries.live_contacts({*own, basis.record})
    asked = asked_of(basis.wanted, own_country=basis.record.organisation.country)
    return render_template(
        "catalogue/index.html",
        own=own,
        basis=basis,
        listing=pages.ranked(user, basis, live, asked),
        waiting=pages.to_answer(own, live),
        most_scored=near.MOST_SCORED,
    )


@bp.get("/catalogue/<reference>")
@requires(Permission.CATALOGUE_READ)
def show(reference: str) -> ResponseReturnValue:
    """One host or visitor: why it suits, what stands against it, and contact."""
    basis, found = _found(reference)
    return _record_page(basis, found, ContactForm(formdata=None), _answer_form(found, fresh=True))


@bp.post("/catalogue/<reference>/contact")
@requires(Permission.PAIRS_AGREE)
def contact(reference: str) -> ResponseReturnValue:
    """Write to the other side."""
    basis, found = _own_found(reference)
    form = ContactForm()
    if not form.validate_on_submit():
        return _record_page(basis, found, form, _answer_form(found, fresh=True))
    services.contact(found.application, found.offer, basis.side, form.message.data, actor=signed_in())
    db.session.commit()
    flash(
        _("Your message is on its way. Names and addresses follow when the other side wants contact."), "good"
    )
    return redirect(_address(reference, basis))


@bp.post("/catalogue/<reference>/answer")
@requires(Permission.PAIRS_AGREE)
def answer(reference: str) -> ResponseReturnValue:
    """Say whether one wants contact, too."""
    basis, found = _own_found(reference)
    if found.contact is None or found.contact.begun_by is basis.side:
        raise NotFound
    form = _answer_form(found)
    if not form.validate_on_submit():
        return _record_page(basis, found, ContactForm(formdata=None), form)
    expect_version(found.contact, form.version.data)
    services.answer_contact(
        found.contact, accepted=form.accepted, reply=form.reply.data or "", actor=signed_in()
    )
    db.session.commit()
    flash(_("Answered. The other side gets a letter."), "good")
    return redirect(_address(reference, basis))


def _of() -> str:
    return request.args.get("of", "").strip().upper()


def _found(reference: str) -> tuple[Basis, Suggestion]:
    """The record the address names, seen from one's own. Raises `NotFound`."""
    user = signed_in()
    _own, basis = pages.basis_of(user, _of())
    if basis is None:
        raise NotFound
    return basis, pages.suggestion_of(user, basis, reference)


def _own_found(reference: str) -> tuple[Basis, Suggestion]:
    basis, found = _found(reference)
    if not basis.is_own:
        raise NotFound
    return basis, found


def _answer_form(found: Suggestion, *, fresh: bool = False) -> AnswerForm:
    version = found.contact.version if found.contact else None
    return AnswerForm(formdata=None, data={"version": version}) if fresh else AnswerForm()


def _record_page(
    basis: Basis, found: Suggestion, form: ContactForm, answering: AnswerForm
) -> ResponseReturnValue:
    contact = found.contact
    is_open = contact is not None and contact.status is ContactStatus.OPEN
    asked = is_open and contact is not None and contact.begun_by is not basis.side
    score = wording.score_rows(found.score.as_dicts())
    shown = answering if answering.errors else form
    may_act = basis.is_own and signed_in().may(Permission.PAIRS_AGREE)
    is_accepted = found.application.status is ApplicationStatus.ACCEPTED
    return form_page(
        "catalogue/show.html",
        shown,
        basis=basis,
        found=found,
        contact_form=form,
        answer_form=answering,
        may_answer=may_act and asked,
        may_write=may_act and is_accepted and found.is_available and _may_begin(found),
        must_wait=may_act and found.application.status is ApplicationStatus.SUBMITTED,
        pair=_own_pair(basis, found),
        score=score,
        to_raise=wording.to_raise(score),
    )


def _own_pair(basis: Basis, found: Suggestion) -> AgreedPair | None:
    """The visitor's own pair that keeps another from coming about."""
    is_theirs = basis.is_own and basis.side is Side.VISITOR and "paired" in found.reasons
    return queries.live_pair(found.application) if is_theirs else None


def _may_begin(found: Suggestion) -> bool:
    return found.contact is None or found.contact.status is ContactStatus.DECLINED


def _address(reference: str, basis: Basis) -> str:
    return url_for(".show", reference=reference, of=basis.record.reference)
