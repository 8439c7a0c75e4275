"""`flask audit verify` and `flask audit head`."""

import pytest
from flask import Flask
from sqlalchemy import text

from mobility.audit import queries
from mobility.audit.commands import audit
from mobility.core.db import db
from tests.make.audit import make_chain


@pytest.mark.usefixtures("session")
def test_a_chain_that_holds_ends_with_status_0(app: Flask) -> None:
    make_chain(3)
    result = app.test_cli_runner().invoke(audit, ["verify"])
    assert result.exit_code == 0
    assert "The chain holds" in result.output
    assert "not yet sealed" in result.output


@pytest.mark.usefixtures("session")
def test_a_broken_chain_ends_with_status_1_and_says_where(app: Flask) -> None:
    entries = make_chain(3)
    db.session.execute(text("ALTER TABLE entry DISABLE TRIGGER ALL"))
    db.session.execute(text("UPDATE entry SET verb = 'x' WHERE id = :id"), {"id": entries[0].id})
    result = app.test_cli_runner().invoke(audit, ["verify"])
    assert result.exit_code == 1
    assert f"entry {entries[0].id}" in result.output
    assert "broken in 1 place" in result.output


@pytest.mark.usefixtures("session")
def test_the_head_that_was_printed_verifies_and_another_does_not(app: Flask) -> None:
    make_chain(3)
    runner = app.test_cli_runner()
    head = runner.invoke(audit, ["head"]).output.strip()
    assert head == queries.head_words()
    assert runner.invoke(audit, ["verify", "--head", head]).exit_code == 0
    other = head.partition(":")[0] + ":" + "a" * 64
    assert runner.invoke(audit, ["verify", "--head", other]).exit_code == 1


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("written", ["7", "0:" + "a" * 64, "x:y", "1:" + "g" * 64, "9" * 30 + ":" + "a" * 64])
def test_what_is_no_head_is_refused_in_words(app: Flask, written: str) -> None:
    result = app.test_cli_runner().invoke(audit, ["verify", "--head", written])
    assert result.exit_code == 1
    assert "POSITION:SHA256" in result.output
