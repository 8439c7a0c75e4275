"""A real worker: a file is tried, taken, and told how far it is."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from mobility.accounts.enums import Role
from mobility.core.db import db
from mobility.core.settings import ROOT
from mobility.core.uploads import Upload
from mobility.imports import services, steps
from mobility.imports.enums import ImportStatus
from mobility.imports.models import Import
from mobility.partnerships.models import Partnership
from tests.conftest import drain
from tests.make.accounts import make_user
from tests.make.calls import make_call

SAMPLE = ROOT / "docs" / "samples" / "partnerships.csv"


def handed_in(app: Flask) -> int:
    with app.app_context():
        file = Upload(SAMPLE.name, SAMPLE.read_bytes())
        found = services.hand_in("partnerships", make_call(), file, actor=make_user(Role.SUPPORT_OFFICER))
        db.session.commit()
        return found.id


def test_the_worker_tries_a_file_and_takes_it_when_told(live_app: Flask) -> None:
    import_id = handed_in(live_app)
    drain(live_app)
    with live_app.app_context():
        found = db.session.get_one(Import, import_id)
        before = db.session.scalar(select(func.count(Partnership.id)))
        assert (found.status, found.new) == (ImportStatus.CHECKED, 14)
        services.take(found, found.version, actor=found.handed_in_by)
        db.session.commit()
    drain(live_app)
    with live_app.app_context():
        assert db.session.get_one(Import, import_id).status is ImportStatus.IMPORTED
        assert db.session.scalar(select(func.count(Partnership.id))) == (before or 0) + 14


def test_how_far_a_file_is_can_be_seen_before_its_transaction_ends(
    live_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = handed_in(live_app)
    monkeypatch.setattr(steps, "TOLD_EVERY_S", 0)
    with live_app.app_context():
        steps.try_out(import_id)
        # Its own transaction is not over, so this is what was told beside it.
        with db.engine.connect() as beside:
            told = beside.execute(select(Import.done, Import.rows, Import.status)).one()
        assert told == (13, 14, "checking")
