"""What is studied of a run: what a little more would gain, and who is on reserve; and the letters that follow."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from mobility.accounts.services import signed_in
from mobility.applications.wording import tag_of
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.rounds import asking, pages, queries, services
from mobility.rounds.enums import RunStatus
from mobility.rounds.models import Run
from mobility.rounds.views import bp, run_at


@bp.get("/<reference>/runs/<int:number>/gains")
@requires(Permission.ROUNDS_READ)
def gains(reference: str, number: int) -> ResponseReturnValue:
    run = _solved(reference, number)
    return render_template(
        "rounds/gains.html",
        run=run,
        round=run.round,
        listing=pages.gains(run),
        names=queries.names_of(run.round).by_code,
        may_run=signed_in().may(Permission.ROUNDS_RUN),
    )


@bp.post("/<reference>/runs/<int:number>/study")
@requires(Permission.ROUNDS_RUN)
def study(reference: str, number: int) -> ResponseReturnValue:
    services.study(run_at(reference, number))
    db.session.commit()
    flash(_("It is being worked out. Open the page again in a minute."), "good")
    return redirect(url_for(".gains", reference=reference, number=number))


@bp.get("/<reference>/runs/<int:number>/gains/letters")
@requires(Permission.ROUNDS_RUN)
def draft_to_hosts(reference: str, number: int) -> ResponseReturnValue:
    """The letters to hosts, before they are sent."""
    run = _solved(reference, number)
    services.refuse_outdated(run)
    drafts = asking.letters_to_hosts(run)
    return render_template("rounds/letters.html", run=run, round=run.round, drafts=drafts, is_to_hosts=True)


@bp.post("/<reference>/runs/<int:number>/gains/letters")
@requires(Permission.ROUNDS_RUN)
def ask_hosts(reference: str, number: int) -> ResponseReturnValue:
    asked = asking.ask_hosts(run_at(reference, number), actor=signed_in())
    db.session.commit()
    flash(ngettext("%(num)s letter is on its way.", "%(num)s letters are on their way.", asked), "good")
    return redirect(url_for(".gains", reference=reference, number=number))


@bp.get("/<reference>/runs/<int:number>/reserve")
@requires(Permission.ROUNDS_READ)
def reserve(reference: str, number: int) -> ResponseReturnValue:
    run = _solved(reference, number)
    listing = pages.reserve(run)
    return render_template(
        "rounds/reserve.html",
        run=run,
        round=run.round,
        listing=listing,
        freed=set(db.session.scalars(queries.freed_offer_ids(run.round))),
        proposed=queries.proposed_ids([row.application for row in listing.rows]),
        tag_of=tag_of,
        may_run=signed_in().may(Permission.ROUNDS_RUN),
    )


@bp.get("/<reference>/runs/<int:number>/reserve/letters")
@requires(Permission.ROUNDS_RUN)
def draft_to_reserve(reference: str, number: int) -> ResponseReturnValue:
    """The letters to those on reserve of a published run, before they are sent."""
    run = _solved(reference, number)
    if not run.is_published:
        raise NotFound
    drafts = asking.letters_to_reserve(run)
    return render_template("rounds/letters.html", run=run, round=run.round, drafts=drafts, is_to_hosts=False)


@bp.post("/<reference>/runs/<int:number>/reserve/letters")
@requires(Permission.ROUNDS_RUN)
def tell_reserve(reference: str, number: int) -> ResponseReturnValue:
    told = asking.tell_reserve(run_at(reference, number), actor=signed_in())
    db.session.commit()
    flash(ngettext("%(num)s letter is on its way.", "%(num)s letters are on their way.", told), "good")
    return redirect(url_for(".reserve", reference=reference, number=number))


def _solved(reference: str, number: int) -> Run:
    run = run_at(reference, number)
    if run.status is not RunStatus.SOLVED:
        raise NotFound
    return run
