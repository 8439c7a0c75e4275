"""Agreed pairs: the list, one pair with what to do next, and the form that enters one."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.services import signed_in
from mobility.applications.models import Application
from mobility.calls.findings import Finding
from mobility.calls.queries import allotment_of
from mobility.calls.wording import trace_rows
from mobility.catalogue import queries, records, services, wording
from mobility.catalogue.acts import Acts, acts_of
from mobility.catalogue.enums import PairStatus, Side
from mobility.catalogue.fit import PLACES
from mobility.catalogue.forms import LONGEST_REFERENCE, EndForm, PairForm
from mobility.catalogue.models import AgreedPair
from mobility.catalogue.views import pairs_bp as bp
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.errors import NotAllowed, NotFound
from mobility.core.lists import Column, Filter, listing
from mobility.core.states import expect_version
from mobility.core.web import form_page
from mobility.hosts.forms import version_of
from mobility.hosts.models import Offer

READERS = (Permission.PAIRS_AGREE, Permission.PAIRS_VALIDATE, Permission.EXCHANGES_READ)


@bp.get("")
@requires(*READERS)
def index() -> ResponseReturnValue:
    """One's pairs, and those of an officer's partnerships."""
    user = signed_in()
    statuses = [(status.value, wording.pair_tag(status)[1]) for status in PairStatus]
    found = listing(
        queries.pairs_seen_by(user),
        columns=[
            Column("reference", _("Pair"), AgreedPair.reference),
            Column("visitor", _("Visitor")),
            Column("host", _("Host")),
            Column("first_day", _("Dates"), AgreedPair.first_day),
            Column("status", _("Status"), AgreedPair.status),
        ],
        search=[AgreedPair.reference, Application.reference, Offer.reference],
        filters=[
            Filter("status", _("Status"), statuses, lambda chosen: AgreedPair.status == PairStatus(chosen))
        ],
        default_sort="-reference",
    )
    return render_template(
        "catalogue/pairs.html", listing=found, known=queries.known(user, found.rows)[Side.VISITOR]
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.PAIRS_AGREE)
def new() -> ResponseReturnValue:
    """Enter a visit that both sides agreed on."""
    form = PairForm(data=_asked())
    if form.validate_on_submit() and form.found_application and form.found_offer and form.side:
        application, offer, side = form.found_application, form.found_offer, form.side
        first, last = form.first_day.data, form.last_day.data
        failing = [
            one for one in services.findings_of(application, offer, first, last) if one.passed is False
        ]
        if not failing:
            pair = services.enter_pair(
                application, offer, first, last, side, note=form.note.data or "", actor=signed_in()
            )
            db.session.commit()
            flash(_("Entered. The other side gets a letter and confirms."), "good")
            return redirect(url_for(".show", reference=pair.reference))
        form.name(failing)
    return form_page("catalogue/new_pair.html", form)


@bp.get("/<reference>")
@requires(*READERS)
def show(reference: str) -> ResponseReturnValue:
    """Where a pair stands, what comes next, and who does it."""
    pair = queries.pair_for(signed_in(), reference)
    return _pair_page(pair, EndForm(formdata=None, data={"version": pair.version}))


@bp.post("/<reference>/confirm")
@requires(Permission.PAIRS_AGREE)
def confirm(reference: str) -> ResponseReturnValue:
    """Say yes for the side that is asked."""
    pair, acts = _pair_and_acts(reference)
    if pair.entered_by.other not in acts.sides:
        raise NotFound
    expect_version(pair, version_of(request.form))
    services.confirm_pair(pair, actor=signed_in())
    db.session.commit()
    flash(_("Confirmed. Both partnerships are asked to validate."), "good")
    return redirect(url_for(".show", reference=reference))


@bp.post("/<reference>/validate/<slot>")
@requires(Permission.PAIRS_VALIDATE)
def validate(reference: str, slot: str) -> ResponseReturnValue:
    """Say yes for the visitor's or the host's partnership; never for one's own visit."""
    pair, acts = _pair_and_acts(reference)
    if slot not in acts.slots:
        raise NotFound
    if acts.sides:
        raise NotAllowed
    expect_version(pair, version_of(request.form))
    services.validate_pair(pair, slot, actor=signed_in())
    db.session.commit()
    if pair.status is PairStatus.VALIDATED:
        flash(_("Validated by both partnerships: place and money are reserved."), "good")
    else:
        flash(_("Validated. The other partnership has still to validate."), "good")
    return redirect(url_for(".show", reference=reference))


