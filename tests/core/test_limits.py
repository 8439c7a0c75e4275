"""Rate limits hold over all processes, and nothing a client says moves them."""

import http.client
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from mobility.core.db import db
from mobility.core.limits import RateCount, delete_ended_counts, limiter
from tests.core.limited_site import site
from tests.processes import environment, free_port, running, wait_until_ready


@pytest.fixture
def app(own_database: str) -> Iterator[Flask]:
    app = site(own_database)
    yield app
    with app.app_context():
        db.engine.dispose()
    app.extensions["rate_count"].dispose()


def test_the_limit_is_exact_over_two_processes_with_four_threads(own_database: str, tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    options = ["--bind", f"127.0.0.1:{port}", "--workers=2", "--threads=4", "--no-control-socket"]
    command = [sys.executable, "-m", "gunicorn", *options, "tests.core.limited_site:site()"]
    with running(command, environment(DATABASE_URL=own_database), log):
        wait_until_ready(port, log)
        with ThreadPoolExecutor(16) as people:
            answers = Counter(people.map(lambda _: status_of(port, "/try"), range(60)))

    assert answers == {200: 10, 429: 50}


def test_a_refused_request_says_when_to_come_back(app: Flask) -> None:
    client = app.test_client()
    for _ in range(10):
        assert client.get("/try").status_code == 200

    refused = client.get("/try")

    assert refused.status_code == 429
    assert 50 <= int(refused.headers["Retry-After"]) <= 61


def test_a_spoofed_forwarding_header_does_not_help(app: Flask) -> None:
    client = app.test_client()

    answers = [
        client.get("/try", headers={"X-Forwarded-For": f"192.0.2.{n}", "Forwarded": f"for=192.0.2.{n}"})
        for n in range(11)
    ]

    assert answers[-1].status_code == 429


def test_another_address_has_its_own_count(app: Flask) -> None:
    client = app.test_client()
    for _ in range(11):
        client.get("/try")

    assert client.get("/try", environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code == 200


def test_a_new_window_begins_when_the_old_one_has_ended(app: Flask) -> None:
    client = app.test_client()
    assert [client.get("/quick").status_code for _ in range(2)] == [200, 429]

    time.sleep(1.1)  # windows end by the database's clock, which no test can move

    assert client.get("/quick").status_code == 200


def test_what_is_counted_is_stored_as_a_hash(app: Flask) -> None:
    app.test_client().get("/try", environ_base={"REMOTE_ADDR": "192.0.2.77"})

    with app.app_context():
        stored = db.session.scalar(text("SELECT string_agg(c::text, '') FROM rate_count c"))
    assert stored
    assert "192.0.2.77" not in stored


def test_ended_windows_are_deleted_and_running_ones_stay(app: Flask) -> None:
    client = app.test_client()
    client.get("/try")
    with app.app_context():
        db.session.execute(update(RateCount).values(ends_at=func.now()))
        db.session.commit()
    client.get("/try", environ_base={"REMOTE_ADDR": "192.0.2.1"})

    with app.app_context():
        delete_ended_counts.func(timestamp=0)
        assert db.session.scalar(select(func.count()).select_from(RateCount)) == 1


def test_a_reset_lets_everybody_try_again(app: Flask) -> None:
    client = app.test_client()
    for _ in range(11):
        client.get("/try")

    with app.app_context():
        limiter.reset()

    assert client.get("/try").status_code == 200


def status_of(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    try:
        return connection.getresponse().status
    finally:
        connection.close()
