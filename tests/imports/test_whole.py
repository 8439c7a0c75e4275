"""Importing: a bad file changes nothing, a second import updates, every wrong cell is named."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.applications import services as applications
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.audit.models import Entry
from mobility.calls.models import Allotment, Call
from mobility.calls.services import close
from mobility.core.errors import RuleBroken
from mobility.core.files import BadFile
from mobility.core.settings import ROOT
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer
from mobility.imports.whole import Tally
from mobility.organisations.models import Organisation
from mobility.partnerships.models import Partnership
from tests.imports.rows import APPLICATION, GROUP_VISIT, PARTNERSHIP, ROWS
from tests.make.applications import make_application

Db = scoped_session[Session]
Write = Callable[..., Path]
SAMPLES = ROOT / "docs" / "samples"


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


def test_a_group_visit_comes_with_its_days_seats_and_agenda(
    session: Db, stocked: Callable[..., Tally]
) -> None:
    stocked("offers", GROUP_VISIT)

    offer = session.scalars(select(Offer).where(Offer.import_key == "GUI-2")).one()
    assert (offer.status, offer.is_group_visit, offer.agenda) == (
        OfferStatus.SUBMITTED,
        True,
        "Mon 9:00 Welcome",
    )
    assert (offer.min_days, offer.max_days, offer.max_visits) == (4, 4, 8)
    session.expire_all()
    assert stocked("offers", GROUP_VISIT).unchanged == 1
    assert stocked("offers", GROUP_VISIT | {"windows": "2027-05-17..2027-05-19 x6"}).updated == 1
    assert (offer.min_days, offer.max_visits) == (3, 6)


def test_a_group_visit_says_its_length_by_its_days_alone(stocked: Callable[..., Tally]) -> None:
    wrong = {
        "min_days": "4",
        "max_visits": "8",
        "closed": "2027-05-18",
        "windows": "2027-05-17..2027-05-18 x8; 2027-05-20 x8",
        "agenda": "",
    }
    rows = [
        GROUP_VISIT | {"offer": f"G-{number}", name: value}
        for number, (name, value) in enumerate(wrong.items())
    ]

    found = refusal(stocked, "offers", *rows)

    assert [one.partition(":")[0] for one in found] == [
        f"row {number}, column {name}" for number, name in enumerate(wrong, start=2)
    ]


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
            "partnerships",
            {"own_rate_eur": "450.51"},
            'column own_rate_eur: "450.51" has an odd cent; write an amount whose half is whole cents',
        ),
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
        ("organisations", {"founded": "2099"}, 'column founded: "2099" has not begun; write a year up to 20'),
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
        ("offers", {"max_visits": ""}, "column max_visits: is empty; fill it in"),
        ("offers", {"agenda": "Tue"}, 'column agenda: "Tue" is for a group visit only'),
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


def test_a_group_whose_other_member_was_rejected_is_a_group_of_one(
    session: Db, stocked: Callable[..., Tally]
) -> None:
    second = APPLICATION | {"application": "A-02", "organisation": "B97440126", "group": "TEX"}
    stocked("applications", APPLICATION | {"group": "TEX"}, second)
    rejected = session.scalars(select(Application).where(Application.import_key == "A-02")).one()
    applications.assess(rejected, accepted=False, reason="No topic.", actor=None)

    again = stocked("applications", APPLICATION | {"group": "TEX"}, second)
    found = refusal(stocked, "applications", APPLICATION | {"group": "TEX", "motivation": "Another one."})

    assert str(again) == "2 applications: 0 new, 0 updated, 2 unchanged"
    assert found == ['row 2, column group: "TEX" has no other member; a group has at least two']


def test_members_of_a_group_that_came_by_the_site_count_each(
    session: Db, call: Call, stocked: Callable[..., Tally]
) -> None:
    for group in ("TEX", "OTHER", "TEX-GONE"):
        make_application(call=call, group_key=group)
    gone = session.scalars(select(Application).where(Application.group_key == "TEX-GONE")).one()
    applications.withdraw(gone, actor=None)

    tally = stocked("applications", APPLICATION | {"group": "TEX"})
    found = refusal(
        stocked,
        "applications",
        APPLICATION | {"application": "A-02", "organisation": "B97440126", "group": "TEX-GONE"},
    )

    assert str(tally) == "1 applications: 1 new, 0 updated, 0 unchanged"
    assert found == ['row 2, column group: "TEX-GONE" has no other member; a group has at least two']


def test_a_closed_call_takes_no_import(call: Call, stocked: Callable[..., Tally]) -> None:
    close(call, actor=None)

    with pytest.raises(RuleBroken, match="call-closed"):
        stocked("applications", APPLICATION)
