"""Pages of applications."""

from flask import Blueprint

bp = Blueprint("applications", __name__, url_prefix="/applications")

import mobility.applications.views.applicant  # noqa: E402
import mobility.applications.views.bulk  # noqa: E402
import mobility.applications.views.decisions  # noqa: E402
import mobility.applications.views.exceptions  # noqa: E402
import mobility.applications.views.filling  # noqa: E402
import mobility.applications.views.late  # noqa: E402
import mobility.applications.views.lists  # noqa: E402
import mobility.applications.views.officer  # noqa: E402
import mobility.applications.views.record  # noqa: E402
import mobility.applications.views.still  # noqa: E402, F401
