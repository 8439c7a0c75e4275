"""The smallest site with a rate limit, for several processes: `gunicorn 'tests.core.limited_site:site()'`."""

import os

from flask import Flask

from mobility.core.db import db
from mobility.core.limits import keep_limits, limiter


def site(address: str | None = None) -> Flask:
    """A page that may be opened ten times a minute."""
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = address or os.environ["DATABASE_URL"]
    db.init_app(app)
    keep_limits(app)

    @app.get("/try")
    @limiter.limit("10 per minute")
    def try_it() -> str:
        return "tried"

    @app.get("/quick")
    @limiter.limit("1 per second")
    def quick() -> str:
        return "tried"

    @app.get("/health/ready")
    def ready() -> str:
        return "ready"

    return app
