"""The pages of calls."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.accounts.services import grant
from mobility.calls.enums import CvAsked
from mobility.calls.services import close, reserve
from mobility.core import clock
from tests.make.accounts import make_user, sign_in
from tests.make.calls import make_allotment, make_call
from tests.make.partnerships import make_partnership
from tests.pages import next_on
from tests.statements import statements_of
from tests.visitor import Visitor

Db = scoped_session[Session]


def test_anybody_sees_published_calls_and_no_drafts(session: Db, client: Visitor) -> None:
    make_call(title="Spring call")
    make_call(title="Secret call", is_open=False)

    page = client.get("/calls").text

    assert "Spring call" in page
    assert "Secret call" not in page


def test_staff_see_drafts_too(session: Db, client: Visitor) -> None:
    draft = make_call(title="Secret call", is_open=False)
    sign_in(client, make_user(Role.SUPPORT_OFFICER))

    assert "Secret call" in client.get("/calls").text
    assert client.get(f"/calls/{draft.reference}").status_code == 200


def test_a_draft_is_not_there_for_others(session: Db, client: Visitor) -> None:
    draft = make_call(is_open=False)
    sign_in(client, make_user())

    assert client.get(f"/calls/{draft.reference}").status_code == 404
    assert client.get("/calls/CXC-NONE").status_code == 404


def test_a_call_shows_countries_matrix_and_illustrative_amounts(session: Db, client: Visitor) -> None:
    page = client.get(f"/calls/{make_call().reference}").text

    assert "Portugal" in page
    assert "€780.00" in page
    assert "€390.00" in page
    assert "These amounts are an example" in page
    assert "Rules" not in page
    assert "Large company" in page
    assert "United Kingdom" not in page


def test_an_open_call_invites_and_a_closed_one_does_not(session: Db, client: Visitor) -> None:
    call = make_call()
    invites = client.get(f"/calls/{call.reference}").text
    close(call, actor=None)

    closed = client.get(f"/calls/{call.reference}").text

    assert "The call is open" in invites
    assert "It takes no applications" in closed


@pytest.mark.parametrize(
    ("roles", "told"),
    [
        ((), "Apply, or offer places Register"),
        ((Role.APPLICANT,), "Apply Apply"),
        ((Role.HOST,), "Offer places Offer places"),
        ((Role.APPLICANT, Role.HOST), "Apply, or offer places Apply Offer places"),
        ((Role.SUPPORT_OFFICER,), "Nothing for now"),
    ],
)
def test_an_open_call_asks_of_each_what_they_may_do(
    session: Db, client: Visitor, roles: tuple[Role, ...], told: str
) -> None:
    call = make_call()
    if roles:
        user = make_user(roles[0])
        for role in roles[1:]:
            grant(user, role)
        sign_in(client, user)

    page = client.get(f"/calls/{call.reference}").text

    assert next_on(page) == told
    assert (f"/applications/new?call={call.reference}" in page) == (Role.APPLICANT in roles)
    assert (f"/hosts/new?call={call.reference}" in page) == (Role.HOST in roles)


def test_a_call_that_is_not_open_yet_says_when(session: Db, client: Visitor) -> None:
    today = clock.today()
    later = make_call(
        opens_at=clock.at_local(today + timedelta(days=3)),
        closes_at=clock.at_local(today + timedelta(days=9)),
    )

    assert "Not open yet" in client.get(f"/calls/{later.reference}").text


def test_the_support_office_says_whether_visitors_send_a_cv(session: Db, client: Visitor) -> None:
    call = make_call()
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    page = f"/calls/{call.reference}"

    kept = client.submit(page, {"version": str(call.version), "cv_asked": "required"}, to=f"{page}/cv")
    stale = client.submit(page, {"version": "0", "cv_asked": "no"}, to=f"{page}/cv")
    refused = client.submit(page, {"version": str(call.version), "cv_asked": "perhaps"}, to=f"{page}/cv")

    assert [answer.status_code for answer in (kept, stale, refused)] == [302, 409, 422]
    session.expire_all()
    assert call.cv_asked is CvAsked.REQUIRED
    assert "Needed" in client.get(page).text


def test_an_officer_of_a_partnership_or_of_another_call_sets_nothing(session: Db, client: Visitor) -> None:
    call, other = make_call(), make_call()
    officer = make_user(Role.PARTNERSHIP_OFFICER, partnership=make_partnership())
    grant(officer, Role.SUPPORT_OFFICER, call_id=other.id)
    sign_in(client, officer)
    page = f"/calls/{call.reference}"

    answer = client.submit(
        f"/calls/{other.reference}", {"version": str(call.version), "cv_asked": "no"}, to=f"{page}/cv"
    )

    assert (answer.status_code, call.cv_asked) == (404, CvAsked.OPTIONAL)
    assert "Settings" not in client.get(page).text


def test_the_public_sees_no_budgets(session: Db, client: Visitor) -> None:
    allotment = make_allotment(budget_cents=123_456_00)

    assert "€123,456.00" not in client.get(f"/calls/{allotment.call.reference}").text


def test_support_sees_all_budgets_with_what_is_free(session: Db, client: Visitor) -> None:
    allotment = make_allotment(budget_cents=123_456_00)
    reserve(allotment.call, allotment.partnership, 456_00)
    sign_in(client, make_user(Role.SUPPORT_OFFICER))

    page = client.get(f"/calls/{allotment.call.reference}").text

    assert "€123,456.00" in page
    assert "€123,000.00" in page


def test_an_officer_sees_the_own_budget_and_no_peers(session: Db, client: Visitor) -> None:
    own, peer = make_partnership(name="Own"), make_partnership(name="Peer")
    call = make_call()
    make_allotment(call, own, budget_cents=111_00)
    make_allotment(call, peer, budget_cents=222_00)
    sign_in(client, make_user(Role.PARTNERSHIP_OFFICER, partnership=own))

    page = client.get(f"/calls/{call.reference}").text

    assert "€111.00" in page
    assert "€222.00" not in page


def test_calls_are_sorted_and_filtered_by_the_address(session: Db, client: Visitor) -> None:
    make_call(title="Alpha")
    close(make_call(title="Beta"), actor=None)

    page = client.get("/calls?status=closed&sort=title&q=beta").text

    assert "Beta" in page
    assert "Alpha" not in page


def test_the_list_takes_as_many_queries_for_three_rows_as_for_one(session: Db, client: Visitor) -> None:
    make_call()
    for_one = statements_of(client, "/calls")
    make_call()
    make_call()

    for_three = statements_of(client, "/calls")

    assert for_three == for_one