@bp.post("/<reference>/decline")
@requires(Permission.PAIRS_AGREE, Permission.PAIRS_VALIDATE)
def decline(reference: str) -> ResponseReturnValue:
    """Say no, for the side that is asked or for a partnership."""
    pair, acts = _pair_and_acts(reference)
    if not (pair.entered_by.other in acts.sides or acts.slots):
        raise NotFound
    form = EndForm()
    if not form.validate_on_submit():
        return _pair_page(pair, form)
    expect_version(pair, form.version.data)
    services.decline_pair(
        pair, form.reason.data, actor=signed_in(), side=acts.speaks_for(pair.entered_by.other)
    )
    db.session.commit()
    flash(_("Declined. The letters are on their way."), "good")
    return redirect(url_for(".show", reference=reference))


@bp.post("/<reference>/withdraw")
@requires(Permission.PAIRS_AGREE, Permission.PAIRS_VALIDATE)
def withdraw(reference: str) -> ResponseReturnValue:
    """Take a pair back, for one side or for a partnership."""
    pair, acts = _pair_and_acts(reference)
    if not (acts.sides or acts.slots):
        raise NotFound
    form = EndForm()
    if not form.validate_on_submit():
        return _pair_page(pair, form)
    expect_version(pair, form.version.data)
    services.withdraw_pair(pair, form.reason.data, actor=signed_in(), side=acts.speaks_for(pair.entered_by))
    db.session.commit()
    flash(_("Withdrawn. The letters are on their way."), "good")
    return redirect(url_for(".show", reference=reference))


def _asked() -> dict[str, Any]:
    """What the address names, else the person's only application or offer."""
    asked = {name: request.args.get(name, "")[:LONGEST_REFERENCE] for name in ("application", "offer")}
    if request.method == "GET" and not any(asked.values()):
        own = records.own_records(signed_in())
        if len(own) == 1:
            asked["application" if isinstance(own[0], Application) else "offer"] = own[0].reference
    return asked


def _pair_and_acts(reference: str) -> tuple[AgreedPair, Acts]:
    user = signed_in()
    pair = queries.pair_for(user, reference)
    return pair, acts_of(user, pair)


def _pair_page(pair: AgreedPair, form: EndForm) -> ResponseReturnValue:
    user = signed_in()
    acts, found = acts_of(user, pair), _findings(pair)
    opens_application, opens_offer = queries.opens(user, pair)
    return form_page(
        "catalogue/pair.html",
        form,
        pair=pair,
        acts=acts,
        opens_application=opens_application,
        opens_offer=opens_offer,
        findings=wording.shown(found),
        # A place may still become free; all else that fails will not mend itself.
        is_unfit=any(one.passed is False and one.code not in PLACES for one in found),
        trace=trace_rows(pair.trace),
        budget=allotment_of(pair.application.call, pair.application.partnership)
        if "vop" in acts.slots
        else None,
        exchange=queries.exchange_reference(pair) if pair.status is PairStatus.BUILT else None,
    )


def _findings(pair: AgreedPair) -> list[Finding]:
    """What the pair must still meet before it is validated."""
    if pair.status not in {PairStatus.ENTERED, PairStatus.CONFIRMED}:
        return []
    return services.findings_of(pair.application, pair.offer, pair.first_day, pair.last_day, but=pair)
