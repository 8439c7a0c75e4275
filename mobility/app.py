"""The application: every room's pages on one Flask app."""

from datetime import date, datetime
from importlib import import_module
from typing import Any

import structlog
from flask import Flask, has_request_context, request
from flask_babel import Babel, format_date, format_datetime, get_locale
from flask_login import current_user
from flask_migrate import Migrate
from sqlalchemy import select
from sqlalchemy.orm import configure_mappers

from mobility.accounts.security import ENDPOINTS_FOR_ALL, ENDPOINTS_SIGNED_IN, secure
from mobility.accounts.tries import limit_tries
from mobility.core import clock, dates
from mobility.core.access import PUBLIC, refuse_undeclared
from mobility.core.crypto import keys
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.limits import keep_limits
from mobility.core.money import euro
from mobility.core.once import use_keys
from mobility.core.sessions import keep_sessions
from mobility.core.settings import ROOT, BadSettings, Settings, read_settings
from mobility.core.web import serve_well
from mobility.demo.cast import is_engaged
from mobility.public.navigation import footer_links, navigation

LANGUAGES = ("en_GB",)
LARGEST_REQUEST = 2 * 1024 * 1024

ROOMS_WITH_TABLES = (
    "audit",
    "mail",
    "papers",
    "notes",
    "bulk",
    "organisations",
    "hosts",
    "applications",
    "reviews",
    "catalogue",
    "rounds",
    "exchanges",
    "agreements",
    "reporting",
    "payments",
    "surveys",
    "imports",
)
ROOMS_WITH_PAGES = (
    "accounts",
    "partnerships",
    "organisations",
    "calls",
    "hosts",
    "applications",
    "reviews",
    "catalogue",
    "rounds",
    "exchanges",
    "agreements",
    "reporting",
    "payments",
    "surveys",
    "imports",
    "admin",
    "dashboard",
    "public",
    "demo",
)
ROOMS_WITH_WORDS = (
    "mobility.core.web",
    "mobility.accounts.wording",
    "mobility.bulk.wording",
    "mobility.partnerships.wording",
    "mobility.organisations.wording",
    "mobility.calls.wording",
    "mobility.hosts.wording",
    "mobility.applications.wording",
    "mobility.reviews.wording",
    "mobility.catalogue.wording",
    "mobility.rounds.wording",
    "mobility.exchanges.wording",
    "mobility.agreements.wording",
    "mobility.reporting.wording",
    "mobility.payments.wording",
    "mobility.surveys.wording",
    "mobility.imports.wording",
)
ROOMS_WITH_TASKS = (
    "audit",
    "mail",
    "organisations",
    "applications",
    "catalogue",
    "rounds",
    "exchanges",
    "agreements",
    "reporting",
    "payments",
    "surveys",
    "imports",
    "admin",
)


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application. Raises `BadSettings`, or `Undeclared` for a route that nobody vouches for."""
    settings = settings or read_settings()
    app = Flask("mobility", root_path=str(ROOT), template_folder="templates", static_folder="static")
    app.config.from_mapping(_config(settings))
    app.extensions["field_keys"] = keys(settings.field_keys)
    _open_database(app)
    Babel(app, locale_selector=_language)
    keep_sessions(app, https=settings.is_https)
    keep_limits(app)
    serve_well(app)
    use_keys(app)
    secure(app)
    limit_tries(app)
    _open_rooms(app)
    _word(app)
    refuse_undeclared(app)
    return app


def refuse_demo_data(app: Flask) -> None:
    """Refuse to serve in production from a database with demo accounts or a moved clock."""
    if not app.config["SETTINGS"].is_production:
        return
    with app.app_context():
        if is_engaged():
            raise BadSettings("The database holds demo accounts: production needs one of its own.")
        if db.session.scalar(select(clock.ClockShift.id)):
            raise BadSettings("The database holds a moved clock: production needs one of its own.")


def _config(settings: Settings) -> dict[str, Any]:
    if not settings.database_url:
        raise BadSettings("DATABASE_URL is not set.")
    return {
        "SETTINGS": settings,
        "SECRET_KEY": settings.secret_key,
        "SECURITY_PASSWORD_SALT": settings.secret_key[::-1],
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        # Twice the threads: the session store opens a second connection beside the view's.
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_size": 4, "max_overflow": 8, "pool_pre_ping": True},
        "MAX_CONTENT_LENGTH": LARGEST_REQUEST,
        "MAX_FORM_MEMORY_SIZE": LARGEST_REQUEST,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": True,
        "BABEL_DEFAULT_LOCALE": "en_GB",
        "BABEL_DEFAULT_TIMEZONE": "Europe/Brussels",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
        "SEND_FILE_MAX_AGE_DEFAULT": 3600,
        "ACCESS_OF_LIBRARY_ROUTES": {
            "static": PUBLIC,
            **{f"security.{name}": PUBLIC for name in ENDPOINTS_FOR_ALL},
            **{f"security.{name}": "signed in" for name in ENDPOINTS_SIGNED_IN},
        },
    }


def _open_database(app: Flask) -> None:
    import_module("mobility.core.references")
    for room in ROOMS_WITH_TABLES:
        import_module(f"mobility.{room}.models")
    configure_mappers()
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"))


def _language() -> str:
    if not has_request_context():
        return LANGUAGES[0]
    return request.accept_languages.best_match([tag.replace("_", "-") for tag in LANGUAGES], "en-GB").replace(
        "-", "_"
    )


def _open_rooms(app: Flask) -> None:
    for room in ROOMS_WITH_TASKS:
        import_module(f"mobility.{room}.tasks")
    for room in ROOMS_WITH_PAGES:
        app.register_blueprint(import_module(f"mobility.{room}.views").bp)


def _word(app: Flask) -> None:
    structlog.configure(
        processors=[structlog.processors.TimeStamper(fmt="iso"), structlog.processors.JSONRenderer()]
    )
    app.jinja_env.filters |= {"euro": euro, "day": dates.day}
    app.jinja_env.globals["period"] = dates.period
    app.jinja_env.add_extension("jinja2.ext.do")
    app.extensions["rule_words"] = _rule_words

    @app.context_processor
    def everywhere() -> dict[str, Any]:
        return {
            "signed_in": current_user if current_user.is_authenticated else None,
            "navigation": navigation,
            "footer_links": footer_links,
            "get_locale": get_locale,
            "today": clock.today(),
            "demo": clock.is_moved(),
        }


def _rule_words(error: RuleBroken) -> str | None:
    words = refusals().get(error.code)
    return str(words) % {name: _written(value) for name, value in error.values.items()} if words else None


def _written(value: Any) -> Any:
    """A day as people write it; any other value as it is."""
    if isinstance(value, datetime):
        return format_datetime(value, "EEE d MMMM y, HH:mm")
    return format_date(value, "EEE d MMMM y") if isinstance(value, date) else value


def refusals() -> dict[str, Any]:
    """The words of every code that a verb of any room refuses with."""
    return {code: words for room in ROOMS_WITH_WORDS for code, words in import_module(room).REFUSALS.items()}
