"""Settings: production refuses what is only fit for development (promise T86)."""

from typing import Any

import pytest

from mobility.core.settings import (
    DEVELOPMENT_FIELD_KEY,
    DEVELOPMENT_SECRET,
    BadSettings,
    Settings,
    read_settings,
)

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
