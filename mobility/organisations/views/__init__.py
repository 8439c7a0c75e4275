"""Pages of organisations."""

from flask import Blueprint

bp = Blueprint("organisations", __name__, url_prefix="/organisations")

import mobility.organisations.views.cluster  # noqa: E402
import mobility.organisations.views.likeness  # noqa: E402
import mobility.organisations.views.people  # noqa: E402
import mobility.organisations.views.place  # noqa: E402
import mobility.organisations.views.profile  # noqa: E402, F401
