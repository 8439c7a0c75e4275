"""Two runs of a round on one page."""

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mobility.core.access import Permission, requires
from mobility.core.errors import NotFound
from mobility.core.export import csv_response
from mobility.rounds import comparing, queries, sides
from mobility.rounds.comparison import FAMILIES, Change, Comparison
from mobility.rounds.models import Run
from mobility.rounds.views import bp

SHOWN = 12
HEADER = ["application", "visitor", "partnership", "change", "host_before", "from_before", "host", "from"]


@bp.get("/<reference>/compare")
@requires(Permission.ROUNDS_READ)
def compare(reference: str) -> ResponseReturnValue:
    """Two runs side by side, by default the last two; `?format=csv` gives everybody for whom they differ."""
    round_ = queries.round_by(reference)
    runs = sides.comparable(queries.runs_of(round_), round_)
    if len(runs) < 2:
        return render_template("rounds/compare.html", round=round_, runs=runs, found=None)
    chosen = _asked("one", runs, runs[1]), _asked("other", runs, runs[0])
    found = sides.comparison_of(*chosen)
    if request.args.get("format") == "csv":
        return _csv(found, f"{round_.reference}-{chosen[0].number}-{chosen[1].number}.csv")
    return render_template(
        "rounds/compare.html",
        round=round_,
        runs=runs,
        chosen=chosen,
        names=(chosen[0].number, chosen[1].number),
        found=found,
        say=comparing,
        csv_url=url_for(
            ".compare", reference=reference, one=chosen[0].number, other=chosen[1].number, format="csv"
        ),
        families=FAMILIES,
        shown=SHOWN,
    )


def _asked(name: str, runs: list[Run], otherwise: Run) -> Run:
    """The run whose number the address names. Raises `NotFound` where no run that can be compared has it."""
    asked = request.args.get(name)
    if not asked:
        return otherwise
    found = next((run for run in runs if str(run.number) == asked), None)
    if found is None:
        raise NotFound
    return found


def _csv(found: Comparison, filename: str) -> Response:
    return csv_response(filename, HEADER, [_cells(change) for change in found.changes])


def _cells(change: Change) -> list[object]:
    entry = change.entry
    stays = [
        [stay.host, stay.first_day.isoformat()] if stay else ["", ""] for stay in (change.one, change.other)
    ]
    return [entry.reference, entry.visitor, entry.partnership, change.kind, *stays[0], *stays[1]]
