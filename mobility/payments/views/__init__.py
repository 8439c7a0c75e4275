"""Pages of payments."""

from flask import Blueprint

bp = Blueprint("payments", __name__, url_prefix="/payments")

import mobility.payments.views.batches  # noqa: E402
import mobility.payments.views.orders  # noqa: E402, F401
