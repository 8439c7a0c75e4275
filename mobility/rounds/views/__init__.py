"""Pages of rounds and their runs."""

from typing import Any

from flask import Blueprint

from mobility.core.errors import NotFound
from mobility.rounds import queries, wording
from mobility.rounds.blind import who
from mobility.rounds.enums import RoundStatus, RunStatus
from mobility.rounds.models import Run
from mobility.rounds.scenario import is_current
from mobility.taxonomies.countries import country_name

bp = Blueprint("rounds", __name__, url_prefix="/rounds")


def run_at(reference: str, number: int) -> Run:
    """The run that an address names. Raises `NotFound`."""
    if number > 2**31:
        raise NotFound
    return queries.run_by(reference, number)


@bp.context_processor
def _words() -> dict[str, Any]:
    return {
        "words": wording,
        "country_name": country_name,
        "RoundStatus": RoundStatus,
        "RunStatus": RunStatus,
        "is_current": is_current,
        "who": who,
    }


@bp.app_context_processor
def _for_earlier_rooms() -> dict[str, Any]:
    """What the pages of an application and of a pair ask of the rounds."""
    return {
        "without_host": queries.without_host,
        "without_host_words": wording.without_host,
        "has_frozen_round": queries.has_frozen_round,
    }


import mobility.rounds.views.blind  # noqa: E402
import mobility.rounds.views.compare  # noqa: E402
import mobility.rounds.views.declines  # noqa: E402
import mobility.rounds.views.entering  # noqa: E402
import mobility.rounds.views.lottery  # noqa: E402
import mobility.rounds.views.moving  # noqa: E402
import mobility.rounds.views.record  # noqa: E402
import mobility.rounds.views.study  # noqa: E402
import mobility.rounds.views.synthetic  # noqa: E402, F401
