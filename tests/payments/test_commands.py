"""`flask payments …`."""

import csv
import io
from hashlib import sha256
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from mobility.core.db import db
from mobility.payments.commands import payments
from mobility.payments.models import Batch, PaymentOrder
from tests.make.payments import make_batch, make_payable


def committed_batch(app: Flask, until: str) -> str:
    with app.app_context():
        reference = make_batch(2, until=until).reference
        db.session.commit()
    return reference


def test_the_files_of_an_exported_batch_are_written(live_app: Flask, tmp_path: Path) -> None:
    reference = committed_batch(live_app, "exported")

    ended = live_app.test_cli_runner().invoke(payments, ["file", reference, "--to", str(tmp_path / "out")])

    with live_app.app_context():
        batch = db.session.scalars(select(Batch)).one()
        *paths, summary = ended.stdout.splitlines()
        assert ended.exit_code == 0
        assert [Path(path).name for path in paths] == [f"{reference}.{end}" for end in ("xml", "csv", "pdf")]
        xml, table, pdf = (Path(path).read_bytes() for path in paths)
        assert sha256(xml).hexdigest() == batch.file_sha256
        assert xml == batch.file
        assert pdf.startswith(b"%PDF-")
        rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
        assert [row["Amount in euro"] for row in rows] == ["780.00", "780.00"]
        assert summary == f"2 payments, total 1560.00 euro, SHA-256 of the file {batch.file_sha256}"


def test_writing_twice_gives_the_same_bytes(live_app: Flask, tmp_path: Path) -> None:
    reference = committed_batch(live_app, "settled")
    runner = live_app.test_cli_runner()

    for folder in ("one", "two"):
        assert runner.invoke(payments, ["file", reference, "--to", str(tmp_path / folder)]).exit_code == 0

    for ending in ("xml", "csv", "pdf"):
        name = f"{reference}.{ending}"
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_batch_that_did_not_leave_has_no_files(live_app: Flask, tmp_path: Path) -> None:
    reference = committed_batch(live_app, "approved")

    ended = live_app.test_cli_runner().invoke(payments, ["file", reference, "--to", str(tmp_path / "out")])

    assert ended.exit_code == 1
    assert ended.stderr == f"Error: The file of {reference} has not been made yet.\n"
    assert not (tmp_path / "out").exists()


def test_a_batch_that_is_not_there_is_told(live_app: Flask) -> None:
    ended = live_app.test_cli_runner().invoke(payments, ["file", "BAT-1"])

    assert (ended.exit_code, ended.stderr) == (1, "Error: There is no batch BAT-1.\n")


def test_what_is_due_is_ordered_by_command(live_app: Flask) -> None:
    with live_app.app_context():
        make_payable(lump_sum_cents=0, trace=[])
        db.session.commit()

    ended = live_app.test_cli_runner().invoke(payments, ["due"])

    with live_app.app_context():
        assert ended.exit_code == 0
        assert db.session.scalars(select(PaymentOrder)).all() == []
