"""Importing: a bad file changes nothing, a second import updates, every wrong cell is named."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.admin.commands import import_records
from mobility.admin.imports import IMPORTERS, Tally, import_file
from mobility.applications import services as applications
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.audit.models import Entry
from mobility.calls.models import Allotment, Call
from mobility.calls.services import close
from mobility.core.errors import RuleBroken
from mobility.core.files import NEEDED, BadFile
from mobility.core.settings import ROOT
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer
from mobility.organisations.models import Organisation
from mobility.partnerships.models import Partnership
from tests.make.calls import make_call

Db = scoped_session[Session]
Write = Callable[..., Path]
SAMPLES = ROOT / "docs" / "samples"

PARTNERSHIP = {
    "partnership": "GREENFIL",
    "name": "Green Filament",
    "topic": "Textiles",
    "ecosystems": "textiles",
    "country": "PT",
    "town": "Guimarães",
    "email": "office@greenfil.example",
    "coordinator": "Aliança Têxtil",
    "budget_eur": "1200",
    "planned_exchanges": "60",
}
CLUSTER = {
    "registration": "509841207",
    "name": "Aliança Têxtil do Ave",
    "type": "cluster",
    "country": "PT",
    "town": "Guimarães",
    "region": "PT11",
    "partnership": "GREENFIL",
}
WEAVER = {
    "registration": "B62118840",
    "name": "Tejidos del Vallès",
    "type": "sme",
    "country": "ES",
    "town": "Terrassa",
    "staff": "42",
    "turnover_eur": "6100000",
    "cluster": "Clúster Tèxtil",
    "cluster_has_profile": "yes",
    "account_holder": "Tejidos del Vallès",
    "iban": "ES91 2100 0418 4502 0005 1332",
}
SPINNER = {**WEAVER, "registration": "B97440126", "name": "Hilos Turia", "town": "Paterna"}
OFFER = {
    "offer": "GUI-1",
    "organisation": "509841207",
    "organisation_country": "PT",
    "partnership": "GREENFIL",
    "title": "Recycled fibre",
    "ecosystems": "textiles",
    "purposes": "learn; technology",
    "languages": "en:C1; pt:C2",
    "windows": "2027-02-15..2027-03-19 x3; 2027-05-03..2027-05-28 x2",
    "closed": "2027-02-16..2027-02-17",
    "min_days": "3",
    "max_days": "5",
    "max_visits": "4",
    "contact_name": "Inês Carvalho",
    "contact_email": "ines@tece.example",
}
APPLICATION = {
    "application": "A-01",
    "organisation": "B62118840",
    "organisation_country": "ES",
    "person": "Montserrat Puig",
    "email": "m.puig@teixits.example",
    "motivation": "See how it is sorted.",
    "ecosystems": "textiles",
    "purposes": "learn",
    "languages": "es:C2; en:B2",
    "windows": "2027-02-15..2027-03-12",
    "min_days": "3",
    "max_days": "4",
    "wishes": "GUI-1",
}
ROWS = {"partnerships": PARTNERSHIP, "organisations": CLUSTER, "offers": OFFER, "applications": APPLICATION}


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
    return lambda kind, *rows: import_file(kind, write(kind, *rows), call)


@pytest.fixture
def stocked(bring: Callable[..., Tally]) -> Callable[..., Tally]:
    """The way in, with a partnership, three organisations and an offer already there."""
    bring("partnerships", PARTNERSHIP)
    bring("organisations", CLUSTER, WEAVER, SPINNER)
    bring("offers", OFFER)
    return bring


def refusal(bring: Callable[..., Tally], kind: str, *rows: dict[str, str]) -> list[str]:
    with pytest.raises(BadFile) as bad:
        bring(kind, *rows)
    return [str(problem) for problem in bad.value.problems]


def count(session: Db, kind: type[Any]) -> int:
    return session.scalar(select(func.count()).select_from(kind)) or 0


def test_a_partnership_comes_with_its_budget_in_the_call(session: Db, bring: Callable[..., Tally]) -> None:
    tally = bring("partnerships", {**PARTNERSHIP, "own_rate_eur": "450.50"})

    allotment = session.scalars(select(Allotment)).one()
    assert str(tally) == "1 partnerships: 1 new, 0 updated, 0 unchanged"
    assert (allotment.budget_cents, allotment.own_rate_cents) == (120_000, 45_050)


def test_an_organisation_gets_its_place_account_and_partnership(
    session: Db, stocked: Callable[..., Tally]
) -> None:
    cluster = session.scalars(select(Organisation).where(Organisation.registration == "509841207")).one()
    weaver = session.scalars(select(Organisation).where(Organisation.registration == "B62118840")).one()

    assert cluster.partnership is session.scalars(select(Partnership)).one()
    assert round(cluster.latitude, 1) == 41.4
    assert weaver.iban == "ES9121000418450200051332"


def test_an_offer_is_submitted_with_its_windows_and_findings(
    session: Db, stocked: Callable[..., Tally]
) -> None:
    offer = session.scalars(select(Offer)).one()

    assert offer.status == OfferStatus.SUBMITTED
    assert [window.places for window in offer.windows] == [3, 2]
    assert len(offer.closures) == 1
    assert offer.findings


def test_an_application_is_submitted_with_its_wish_and_finds_a_partnership(
    session: Db, stocked: Callable[..., Tally]
) -> None:
    stocked("applications", APPLICATION)

    application = session.scalars(select(Application)).one()
    assert application.status == ApplicationStatus.SUBMITTED
    assert application.partnership.code == "GREENFIL"
    assert [(wish.offer.import_key, wish.rank) for wish in application.wishes] == [("GUI-1", 1)]


@pytest.mark.parametrize("kind", list(ROWS))
def test_the_same_file_again_changes_nothing(session: Db, stocked: Callable[..., Tally], kind: str) -> None:
    stocked(kind, ROWS[kind])
    entries = count(session, Entry)

    again = stocked(kind, ROWS[kind])

    assert (again.new, again.updated, again.unchanged) == (0, 0, 1)
    assert count(session, Entry) == entries


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("partnerships", {"budget_eur": "2000"}),
        ("partnerships", {"coordinator": "Somebody else"}),
        ("organisations", {"name": "Aliança Têxtil do Norte"}),
        ("organisations", {"account_holder": "Aliança", "iban": "PT50 0002 0123 1234 5678 9015 4"}),
        ("offers", {"windows": "2027-02-15..2027-03-19 x1"}),
        ("offers", {"title": "Another title"}),
        ("applications", {"wishes": "!GUI-1"}),
        ("applications", {"windows": "2027-02-15..2027-03-15"}),
    ],
)
def test_a_changed_row_updates_its_record(
    session: Db, stocked: Callable[..., Tally], kind: str, change: dict[str, str]
) -> None:
    stocked(kind, ROWS[kind])

    again = stocked(kind, ROWS[kind] | change)

    assert (again.new, again.updated, again.unchanged) == (0, 1, 0)
    assert stocked(kind, ROWS[kind] | change).unchanged == 1


def test_a_decided_application_is_not_changed_by_import(session: Db, stocked: Callable[..., Tally]) -> None:
    stocked("applications", APPLICATION)
    application = session.scalars(select(Application)).one()
    applications.assess(application, accepted=False, reason="Not ready", actor=None)

    found = refusal(stocked, "applications", APPLICATION | {"person": "Somebody else"})

    assert found == [
        'row 2, column application: "A-01" is rejected already; an import changes only what is not decided'
    ]
    assert application.person_name == "Montserrat Puig"


def test_a_decided_application_in_an_unchanged_row_does_no_harm(
    session: Db, stocked: Callable[..., Tally]
) -> None:
    stocked("applications", APPLICATION)
    applications.assess(session.scalars(select(Application)).one(), accepted=False, reason="No", actor=None)

    assert stocked("applications", APPLICATION).unchanged == 1


def test_a_key_stays_with_its_organisation(stocked: Callable[..., Tally]) -> None:
    stocked("applications", APPLICATION)

    found = refusal(stocked, "applications", APPLICATION | {"organisation": "B97440126"})

    assert found == ['row 2, column application: "A-01" belongs to another organisation']


@pytest.mark.parametrize(
    ("kind", "change", "problem"),
    [
        (
            "organisations",
            {"town": "Guimaraens"},
            'column town: "Guimaraens" is not a known town. We know no such',
        ),
        ("organisations", {"country": "US"}, 'column country: "US" is not the code of a European country'),
        ("organisations", {"region": "ES51"}, 'column region: "ES51" is not a NUTS 2 code of PT'),
        ("organisations", {"type": "club"}, 'column type: "club" is not one of: cluster, support'),
        (
            "organisations",
            {"iban": "PT51 0002 0123 1234 5678 9015 4", "account_holder": "A"},
            "column iban: ",
        ),
        ("organisations", {"iban": "PT50000201231234567890154"}, "column account_holder: is empty"),
        ("organisations", {"latitude": "41.4"}, "column longitude: is empty; fill in both"),
        ("organisations", {"website": "javascript:alert(1)"}, "column website: "),
        (
            "organisations",
            {"partnership": "NOBODY"},
            'column partnership: "NOBODY" is not a known partnership',
        ),
        (
            "offers",
            {"organisation": "1"},
            'column organisation: "1" is not a known organisation of this country',
        ),
        (
            "offers",
            {"partnership": "NOBODY"},
            'column partnership: "NOBODY" is not a known partnership with a',
        ),
        ("offers", {"windows": "2027-02-15..2027-03-19"}, "column windows: "),
        ("offers", {"windows": "2027-13-01..2027-03-19 x1"}, 'column windows: "2027-13-01.." is not a date'),
        ("offers", {"languages": "en:C3"}, 'column languages: "en:C3" lacks a level'),
        ("offers", {"languages": "xx:C1"}, 'column languages: "xx:C1" is not a language'),
        ("offers", {"max_days": "2"}, 'column max_days: "2" is less than min_days'),
        ("offers", {"ecosystems": ""}, "column ecosystems: is empty; name an ecosystem or an industry"),
        ("offers", {"purposes": "fun"}, 'column purposes: "fun" is not one of'),
        ("applications", {"wishes": "NONE-1"}, 'column wishes: "NONE-1" is not a known offer of this call'),
        (
            "applications",
            {"wishes": "GUI-1; !GUI-1"},
            'column wishes: "GUI-1" is wished and ruled out at once',
        ),
        ("applications", {"wishes": "a; b; c; d; e; f"}, "column wishes: "),
        ("applications", {"group": "ALONE"}, 'column group: "ALONE" has no other member'),
        ("applications", {"third_country": "yes"}, "column residence_days: is empty"),
        ("applications", {"third_country": "maybe"}, 'column third_country: "maybe" is neither yes nor no'),
        ("applications", {"motivation": ""}, "column motivation: is empty; fill it in"),
        ("applications", {"email": "nobody"}, 'column email: "nobody" is not an e-mail address'),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_changes(
    session: Db, stocked: Callable[..., Tally], kind: str, change: dict[str, str], problem: str
) -> None:
    before = [count(session, kind) for kind in (Partnership, Organisation, Offer, Application, Entry)]

    found = refusal(stocked, kind, ROWS[kind] | change)

    assert found[0].startswith(f"row 2, {problem}")
    assert [count(session, kind) for kind in (Partnership, Organisation, Offer, Application, Entry)] == before


def test_problems_of_all_rows_are_listed_at_once(stocked: Callable[..., Tally]) -> None:
    found = refusal(
        stocked,
        "applications",
        APPLICATION | {"min_days": "x"},
        APPLICATION | {"application": "A-02", "wishes": "NONE-1"},
        APPLICATION | {"application": "A-02", "organisation": "B97440126"},
    )

    assert [problem.partition(":")[0] for problem in found] == [
        "row 2, column min_days",
        "row 3, column wishes",
        "row 4, column application",
    ]


def test_an_organisation_applies_once_in_a_file(stocked: Callable[..., Tally]) -> None:
    found = refusal(stocked, "applications", APPLICATION, APPLICATION | {"application": "A-02"})

    assert found == [
        'row 3, column organisation: "B62118840" applies in row 2 already; an organisation applies once'
    ]


def test_an_organisation_that_has_applied_under_another_key_is_refused_with_words(
    session: Db, stocked: Callable[..., Tally]
) -> None:
    stocked("applications", APPLICATION)

    found = refusal(stocked, "applications", APPLICATION | {"application": "A-02"})

    assert found[0].startswith('row 2, column application: "A-02" ')
    assert count(session, Application) == 1


def test_a_group_in_one_file_is_taken(session: Db, stocked: Callable[..., Tally]) -> None:
    second = APPLICATION | {"application": "A-02", "organisation": "B97440126", "group": "TEX"}

    stocked("applications", APPLICATION | {"group": "TEX"}, second)

    assert session.scalars(select(Application.group_key)).all() == ["TEX", "TEX"]


def test_a_closed_call_takes_no_import(call: Call, stocked: Callable[..., Tally]) -> None:
    close(call, actor=None)

    with pytest.raises(RuleBroken, match="call-closed"):
        stocked("applications", APPLICATION)


def test_the_samples_come_in_whole(session: Db, call: Call) -> None:
    tallies = [import_file(kind, SAMPLES / f"{kind}.csv", call) for kind in ROWS]

    totals = {tally.kind: tally.new for tally in tallies}
    assert (totals["partnerships"], totals["offers"], totals["applications"]) == (14, 25, 60)
    assert [import_file(kind, SAMPLES / f"{kind}.csv", call).unchanged for kind in ROWS] == list(
        totals.values()
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
