"""Sessions live on the server: a cookie is worth what its row is worth."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
import time_machine
from flask import Flask, request
from flask import session as browser_session
from flask.testing import FlaskClient
from sqlalchemy import delete, select, text

from mobility.core.clock import ClockShift
from mobility.core.db import db
from mobility.core.sessions import (
    BrowserSession,
    delete_expired_sessions,
    end_sessions,
    keep_sessions,
    renew,
)
from mobility.core.settings import DEVELOPMENT_SECRET
from tests import databases


def site(address: str, *, https: bool = False) -> Flask:
    """The smallest site with people who sign in."""
    app = Flask(__name__)
    app.config.update(TESTING=True, SECRET_KEY=DEVELOPMENT_SECRET, SQLALCHEMY_DATABASE_URI=address)
    db.init_app(app)
    keep_sessions(app, https=https)

    @app.get("/who")
    def who() -> str:
        return str(browser_session.get("_user_id", "nobody"))

    @app.get("/form")
    def form() -> str:
        db.session.execute(select(ClockShift))
        return str(browser_session.setdefault("csrf_token", "known to who opened it"))

    @app.post("/login")
    def login() -> str:
        browser_session["_user_id"] = request.form["user"]
        return "in"

    @app.post("/logout")
    def logout() -> str:
        browser_session.pop("_user_id")
        return "out"

    @app.post("/clear")
    def clear() -> str:
        browser_session.clear()
        return "empty"

    @app.post("/step-up")
    def step_up() -> str:
        renew()
        return "renewed"

    @app.post("/revoked-meanwhile")
    def revoked_meanwhile() -> str:
        end_sessions("anna")
        db.session.commit()
        browser_session["note"] = "written after the row was deleted"
        return "too late"

    @app.post("/forgets-to-commit")
    def forgets_to_commit() -> str:
        db.session.add(ClockShift(id=1, shift_s=1))
        db.session.flush()
        browser_session["note"] = "kept"
        return "lost"

    return app


@pytest.fixture(scope="module")
def database(server: str, template: str) -> Iterator[str]:
    with databases.copy_of(template, server) as address:
        yield address


@pytest.fixture(scope="module")
def app(database: str) -> Iterator[Flask]:
    app = site(database)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def anna(app: Flask) -> Iterator[FlaskClient]:
    """Anna, signed in."""
    client = app.test_client()
    client.post("/login", data={"user": "anna"})
    yield client
    with app.app_context():
        db.session.execute(delete(BrowserSession))
        db.session.commit()


def token(client: FlaskClient) -> str:
    cookie = client.get_cookie("session")
    assert cookie
    return cookie.value


def who(app: Flask, token: str) -> str:
    """Whom the site takes the bearer of this cookie for."""
    client = app.test_client()
    client.set_cookie("session", token)
    return client.get("/who").text


def row(app: Flask, token: str) -> BrowserSession | None:
    with app.app_context():
        return db.session.get(BrowserSession, sha256(token.encode()).digest())


def test_a_copied_cookie_is_dead_after_logout(app: Flask, anna: FlaskClient) -> None:
    copied = token(anna)
    assert who(app, copied) == "anna"

    anna.post("/logout")

    assert who(app, copied) == "nobody"


@pytest.mark.parametrize(("path", "fields"), [("/login", {"user": "ben"}), ("/step-up", {})])
def test_a_new_token_is_given_and_the_old_one_is_dead(
    app: Flask, anna: FlaskClient, path: str, fields: dict[str, str]
) -> None:
    copied = token(anna)

    anna.post(path, data=fields)

    assert token(anna) != copied
    assert who(app, copied) == "nobody"
    assert row(app, copied) is None


def test_a_step_up_keeps_the_person_signed_in(anna: FlaskClient) -> None:
    anna.post("/step-up")

    assert anna.get("/who").text == "anna"


def test_a_cookie_chosen_by_an_attacker_is_not_adopted(app: Flask) -> None:
    victim = app.test_client()
    victim.set_cookie("session", "chosen-by-an-attacker")

    victim.post("/login", data={"user": "anna"})

    assert token(victim) != "chosen-by-an-attacker"
    assert who(app, "chosen-by-an-attacker") == "nobody"


def test_a_planted_anonymous_session_gives_the_attacker_nothing(app: Flask) -> None:
    attacker, victim = app.test_client(), app.test_client()
    attacker.get("/form")
    planted = token(attacker)
    victim.set_cookie("session", planted)

    victim.post("/login", data={"user": "anna"})

    assert who(app, planted) == "nobody"
    stored = row(app, token(victim))
    assert stored
    assert "csrf_token" not in stored.data


@pytest.mark.parametrize("value", ["", "é" * 400, '"\\000\\777"', "a" * 3000])
def test_a_strange_cookie_is_nobodys(app: Flask, value: str) -> None:
    assert who(app, value) == "nobody"


def test_the_token_is_not_in_the_database(app: Flask, anna: FlaskClient) -> None:
    with app.app_context():
        whole = db.session.scalar(text("SELECT string_agg(s::text, '') FROM browser_session s"))

    assert whole
    assert token(anna) not in whole


def test_a_page_that_only_looks_writes_nothing(app: Flask, anna: FlaskClient) -> None:
    version = select(text("xmin::text")).select_from(BrowserSession)
    with app.app_context():
        before = db.session.scalars(version).all()

    answer = anna.get("/who")

    with app.app_context():
        assert db.session.scalars(version).all() == before
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Vary"] == "Cookie"


def test_after_five_minutes_the_session_lives_on_from_now(app: Flask, anna: FlaskClient) -> None:
    later = datetime.now(UTC) + timedelta(minutes=6)
    with time_machine.travel(later, tick=False):
        anna.get("/who")

    stored = row(app, token(anna))
    assert stored
    assert stored.seen_at == later
    assert stored.expires_at == later + timedelta(hours=12)


@pytest.mark.parametrize(("hours", "person"), [(11.9, "anna"), (12.1, "nobody")])
def test_a_signed_in_session_ends_after_twelve_idle_hours(
    anna: FlaskClient, hours: float, person: str
) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=hours)):
        assert anna.get("/who").text == person


def test_an_anonymous_session_ends_after_one_idle_hour(app: Flask) -> None:
    visitor = app.test_client()
    visitor.get("/form")
    first = token(visitor)

    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1, minutes=1)):
        visitor.get("/form")

    assert token(visitor) != first


def test_a_session_revoked_while_its_request_runs_stays_dead(app: Flask, anna: FlaskClient) -> None:
    copied = token(anna)

    anna.post("/revoked-meanwhile")

    assert row(app, copied) is None
    assert anna.get("/who").text == "nobody"


def test_storing_the_session_does_not_commit_what_a_view_forgot(app: Flask, anna: FlaskClient) -> None:
    anna.post("/forgets-to-commit")

    stored = row(app, token(anna))
    assert stored
    assert "kept" in stored.data
    with app.app_context():
        assert db.session.get(ClockShift, 1) is None


def test_an_emptied_session_leaves_no_row_and_no_cookie(app: Flask, anna: FlaskClient) -> None:
    copied = token(anna)

    anna.post("/clear")

    assert anna.get_cookie("session") is None
    assert row(app, copied) is None


def test_expired_rows_are_deleted(app: Flask, anna: FlaskClient) -> None:
    with app.app_context(), time_machine.travel(datetime.now(UTC) + timedelta(hours=13)):
        delete_expired_sessions.func(timestamp=0)

    assert row(app, token(anna)) is None


def test_a_page_with_a_form_is_served_inside_a_test_that_rolls_back(app: Flask) -> None:
    with databases.rolled_back(app):
        visitor = app.test_client()
        visitor.get("/form")
        first = token(visitor)

        visitor.get("/form")

        assert token(visitor) == first
    assert row(app, first) is None


@pytest.mark.parametrize(
    ("https", "start"), [(False, "session="), (True, "__Host-session=")], ids=["http", "https"]
)
def test_the_cookie_is_closed_to_scripts_and_other_sites(database: str, https: bool, start: str) -> None:
    app = site(database, https=https)

    cookie = app.test_client().get("/form", base_url="https://localhost").headers["Set-Cookie"]

    assert cookie.startswith(start)
    assert set(cookie.split("; ")[1:]) == {"HttpOnly", "Path=/", "SameSite=Lax"} | (
        {"Secure"} if https else set()
    )
    with app.app_context():
        db.engine.dispose()


def test_without_the_database_the_error_pages_see_the_error(database: str) -> None:
    app = site(database.replace("/test_", "/absent_"))
    app.register_error_handler(Exception, lambda error: (type(error).__name__, 503))
    visitor = app.test_client()
    visitor.set_cookie("session", "any")

    answer = visitor.get("/who")

    assert (answer.status_code, answer.text) == (503, "OperationalError")
