"""What tests of imports stand on."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, scoped_session

from mobility.calls.models import Call
from mobility.imports.whole import IMPORTERS, Tally, import_file
from tests.imports.rows import CLUSTER, OFFER, PARTNERSHIP, SPINNER, WEAVER
from tests.make.calls import make_call

Db = scoped_session[Session]
Write = Callable[..., Path]


@pytest.fixture
def call(session: Db) -> Call:
    return make_call()


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_rows(kind: str, *rows: dict[str, str]) -> Path:
        path = tmp_path / f"{kind}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, [column.name for column in IMPORTERS[kind].columns])
            table.writeheader()
            table.writerows(rows)
        return path

    return write_rows


@pytest.fixture
def bring(call: Call, write: Write) -> Callable[..., Tally]:
    return lambda kind, *rows: import_file(kind, write(kind, *rows).read_bytes(), call)


@pytest.fixture
def stocked(bring: Callable[..., Tally]) -> Callable[..., Tally]:
    """The way in, with a partnership, three organisations and an offer already there."""
    bring("partnerships", PARTNERSHIP)
    bring("organisations", CLUSTER, WEAVER, SPINNER)
    bring("offers", OFFER)
    return bring
