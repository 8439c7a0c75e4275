"""What was changed on the site since an import, no later import overwrites; what nobody touched, it changes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.applications import changes
from mobility.applications import services as applications
from mobility.applications.columns import content_of
from mobility.applications.models import Application
from mobility.applications.sections import Section
from mobility.calls.models import Call
from mobility.calls.services import allot
from mobility.core import clock
from mobility.core.files import BadFile
from mobility.core.uploads import Upload
from mobility.hosts import columns as offer_columns
from mobility.hosts import services as hosts
from mobility.hosts.models import Offer
from mobility.imports import services, steps
from mobility.imports.enums import ImportStatus
from mobility.imports.models import Written
from mobility.imports.whole import Tally
from mobility.organisations.models import Organisation
from mobility.organisations.services import join
from mobility.partnerships.models import Partnership
from tests.imports.conftest import Write
from tests.imports.rows import APPLICATION, PARTNERSHIP, ROWS, SPINNER, WEAVER
from tests.make.accounts import make_user, sign_in
from tests.make.organisations import make_organisation
from tests.visitor import Visitor

Db = scoped_session[Session]
Stocked = Callable[..., Tally]
MINE = {
    "name": "Tejidos Nuevos",
    "registration": "B62118840",
    "type": "sme",
    "country": "ES",
    "town": "Terrassa",
    "staff": "43",
    "turnover": "6100000",
    "cluster_name": "Clúster Tèxtil",
    "cluster_has_profile": "y",
}


@pytest.fixture(autouse=True)
def _no_answers(stocked: Stocked) -> None:
    stocked("applications", APPLICATION)


def weaver(session: Db) -> Organisation:
    return session.scalars(select(Organisation).where(Organisation.registration == "B62118840")).one()


def edit_the_partnership(session: Db) -> str:
    session.scalars(select(Partnership)).one().coordinator = "On the site"
    return "GREENFIL"


def edit_the_budget(session: Db) -> str:
    allot(
        session.scalars(select(Call)).one(), session.scalars(select(Partnership)).one(), 130_000, actor=None
    )
    return "GREENFIL"


def edit_the_organisation(session: Db) -> str:
    weaver(session).staff = 43
    return "B62118840"


def edit_the_account(session: Db) -> str:
    weaver(session).iban = "PT50000201231234567890154"
    return "B62118840"


def edit_the_offer(session: Db) -> str:
    offer = session.scalars(select(Offer)).one()
    hosts.correct(offer, replace(offer_columns.content_of(offer), max_visits=2), actor=None)
    return offer.reference


def edit_the_application(session: Db) -> str:
    application = session.scalars(select(Application)).one()
    by = clock.today() + timedelta(days=7)
    changes.ask(application, {Section.TOPICS: "Say more."}, by, actor=None)
    said = replace(content_of(application), motivation="Said on the site.")
    applications.revise(application, said, actor=None)
    applications.submit(application, actor=None)
    return application.reference


@pytest.mark.parametrize(
    ("kind", "row", "edit"),
    [
        ("partnerships", PARTNERSHIP, edit_the_partnership),
        ("partnerships", PARTNERSHIP, edit_the_budget),
        ("organisations", WEAVER, edit_the_organisation),
        ("organisations", WEAVER, edit_the_account),
        ("offers", ROWS["offers"], edit_the_offer),
        ("applications", APPLICATION, edit_the_application),
    ],
)
def test_a_row_that_would_undo_what_the_site_changed_is_refused(
    session: Db, stocked: Stocked, kind: str, row: dict[str, str], edit: Callable[[Db], str]
) -> None:
    named = edit(session)
    session.flush()
    session.expire_all()

    with pytest.raises(BadFile) as bad:
        stocked(kind, row)

    key = next(iter(row.values()))
    words = str(bad.value.problems[0])
    assert words.startswith(
        f'row 2, column {next(iter(row))}: "{key}" was changed on the site since the import'
    )
    assert words.endswith(f"take the row out or change it there: {named}")


def test_the_trial_finds_what_an_applicant_has_changed_and_nothing_is_lost(
    client: Visitor, session: Db, call: Call, stocked: Stocked, write: Write
) -> None:
    applicant, officer = make_user(), make_user(Role.SUPPORT_OFFICER)
    join(weaver(session), applicant, actor=None)
    session.commit()
    sign_in(client, applicant)
    fields = MINE | {"version": str(weaver(session).version)}
    assert client.submit("/organisations/mine", fields).status_code == 302
    session.commit()

    file = write("organisations", SPINNER, WEAVER | {"description": "Looms."})
    found = services.hand_in("organisations", call, Upload("a.csv", file.read_bytes()), actor=officer)
    session.commit()
    steps.try_out(found.id)
    session.commit()

    assert (found.status, found.problem_count) == (ImportStatus.REFUSED, 1)
    assert (weaver(session).name, weaver(session).staff) == ("Tejidos Nuevos", 43)
    sign_in(client, officer)
    lines = client.get(f"/imports/{found.reference}/problems.csv").text.splitlines()
    assert lines[1].startswith('3,registration,B62118840,"was changed on the site since the import of')


def test_a_record_that_nobody_touched_is_changed_again_and_again(session: Db, stocked: Stocked) -> None:
    changes: dict[str, list[dict[str, Any]]] = {
        "partnerships": [{"budget_eur": "2000"}, {"coordinator": "Another"}],
        "organisations": [{"website": "https://a.example"}, {"partnership": ""}],
        "offers": [{"windows": "2027-02-15..2027-03-19 x1"}, {"closed": ""}],
        "applications": [{"wishes": "!GUI-1"}, {"excluded": "2027-03-01..2027-03-02"}, {"max_days": "5"}],
    }
    for kind, steps_ in changes.items():
        row = ROWS[kind]
        for change in steps_:
            row = row | change
            session.expire_all()
            assert stocked(kind, row).updated == 1, (kind, change)


def test_a_row_that_says_what_the_site_says_does_no_harm(session: Db, stocked: Stocked) -> None:
    edit_the_organisation(session)

    assert stocked("organisations", WEAVER | {"staff": "43"}).unchanged == 1
    assert stocked("organisations", SPINNER | {"staff": "43"}).updated == 1


def test_an_organisation_that_came_by_its_people_is_left_to_them(session: Db, stocked: Stocked) -> None:
    make_organisation(member=make_user(), name="Own words", country="ES", registration="OWN-1")
    session.flush()

    with pytest.raises(BadFile) as bad:
        stocked("organisations", WEAVER | {"registration": "OWN-1"})

    assert "is kept on the site by its people" in str(bad.value.problems[0])


def test_no_account_number_can_be_told_from_what_is_remembered(session: Db, stocked: Stocked) -> None:
    assert session.scalar(select(Written.digest).limit(1))
    raw = session.connection().exec_driver_sql("SELECT digest FROM written").scalars().all()
    assert all(len(one) > 100 for one in raw)
