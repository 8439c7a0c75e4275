"""Pages of closing reports."""

from typing import Any

from flask import Blueprint

from mobility.reporting import wording
from mobility.reporting.enums import ReportStatus, Side
from mobility.taxonomies.countries import country_name

bp = Blueprint("reporting", __name__, url_prefix="/reports")


@bp.context_processor
def _words() -> dict[str, Any]:
    return {"words": wording, "ReportStatus": ReportStatus, "Side": Side, "country_name": country_name}


import mobility.reporting.views.author  # noqa: E402
import mobility.reporting.views.lists  # noqa: E402
import mobility.reporting.views.officer  # noqa: E402
import mobility.reporting.views.record  # noqa: E402, F401
