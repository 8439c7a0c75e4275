"""Pages of plans and agreements."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.services import signed_in
from mobility.agreements import queries, rules, services, tables, tasks, wording
from mobility.agreements.document import signatures, text_of
from mobility.agreements.enums import AgreementKind, AgreementStatus, Slot
from mobility.agreements.forms import AmendForm, DatesForm, DrawUpForm, PlanForm, SignForm
from mobility.agreements.models import Agreement, Plan
from mobility.calls.findings import Finding
from mobility.core import clock
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.errors import NotFound, RuleBroken
from mobility.core.states import expect_version
from mobility.core.web import form_page
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.exchanges.queries import exchange_for
from mobility.papers import queries as papers
from mobility.papers.download import serve

bp = Blueprint("agreements", __name__)


@bp.context_processor
def _words() -> dict[str, Any]:
    return {
        "words": wording,
        "AgreementKind": AgreementKind,
        "AgreementStatus": AgreementStatus,
        "ExchangeStatus": ExchangeStatus,
        "missing": rules.missing,
    }


@bp.app_context_processor
def _for_earlier_rooms() -> dict[str, Any]:
    """What the page of an exchange asks of its agreements."""
    return {"signing_step": queries.next_step, "sign_by": rules.sign_by}


@bp.get("/agreements")
@requires(Permission.EXCHANGES_READ)
def index() -> ResponseReturnValue:
    """The agreements that the person may see, and those that wait for the person's signature."""
    user = signed_in()
    return render_template(
        "agreements/index.html",
        listing=tables.agreement_list(user),
        waiting=list(db.session.scalars(queries.to_sign(user).limit(tables.LONGEST_WAITING)).unique()),
    )


@bp.get("/exchanges/<reference>/agreements")
@requires(Permission.EXCHANGES_READ)
def of_exchange(reference: str) -> ResponseReturnValue:
    """Everything between the agreed exchange and its confirmation, on one page."""
    exchange = exchange_for(signed_in(), reference)
    agreements = queries.revisions_seen_by(signed_in(), exchange)
    return _exchange_page(exchange, agreements, AmendForm(data={"in_force": _in_force(agreements)}))


@bp.get("/exchanges/<reference>/plan")
@requires(Permission.EXCHANGES_READ)
def plan(reference: str) -> ResponseReturnValue:
    """The plan; who may write it gets it as a form."""
    exchange = exchange_for(signed_in(), reference)
    written = queries.plan_of(exchange)
    return _plan_page(exchange, written, PlanForm.of(exchange, written))


@bp.post("/exchanges/<reference>/plan")
@requires(Permission.AGREEMENTS_SIGN)
def revise(reference: str) -> ResponseReturnValue:
    """Both sides and their partnerships write the plan."""
    exchange = queries.exchange_to_write(signed_in(), reference)
    written = queries.plan_of(exchange)
    form = PlanForm.of(exchange, written)
    if form.validate_on_submit():
        _revise(exchange, form)
        db.session.commit()
        flash(_("The plan is saved."), "good")
        return redirect(url_for(".plan", reference=reference))
    return _plan_page(exchange, written, form)


@bp.post("/exchanges/<reference>/draw-up")
@requires(Permission.AGREEMENTS_SIGN)
def draw_up(reference: str) -> ResponseReturnValue:
    """Freeze the plan into the Commitment to Quality."""
    exchange = queries.exchange_to_write(signed_in(), reference)
    form = DrawUpForm()
    if form.version.data is None:
        raise RuleBroken("stale")
    written = queries.plan_of(exchange)
    if any(finding.passed is False for finding in _findings(exchange, written)):
        shown = PlanForm.of(exchange, written, formdata=None)
        page, _status = _plan_page(exchange, written, shown, is_refused=True)
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    agreement = services.draw_up(exchange, version=form.version.data, actor=signed_in())
    tasks.have_printed(agreement.id)
    db.session.commit()
    flash(_("The Commitment to Quality is drawn up. All four parties are asked to sign."), "good")
    return redirect(url_for(".show", number=agreement.number))


@bp.post("/exchanges/<reference>/amend")
@requires(Permission.AGREEMENTS_SIGN)
def amend(reference: str) -> ResponseReturnValue:
    """Take back what is in force, with a reason."""
    exchange = queries.exchange_to_write(signed_in(), reference)
    agreements, form = queries.revisions_seen_by(signed_in(), exchange), AmendForm()
    if not form.validate_on_submit():
        return _exchange_page(exchange, agreements, form)
    if form.in_force.data != _in_force(agreements):
        raise RuleBroken("stale")
    services.amend(exchange, form.reason.data, actor=signed_in())
    db.session.commit()
    flash(
        _("The agreements are void. Who signed gets a letter; change the plan and draw it up anew."), "good"
    )
    return redirect(url_for(".of_exchange", reference=reference))


