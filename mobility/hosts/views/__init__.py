"""Pages of offers."""

from flask import Blueprint

bp = Blueprint("hosts", __name__, url_prefix="/hosts")

import mobility.hosts.views.bulk  # noqa: E402
import mobility.hosts.views.exceptions  # noqa: E402
import mobility.hosts.views.host  # noqa: E402
import mobility.hosts.views.lists  # noqa: E402
import mobility.hosts.views.record  # noqa: E402
import mobility.hosts.views.still  # noqa: E402, F401
