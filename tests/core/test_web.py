"""What every answer has in common."""

import pytest
from flask import Flask
from sqlalchemy import select, text

from mobility.calls.models import Call
from mobility.core.access import public
from mobility.core.db import db
from mobility.core.web import external_url
from tests.make.calls import make_call
from tests.visitor import Visitor

ODD = ["\0", "%00", "%ED%A0%80", "9" * 30, "9223372036854775808", "<script>", "../../etc/passwd", "x" * 3000]


@pytest.mark.parametrize("path", ["/", "/login", "/calls", "/hosts", "/nowhere", "/health/live"])
def test_every_answer_carries_the_strict_headers(client: Visitor, path: str) -> None:
    headers = client.get(path).headers

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(
    "path", ["/calls/{}", "/hosts/{}", "/hosts?q={}", "/hosts?page={}&sort={}", "/survey/{}"]
)
def test_an_odd_address_is_a_clear_answer_and_never_a_fault(client: Visitor, path: str, odd: str) -> None:
    assert client.get(path.replace("{}", odd)).status_code in {200, 302, 400, 404, 414}


def test_a_form_without_its_token_is_refused(client: Visitor) -> None:
    answer = client.post("/login", data={"email": "a@example.org", "password": "x"})

    assert answer.status_code == 400
    assert "open too long" in answer.text


def test_a_refused_form_shows_what_was_written_but_no_secret(client: Visitor) -> None:
    typed = {
        "motivation": "We want to see how blades are tested.",
        "password": "correct horse battery staple",
    }

    page = client.post("/login", data=typed, headers={"Referer": "http://localhost/login?next=/x"})

    assert "We want to see how blades are tested." in page.text
    assert "correct horse" not in page.text


def test_a_refused_form_offers_its_page_again_but_never_a_foreign_one(client: Visitor) -> None:
    base = client.application.config["SETTINGS"].public_base_url
    own, foreign = (
        client.post("/login", data={"email": "a"}, headers={"Referer": f"{site}/login?next=%2Fcalls"}).text
        for site in (base, "https://evil.example")
    )

    assert 'href="/login?next=%2Fcalls"' in own
    assert "evil.example" not in foreign


def test_the_address_of_a_refused_form_leads_back_to_its_record(client: Visitor) -> None:
    page = client.get("/applications/APP-2026-0001/assess")
    deep = client.get("/payments/batches/BAT-2026-0001/take-out/PAY-2026-0001")

    assert (page.status_code, deep.status_code) == (405, 405)
    assert 'href="/applications/APP-2026-0001"' in page.text
    assert 'href="/payments/batches/BAT-2026-0001"' in deep.text


def test_a_writing_get_is_refused_by_the_database(live_app: Flask) -> None:
    @public
    def write() -> str:
        db.session.add(make_call())
        db.session.commit()
        return "written"

    live_app.add_url_rule("/writes", "writes", write)
    live_app.config["PROPAGATE_EXCEPTIONS"] = False

    answer = live_app.test_client().get("/writes")

    assert answer.status_code == 500
    with live_app.app_context():
        assert db.session.scalars(select(Call)).all() == []


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "Forwarded"])
def test_links_in_letters_come_from_the_public_address_only(app: Flask, client: Visitor, header: str) -> None:
    with app.test_request_context(headers={header: "evil.example"}):
        assert external_url("public.home").startswith(app.config["SETTINGS"].public_base_url)


def test_a_link_for_a_letter_needs_no_request(app: Flask) -> None:
    with app.app_context():
        assert external_url("surveys.answer_page", token="x").endswith("/survey/x")


def test_a_body_that_is_too_large_is_refused(client: Visitor) -> None:
    answer = client.post("/login", data={"email": "x" * (3 * 1024 * 1024)})

    assert answer.status_code == 413
    assert "What you sent is larger than we take." in answer.text
    assert "xxx" not in answer.text


def test_a_view_that_loses_the_database_says_so_and_leaves_nothing_half_done(live_app: Flask) -> None:
    @public
    def write() -> str:
        db.session.add(make_call())
        db.session.flush()
        own = db.session.scalar(text("SELECT pg_backend_pid()"))
        with db.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:own, 5000)"), {"own": own})
        db.session.commit()
        return "written"

    live_app.add_url_rule("/writes", "writes", write, methods=["POST"])
    live_app.config["WTF_CSRF_ENABLED"] = False

    answer = live_app.test_client().post("/writes")

    assert answer.status_code == 503
    assert "A part of the system is away. Nothing was changed." in answer.text
    with live_app.app_context():
        assert db.session.scalars(select(Call)).all() == []
    assert live_app.test_client().get("/calls").status_code == 200
