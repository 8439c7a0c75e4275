"""The command `flask import`, its manual and its samples."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.files import NEEDED
from mobility.core.settings import ROOT
from mobility.imports.commands import import_records
from mobility.imports.whole import IMPORTERS, import_file
from mobility.partnerships.models import Partnership
from tests.imports.rows import PARTNERSHIP, ROWS
from tests.make.calls import make_call

Db = scoped_session[Session]
Write = Callable[..., Path]
SAMPLES = ROOT / "docs" / "samples"


def count(session: Db, kind: type[Any]) -> int:
    return session.scalar(select(func.count()).select_from(kind)) or 0


def test_the_samples_come_in_whole(session: Db, call: Call) -> None:
    tallies = [import_file(kind, (SAMPLES / f"{kind}.csv").read_bytes(), call) for kind in ROWS]

    totals = {tally.kind: tally.new for tally in tallies}
    assert (totals["partnerships"], totals["offers"], totals["applications"]) == (14, 26, 60)
    assert [
        import_file(kind, (SAMPLES / f"{kind}.csv").read_bytes(), call).unchanged for kind in ROWS
    ] == list(totals.values())


def test_the_samples_fit_the_call_that_the_readme_opens(session: Db) -> None:
    command = next(line for line in (ROOT / "README.md").read_text().splitlines() if "calls open" in line)
    days = {
        name: date.fromisoformat(day) for name, day in re.findall(r"--([a-z-]+) (2\d{3}-\d\d-\d\d)", command)
    }
    clock.move(clock.at_local(days["closes"] - timedelta(days=20), 9))
    call = make_call(
        closes_at=clock.at_local(days["closes"]), first_day=days["first-day"], last_day=days["last-day"]
    )

    not_met = {kind: import_file(kind, (SAMPLES / f"{kind}.csv").read_bytes(), call).not_met for kind in ROWS}

    # Eight rows show what a broken rule looks like, one each.
    assert not_met == {"partnerships": 0, "organisations": 0, "offers": 2, "applications": 6}


def test_the_tally_says_how_many_do_not_meet_every_rule(session: Db) -> None:
    year = clock.today().year
    call = make_call(first_day=date(year + 3, 1, 1), last_day=date(year + 3, 12, 31))

    tallies = [import_file(kind, (SAMPLES / f"{kind}.csv").read_bytes(), call) for kind in ROWS]

    assert str(tallies[-1]) == (
        "60 applications: 60 new, 0 updated, 0 unchanged; 60 of 60 do not meet every rule"
    )


@pytest.mark.parametrize("kind", list(ROWS))
def test_the_manual_names_every_column_and_says_which_are_needed(kind: str) -> None:
    chapter = (ROOT / "docs" / "import.md").read_text().partition(f"## {kind}.csv")[2].partition("\n## ")[0]
    lines = [line.split("|") for line in chapter.splitlines() if line.startswith("| `")]
    documented = {name: "●" in line[2] for line in lines for name in re.findall("`(.+?)`", line[1])}

    either = {"ecosystems", "industries"} if kind in {"offers", "applications"} else set()
    needed = {column.name: column.empty is NEEDED for column in IMPORTERS[kind].columns}
    assert documented == needed | dict.fromkeys(either, True)


@pytest.fixture
def command(app: Flask, session: Db) -> FlaskCliRunner:
    return app.test_cli_runner()


def test_the_command_tells_the_tally_and_keeps_the_records(
    command: FlaskCliRunner, session: Db, call: Call, write: Write
) -> None:
    path = write("partnerships", PARTNERSHIP)

    result = command.invoke(import_records, ["partnerships", str(path), "--call", call.reference])

    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "1 partnerships: 1 new, 0 updated, 0 unchanged"
    assert count(session, Partnership) == 1


def test_a_dry_run_tells_the_tally_and_keeps_nothing(
    command: FlaskCliRunner, session: Db, call: Call, write: Write
) -> None:
    path = write("partnerships", PARTNERSHIP)
    session.commit()

    result = command.invoke(
        import_records, ["partnerships", str(path), "--call", call.reference, "--dry-run"]
    )

    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "1 partnerships: 1 new, 0 updated, 0 unchanged"
    assert count(session, Partnership) == 0


def test_a_bad_file_is_told_on_the_error_output_with_status_1(
    command: FlaskCliRunner, session: Db, call: Call, write: Write
) -> None:
    path = write("partnerships", PARTNERSHIP | {"budget_eur": "much"}, PARTNERSHIP | {"partnership": "B"})
    session.commit()

    result = command.invoke(import_records, ["partnerships", str(path), "--call", call.reference])

    assert result.exit_code == 1
    assert result.stderr.splitlines()[0] == (
        'row 2, column budget_eur: "much" is not an amount; write euro such as 390 or 390.50'
    )
    assert count(session, Partnership) == 0


def test_an_unknown_call_is_told_with_status_1(command: FlaskCliRunner, session: Db, write: Write) -> None:
    path = write("partnerships", PARTNERSHIP)

    result = command.invoke(import_records, ["partnerships", str(path), "--call", "CXC-NONE"])

    assert result.exit_code == 1
    assert "There is no call CXC-NONE." in result.stderr
