"""Who would not enter an open round if it were frozen now."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from mobility.core.access import Permission, requires
from mobility.rounds import entering, queries
from mobility.rounds.enums import RoundStatus
from mobility.rounds.views import bp


@bp.get("/<reference>/left-out")
@requires(Permission.ROUNDS_READ)
def left_out(reference: str) -> ResponseReturnValue:
    """A page of its own: it looks at every accepted application. A frozen round has its list on its page."""
    round_ = queries.round_by(reference)
    if round_.status is not RoundStatus.OPEN:
        return redirect(url_for(".show", reference=reference))
    return render_template(
        "rounds/left_out.html", round=round_, found=entering.left_out(round_.call), most=200
    )
