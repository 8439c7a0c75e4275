"""Pages of organisations."""

from typing import Any

from flask import Blueprint, request

bp = Blueprint("organisations", __name__, url_prefix="/organisations")
# Pages of one's own organisation; `?of=` says which one of several.
OWN = {
    f"organisations.{name}"
    for name in ("cluster", "invite", "mine", "people", "remove", "take_back", "take_back_invitation")
}


@bp.url_defaults
def _stay_with_it(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint in OWN and request.endpoint in OWN and "of" in request.args:
        values.setdefault("of", request.args["of"])


import mobility.organisations.views.cluster  # noqa: E402
import mobility.organisations.views.likeness  # noqa: E402
import mobility.organisations.views.people  # noqa: E402
import mobility.organisations.views.place  # noqa: E402
import mobility.organisations.views.profile  # noqa: E402, F401
