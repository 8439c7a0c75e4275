"""Organisations entered twice: pairs to look at, what speaks for each, merged or told apart."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.services import signed_in
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.errors import NotFound, RuleBroken
from mobility.core.lists import Column, Listing, listing
from mobility.core.queue import enqueue
from mobility.core.states import expect_version
from mobility.core.web import form_page
from mobility.organisations import merges, queries, tasks
from mobility.organisations.enums import LikenessStatus
from mobility.organisations.forms import DecideForm, MergeForm
from mobility.organisations.models import Likeness, Organisation
from mobility.organisations.views import bp
from mobility.organisations.wording import AGAINST, LIKENESSES, MOVES, REASONS, REFUSALS, TYPES
from mobility.partnerships.bank import masked
from mobility.taxonomies.countries import country_name


@bp.get("/alike")
@requires(Permission.ORGANISATIONS_MERGE)
def alike() -> ResponseReturnValue:
    """Pairs of entries that may be one organisation; `?status=` also those told apart or merged."""
    asked = request.args.get("status", "")
    status = LikenessStatus(asked) if asked in set(LikenessStatus) else LikenessStatus.OPEN
    return render_template(
        "organisations/alike.html",
        listing=_list(status),
        status=status,
        words=LIKENESSES,
        reasons=REASONS,
        country_name=country_name,
    )


@bp.post("/alike/look")
@requires(Permission.ORGANISATIONS_MERGE)
def look_for_likenesses() -> ResponseReturnValue:
    """Let the worker look for pairs now and not at night."""
    enqueue(tasks.find_likenesses, once="find-likenesses", timestamp=0)
    db.session.commit()
    flash(_("We are looking. Open this page again in a moment."), "good")
    return redirect(url_for(".alike"))


@bp.get("/alike/<int:number>")
@requires(Permission.ORGANISATIONS_MERGE)
def likeness(number: int) -> ResponseReturnValue:
    """Two entries side by side, and exactly what merging would move; `?keep=other` shows the other way."""
    found = queries.likeness(number)
    return _page(found, request.args.get("keep", ""), MergeForm(obj=found))


@bp.post("/alike/<int:number>/merge")
@requires(Permission.ORGANISATIONS_MERGE)
def merge(number: int) -> ResponseReturnValue:
    """Let one entry stand for both."""
    found, form, keep = queries.likeness(number), MergeForm(), request.form.get("keep", "")
    expect_version(found, form.version.data if form.validate_on_submit() else None)
    survivor, _merged = _both(found, keep)
    if not _is_merged(found, survivor, form):
        return _page(found, keep, form)
    flash(_("Merged: %(name)s stands for both. This can be undone.", name=survivor.name), "good")
    return redirect(url_for(".likeness", number=number))


@bp.post("/alike/<int:number>/tell-apart")
@requires(Permission.ORGANISATIONS_MERGE)
def tell_apart(number: int) -> ResponseReturnValue:
    """They are two, and nobody is asked again."""
    found = queries.likeness(number)
    expect_version(found, _version())
    merges.tell_apart(found, actor=signed_in())
    db.session.commit()
    flash(_("Remembered: these are two organisations."), "good")
    return redirect(url_for(".alike"))


@bp.post("/alike/<int:number>/undo")
@requires(Permission.ORGANISATIONS_MERGE)
def undo_merge(number: int) -> ResponseReturnValue:
    """Give back what the merge moved."""
    done = queries.merge_of(queries.likeness(number))
    if done is None:
        raise NotFound
    merges.undo(done, actor=signed_in())
    db.session.commit()
    flash(_("Undone: both stand for themselves again."), "good")
    return redirect(url_for(".likeness", number=number))


def _page(found: Likeness, keep: str, form: MergeForm) -> ResponseReturnValue:
    survivor, merged = _both(found, keep)
    done = queries.merge_of(found) if found.status is LikenessStatus.MERGED else None
    is_open = found.status is LikenessStatus.OPEN
    return form_page(
        "organisations/likeness.html",
        form,
        likeness=found,
        survivor=survivor,
        merged=merged,
        keep="one" if survivor is found.one else "other",
        done=done,
        preview=merges.preview(survivor, merged) if is_open else None,
        reasons=REASONS,
        moves=MOVES,
        against=AGAINST,
        types=TYPES,
        words=LIKENESSES,
        country_name=country_name,
        masked=masked,
    )


def _is_merged(found: Likeness, survivor: Organisation, form: MergeForm) -> bool:
    try:
        merges.merge(found, survivor, actor=signed_in(), is_account_checked=form.account.data)
    except RuleBroken as refusal:
        if refusal.code != "account-unchecked":
            raise
        db.session.rollback()
        form.account.errors = [str(REFUSALS[refusal.code])]
        return False
    db.session.commit()
    return True


def _version() -> int | None:
    form = DecideForm()
    return form.version.data if form.validate_on_submit() else None


def _both(found: Likeness, keep: str) -> tuple[Organisation, Organisation]:
    if found.one.merged_into_id is not None or (keep == "other" and found.other.merged_into_id is None):
        return found.other, found.one
    return found.one, found.other


def _list(status: LikenessStatus) -> Listing:
    return listing(
        queries.likenesses(status),
        columns=[
            Column("one", _("Entered first"), Likeness.one_id),
            Column("other", _("Entered later"), Likeness.other_id),
            Column("reasons", _("What speaks for it")),
            Column("found", _("Found"), Likeness.found_at),
        ],
        default_sort="-found",
    )
