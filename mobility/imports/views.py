"""Pages of imports: hand in, look at the verdict, take or discard."""

from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.services import signed_in
from mobility.calls.models import Call
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.core.export import csv_response
from mobility.core.lists import Column, Filter, listing
from mobility.core.uploads import takes_files
from mobility.core.web import form_page
from mobility.imports import queries, services, wording
from mobility.imports.enums import UNDER_WAY, ImportStatus
from mobility.imports.forms import HandInForm, StepForm
from mobility.imports.models import Import
from mobility.imports.whole import IMPORTERS

bp = Blueprint("imports", __name__, url_prefix="/imports")
PROBLEMS_SHOWN = 50
PROBLEM_HEADER = ("row", "column", "value", "reason")


@bp.context_processor
def _words() -> dict[str, Any]:
    return {"words": wording, "ImportStatus": ImportStatus}


@bp.get("")
@requires(Permission.IMPORTS_RUN)
def index() -> ResponseReturnValue:
    """Every file that was handed in, the newest first."""
    statuses = [(status.value, label) for status, (_kind, label) in wording.TAGS.items()]
    found = listing(
        queries.imports_seen_by(signed_in()),
        columns=[
            Column("reference", _("Import"), Import.reference),
            Column("kind", _("What is in it"), Import.kind),
            Column("call", _("Call"), Call.reference),
            Column("status", _("Status"), Import.status),
            Column("handed_in_at", _("Handed in"), Import.handed_in_at),
        ],
        search=[Import.reference, Import.filename, Call.reference, Call.title],
        filters=[Filter("status", _("Status"), statuses, lambda value: Import.status == ImportStatus(value))],
        default_sort="-handed_in_at",
    )
    return render_template("imports/list.html", listing=found)


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.IMPORTS_RUN)
@takes_files("file")
def new() -> ResponseReturnValue:
    """Hand a file in; it is tried at once."""
    calls = queries.calls_for(signed_in())
    form = HandInForm().offer(calls)
    if form.validate_on_submit():
        call = next(one for one in calls if one.reference == form.call.data)
        found = services.hand_in(form.kind.data, call, form.file.data, actor=signed_in())
        db.session.commit()
        return redirect(url_for(".show", reference=found.reference))
    columns = {kind: importer.columns for kind, importer in IMPORTERS.items()}
    return form_page("imports/new.html", form, columns=columns)


@bp.get("/blank/<kind>.csv")
@requires(Permission.IMPORTS_RUN)
def blank(kind: str) -> ResponseReturnValue:
    """A table of a kind with its columns and no rows."""
    if kind not in IMPORTERS:
        raise NotFound
    return csv_response(f"{kind}.csv", [column.name for column in IMPORTERS[kind].columns], [])


@bp.get("/<reference>")
@requires(Permission.IMPORTS_RUN)
def show(reference: str) -> ResponseReturnValue:
    """One import: how far it is, its verdict, what is wrong."""
    found = queries.import_for(signed_in(), reference)
    return render_template(
        "imports/show.html",
        found=found,
        problems=[wording.problem(kept) for kept in found.problems[:PROBLEMS_SHOWN]],
        progress=wording.progress_of(found),
        is_under_way=found.status in UNDER_WAY,
    )


@bp.get("/<reference>/progress")
@requires(Permission.IMPORTS_RUN)
def progress(reference: str) -> ResponseReturnValue:
    """How far it is, for the page's script."""
    return jsonify(wording.progress_of(queries.import_for(signed_in(), reference)))


@bp.get("/<reference>/problems.csv")
@requires(Permission.IMPORTS_RUN)
def problems(reference: str) -> ResponseReturnValue:
    """What is wrong with the file, a row for each problem."""
    found = queries.import_for(signed_in(), reference)
    rows = [(one.row, one.column, one.value, one.reason) for one in map(wording.problem, found.problems)]
    return csv_response(f"{found.reference}-problems.csv", PROBLEM_HEADER, rows)


@bp.post("/<reference>/take")
@requires(Permission.IMPORTS_RUN)
def take(reference: str) -> ResponseReturnValue:
    """Have it imported."""
    found = queries.import_for(signed_in(), reference)
    services.take(found, StepForm().version.data, actor=signed_in())
    db.session.commit()
    return redirect(url_for(".show", reference=reference))


@bp.post("/<reference>/discard")
@requires(Permission.IMPORTS_RUN)
def discard(reference: str) -> ResponseReturnValue:
    """Forget the file."""
    found = queries.import_for(signed_in(), reference)
    services.discard(found, StepForm().version.data, actor=signed_in())
    db.session.commit()
    flash(_("Discarded. Nothing was imported."), "good")
    return redirect(url_for(".show", reference=reference))
