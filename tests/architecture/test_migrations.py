"""Migrations: one pinned head, up and down and up again on data, equal to the models."""

from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from mobility.audit.services import record
from mobility.core.db import db
from tests.make.accounts import make_user
from tests.make.exchanges import make_ended_exchange
from tests.make.payments import make_order
from tests.make.rounds import make_proposals
from tests.make.surveys import make_answer, make_invitation

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def test_the_head_is_the_pinned_one() -> None:
    heads = ScriptDirectory(str(MIGRATIONS)).get_heads()

    assert heads == [(MIGRATIONS / "HEAD").read_text().strip()]


def test_no_migration_imports_the_application() -> None:
    for script in (MIGRATIONS / "versions").glob("*.py"):
        assert "mobility" not in script.read_text()


def test_up_down_and_up_again_on_data_ends_at_the_models(live_app: Flask) -> None:
    with live_app.app_context():
        make_user("auditor")
        make_proposals()
        exchange = make_ended_exchange()
        make_order(exchange, is_printed=True)
        invitation, _token = make_invitation(exchange=exchange)
        make_answer(invitation, confidential="Not for the host.", recommend=9)
        db.session.commit()
        db.session.remove()

        downgrade(directory=str(MIGRATIONS), revision="base")
        left = db.session.execute(
            text(
                "SELECT count(*) FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'public'"
            )
        ).scalar()
        tables = (
            db.session.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
            .scalars()
            .all()
        )
        db.session.remove()
        upgrade(directory=str(MIGRATIONS))

        assert (left, list(tables)) == (0, ["alembic_version"])
        check(directory=str(MIGRATIONS))


@pytest.mark.parametrize(
    "change",
    ["UPDATE entry SET verb = 'other'", "DELETE FROM entry", "TRUNCATE entry CASCADE"],
)
def test_the_log_can_only_grow(app: Flask, session: None, change: str) -> None:
    with app.app_context():
        user = make_user()
        record("account.tested", user, actor=None)
        db.session.flush()

        with pytest.raises(DBAPIError, match="never changed or deleted"):
            db.session.execute(text(change))
