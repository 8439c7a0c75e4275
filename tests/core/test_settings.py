"""Settings: production refuses what is only fit for development (promise T86)."""

import subprocess
import sys
from typing import Any

import pytest

from mobility.core.settings import (
    DEVELOPMENT_FIELD_KEY,
    DEVELOPMENT_SECRET,
    ROOT,
    BadSettings,
    Settings,
    read_settings,
)
from tests.processes import environment

GOOD: dict[str, Any] = {
    "database_url": "postgresql+psycopg:///x",
    "app_env": "production",
    "public_base_url": "https://exchange.example.org",
    "secret_key": "x" * 40,
    "field_keys": ("YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=",),
    "mail_server": "mail.example.org",
}


def test_good_production_settings_are_taken() -> None:
    assert Settings(**GOOD).is_production


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"app_env": "prod"}, "APP_ENV"),
        ({"secret_key": DEVELOPMENT_SECRET}, "SECRET_KEY"),
        ({"secret_key": "short"}, "SECRET_KEY"),
        ({"field_keys": (DEVELOPMENT_FIELD_KEY,)}, "FIELD_KEYS"),
        ({"field_keys": ()}, "FIELD_KEYS"),
        ({"field_keys": (*GOOD["field_keys"], DEVELOPMENT_FIELD_KEY)}, "FIELD_KEYS"),
        ({"debug": True}, "FLASK_DEBUG"),
        ({"public_base_url": "http://exchange.example.org"}, "https://"),
        ({"public_base_url": "exchange.example.org"}, "PUBLIC_BASE_URL"),
        ({"mail_server": ""}, "MAIL_SERVER"),
    ],
)
def test_bad_production_settings_are_refused_with_the_reason(bad: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadSettings, match=reason):
        Settings(**(GOOD | bad))


@pytest.mark.parametrize("port", ["0", "65536", "eighty", "-1", ""])
def test_a_port_that_is_none_is_refused(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", port)

    with pytest.raises(BadSettings, match="PORT"):
        read_settings()


def test_a_plain_postgresql_address_gets_its_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://me@db/x")

    assert read_settings().database_url == "postgresql+psycopg://me@db/x"


def test_the_web_processes_of_production_are_forked_without_a_connection(own_database: str) -> None:
    settings = environment(
        APP_ENV="production",
        DATABASE_URL=own_database,
        PUBLIC_BASE_URL=GOOD["public_base_url"],
        SECRET_KEY=GOOD["secret_key"],
        FIELD_KEYS=GOOD["field_keys"][0],
        MAIL_SERVER=GOOD["mail_server"],
    )
    loaded = "import wsgi; wsgi.app.app_context().push(); print(wsgi.db.engine.pool.checkedin())"
    said = subprocess.check_output([sys.executable, "-c", loaded], env=settings, cwd=ROOT, text=True)
    assert said.splitlines()[-1] == "0"