@bp.route("/exchanges/<reference>/dates", methods=["GET", "POST"])
@requires(Permission.AGREEMENTS_SIGN)
def dates(reference: str) -> ResponseReturnValue:
    """Give the stay other dates."""
    exchange = queries.exchange_to_write(signed_in(), reference)
    days = {"first_day": exchange.first_day, "last_day": exchange.last_day}
    form = DatesForm(data={"version": exchange.version, **days})
    if form.validate_on_submit():
        expect_version(exchange, form.version.data)
        services.move_dates(
            exchange, form.first_day.data, form.last_day.data, form.reason.data, actor=signed_in()
        )
        db.session.commit()
        flash(_("The dates are changed. All four parties get a letter."), "good")
        return redirect(url_for(".plan", reference=reference))
    return form_page(
        "agreements/dates.html", form, exchange=exchange, in_force=queries.all_in_force(exchange)
    )


@bp.get("/agreements/<number>")
@requires(Permission.EXCHANGES_READ)
def show(number: str) -> ResponseReturnValue:
    """The frozen text, who has signed it when, and the form to sign."""
    agreement = queries.agreement_for(signed_in(), number)
    slots = queries.slots_to_sign(signed_in(), agreement, queries.slots_of(signed_in(), agreement.exchange))
    return _agreement_page(agreement, SignForm.of(agreement, slots, signed_in().name), slots)


@bp.post("/agreements/<number>/sign")
@requires(Permission.AGREEMENTS_SIGN)
def sign(number: str) -> ResponseReturnValue:
    """Sign for one party."""
    agreement = queries.agreement_for(signed_in(), number)
    theirs = queries.slots_of(signed_in(), agreement.exchange)
    if not theirs:
        raise NotFound
    # When none is open any more all are there to choose from, so that the verb says why.
    slots = queries.slots_to_sign(signed_in(), agreement, theirs) or [slot for slot in Slot if slot in theirs]
    form = SignForm.of(agreement, slots, signed_in().name)
    if not form.validate_on_submit():
        return _agreement_page(agreement, form, slots)
    services.sign(
        agreement,
        Slot(form.slot.data),
        sha256=form.sha256.data or "",
        name=form.name.data,
        position=form.position.data,
        address=request.remote_addr or "",
        actor=signed_in(),
    )
    tasks.have_all_printed(agreement.exchange)
    db.session.commit()
    flash(_("You have signed."), "good")
    return redirect(url_for(".show", number=number))


@bp.get("/agreements/<number>/paper")
@requires(Permission.EXCHANGES_READ)
def paper(number: str) -> ResponseReturnValue:
    """The paper of an agreement in force."""
    found = papers.live(services.PAPER, queries.agreement_for(signed_in(), number))
    if found is None:
        raise NotFound
    return serve(found)


def _revise(exchange: Exchange, form: PlanForm) -> None:
    """Write the plan, begun now if nobody has. Raises `RuleBroken("stale")`."""
    expect_version(exchange, form.exchange_version.data)
    before, version = queries.plan_of(exchange), form.version.data
    if version is None or (before is None and version != 0):
        raise RuleBroken("stale")
    begun = before or services.begin_plan(exchange, actor=signed_in())
    db.session.flush()
    # Whoever begins has seen no version; if somebody else began meanwhile, theirs is not 1.
    services.revise_plan(begun, form.draft(exchange), actor=signed_in(), version=version or 1)


def _acts(exchange: Exchange, agreements: list[Agreement]) -> dict[str, bool]:
    """Whether the person may write the plan, and whether one of the agreements waits for their signature."""
    theirs = queries.slots_of(signed_in(), exchange)
    return {
        "may_write": exchange.status is ExchangeStatus.AGREED and bool(theirs),
        "may_sign": any(queries.slots_to_sign(signed_in(), one, theirs) for one in agreements),
    }


def _in_force(agreements: list[Agreement]) -> str:
    """What the person sees in force, to tell an old page from a new one."""
    live = [one for one in agreements if one.status is not AgreementStatus.VOID]
    return " ".join(f"{one.number}/{one.version}" for one in live)


def _findings(exchange: Exchange, written: Plan | None) -> list[Finding]:
    visited = queries.has_visited(exchange)
    return rules.findings(exchange, written, today=clock.today(), has_visited=visited)


def _plan_page(exchange: Exchange, written: Plan | None, form: PlanForm, *, is_refused: bool = False) -> Any:
    in_force = queries.all_in_force(exchange)
    return form_page(
        "agreements/plan.html",
        form,
        exchange=exchange,
        found=wording.shown(_findings(exchange, written)),
        in_force=in_force,
        draw_up_form=DrawUpForm(formdata=None, data={"version": form.version.data}),
        is_refused=is_refused,
        **_acts(exchange, in_force[:1]),
    )


def _exchange_page(exchange: Exchange, agreements: list[Agreement], form: AmendForm) -> ResponseReturnValue:
    return form_page(
        "agreements/of_exchange.html",
        form,
        exchange=exchange,
        plan=queries.plan_of(exchange),
        agreements=agreements,
        **_acts(exchange, agreements),
    )


def _agreement_page(agreement: Agreement, form: SignForm, slots: list[Slot]) -> ResponseReturnValue:
    return form_page(
        "agreements/show.html",
        form,
        agreement=agreement,
        exchange=agreement.exchange,
        text=text_of(agreement),
        signatures=signatures(agreement),
        slots=slots,
        versions=papers.versions(services.PAPER, agreement),
    )
