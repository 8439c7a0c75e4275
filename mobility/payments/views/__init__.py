"""Pages of payments."""

from typing import Any

from flask import Blueprint

from mobility.payments.queries import live_order

bp = Blueprint("payments", __name__, url_prefix="/payments")


@bp.app_context_processor
def _for_earlier_rooms() -> dict[str, Any]:
    """What the page of an exchange asks of its money."""
    return {"order_of": live_order}


import mobility.payments.views.batches  # noqa: E402
import mobility.payments.views.orders  # noqa: E402, F401
