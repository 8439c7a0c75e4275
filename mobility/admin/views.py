"""Pages of the administration: what waits for staff, the log, and who looked at what."""

from http import HTTPStatus

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from mobility.accounts.services import signed_in
from mobility.admin import log, wording
from mobility.admin.forms import LogForm
from mobility.admin.work import waiting
from mobility.audit import queries as audit
from mobility.core.access import Permission, requires
from mobility.core.export import export_response, is_asked
from mobility.core.lists import LONGEST_EXPORT

bp = Blueprint("admin", __name__)
HEADER = ("entry", "at", "person", "email", "verb", "kind", "reference", "values")


@bp.get("/work")
@requires(Permission.WORK_READ)
def work() -> ResponseReturnValue:
    """What waits for whoever asks, the first page of a member of staff."""
    return render_template("admin/work.html", parts=waiting(signed_in()))


@bp.get("/audit")
@requires(Permission.AUDIT_READ)
def log_page() -> ResponseReturnValue:
    """Who did what, searched by the address; `?format=csv` or `xlsx` gives what the search finds."""
    log.refuse_part_of_it(signed_in())
    form = LogForm()
    if is_asked():
        return export_response("log", HEADER, log.cells(log.entries(form.asked(), LONGEST_EXPORT)))
    page = render_template(
        "admin/log.html",
        form=form,
        listing=log.entries(form.asked()),
        head=audit.head(),
        unsealed=audit.recently_unsealed(),
        page_of=log.page_of,
        words=wording,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


@bp.get("/audit/viewings")
@requires(Permission.AUDIT_READ)
def viewings() -> ResponseReturnValue:
    """Who looked at full account numbers, CVs and evidence."""
    log.refuse_part_of_it(signed_in())
    form = LogForm()
    page = render_template(
        "admin/viewings.html",
        form=form,
        listing=log.viewings(form.asked()),
        page_of=log.page_of,
        words=wording,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
