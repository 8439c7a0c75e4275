"""The support office looks at organisations that were entered twice."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.organisations import tasks
from mobility.organisations.enums import LikenessStatus
from mobility.organisations.services import change_account
from mobility.partnerships.bank import AccountDraft
from tests.make.accounts import make_user, sign_in
from tests.make.applications import make_application
from tests.make.calls import make_call
from tests.make.organisations import make_likeness, make_organisation
from tests.statements import statements_of
from tests.visitor import Visitor

Db = scoped_session[Session]
# What a test sends beside a page: savepoints in the place of transactions.
AROUND = 7
ALIKE = "/organisations/alike"


@pytest.fixture
def office(session: Db, client: Visitor) -> Visitor:
    """Somebody of the support office."""
    user = make_user(Role.SUPPORT_OFFICER)
    session.commit()
    sign_in(client, user)
    return client


def test_the_office_looks_and_finds(session: Db, office: Visitor) -> None:
    make_organisation(registration="BE 0123", name="Alpha")
    make_organisation(registration="123", name="Beta")
    session.commit()
    assert "Nothing here" in office.get(ALIKE).text

    assert office.submit(ALIKE, {}, to=f"{ALIKE}/look").status_code == 302
    waiting = session.scalar(
        text("SELECT queueing_lock FROM procrastinate_jobs WHERE task_name ~ 'find_likenesses'")
    )
    assert waiting == "find-likenesses"
    tasks.find_likenesses.func(timestamp=0)

    page = office.get(ALIKE).text
    assert "Alpha" in page
    assert "the same registration number" in page


def test_the_page_says_exactly_what_moves_and_the_button_moves_it(session: Db, office: Visitor) -> None:
    likeness = make_likeness()
    application = make_application(organisation=likeness.other)
    session.commit()
    page = f"{ALIKE}/{likeness.id}"

    shown = office.get(page).text
    assert application.reference in shown
    assert application.reference not in office.get(f"{page}?keep=other").text
    answer = office.submit(page, {"version": likeness.version, "keep": "one"}, to=f"{page}/merge")

    session.expire_all()
    assert answer.status_code == 302
    assert application.organisation is likeness.one
    assert "Undo the merge" in office.get(page).text
    assert office.submit(page, {}, to=f"{page}/undo").status_code == 302
    session.expire_all()
    assert application.organisation is likeness.other


def test_the_other_one_may_be_kept(session: Db, office: Visitor) -> None:
    likeness = make_likeness()
    session.commit()
    page = f"{ALIKE}/{likeness.id}"

    office.submit(page, {"version": likeness.version, "keep": "other"}, to=f"{page}/merge")

    session.expire_all()
    assert likeness.one.survivor is likeness.other
    assert likeness.other.name in office.get(page).text


def test_where_money_goes_elsewhere_both_accounts_stand_there_and_somebody_says_that_they_looked(
    session: Db, office: Visitor
) -> None:
    likeness = make_likeness()
    change_account(likeness.one, AccountDraft("Alpha", "DE89370400440532013000", ""), actor=None)
    session.commit()
    page = f"{ALIKE}/{likeness.id}"
    typed = {"version": likeness.version, "keep": "one"}

    shown = office.get(page).text
    refused = office.submit(page, typed, to=f"{page}/merge")
    session.expire_all()

    assert "BE•• •••• 7034" in shown
    assert "DE•• •••• 3000" in shown
    assert (refused.status_code, likeness.status) == (422, LikenessStatus.OPEN)
    assert "Check the two accounts" in refused.text
    assert office.submit(page, typed | {"account": "y"}, to=f"{page}/merge").status_code == 302


def test_what_cannot_be_merged_says_why_and_has_no_button(session: Db, office: Visitor) -> None:
    likeness, call = make_likeness(), make_call()
    for organisation in (likeness.one, likeness.other):
        make_application(organisation=organisation, call=call)
    session.commit()
    page = f"{ALIKE}/{likeness.id}"

    shown = office.get(page).text

    assert "These two cannot be merged." in shown
    assert "/merge" not in shown.partition("<main")[2]
    assert office.submit(page, {"version": likeness.version}, to=f"{page}/merge").status_code == 409


def test_not_the_same_is_remembered(session: Db, office: Visitor) -> None:
    likeness = make_likeness()
    session.commit()
    page = f"{ALIKE}/{likeness.id}"

    answer = office.submit(page, {"version": likeness.version}, to=f"{page}/tell-apart")

    session.expire_all()
    assert (answer.status_code, likeness.status) == (302, LikenessStatus.DIFFERENT)
    assert likeness.one.name in office.get(f"{ALIKE}?status=different").text
    assert "These are two organisations" in office.get(page).text


def test_a_page_that_was_open_too_long_decides_nothing(session: Db, office: Visitor) -> None:
    likeness = make_likeness()
    session.commit()
    page = f"{ALIKE}/{likeness.id}"

    for step in ("merge", "tell-apart"):
        assert office.submit(page, {"version": "7"}, to=f"{page}/{step}").status_code == 409

    session.expire_all()
    assert likeness.status == LikenessStatus.OPEN


@pytest.mark.parametrize("number", ["0", "999999999", "9" * 25])
def test_a_pair_that_is_not_there_is_not_found(session: Db, office: Visitor, number: str) -> None:
    assert office.get(f"{ALIKE}/{number}").status_code == 404


def test_the_pages_take_few_statements_however_many_pairs(session: Db, office: Visitor) -> None:
    likeness = make_likeness()
    session.commit()
    few = statements_of(office, ALIKE)
    for number in range(3):
        make_likeness(name=f"Beta {number}")
    for _number in range(3):
        make_application(organisation=likeness.other)
    session.commit()

    assert statements_of(office, ALIKE) == few <= 12 + AROUND
    assert statements_of(office, f"{ALIKE}/{likeness.id}") <= 12 + AROUND
