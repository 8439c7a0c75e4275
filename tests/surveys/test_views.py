from collections.abc import Callable

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.core.db import db
from mobility.partnerships.models import Partnership
from mobility.surveys import services
from mobility.surveys.enums import Side
from tests.make.accounts import make_user, sign_in
from tests.make.exchanges import make_ended_exchange
from tests.make.partnerships import make_partnership
from tests.make.surveys import make_answer, make_invitation
from tests.visitor import Visitor


def enter(client: Visitor, role: Role, partnership: Partnership | None = None) -> None:
    """Sign in with a role; what the test arranged is committed first."""
    user = make_user(role, partnership=partnership)
    db.session.commit()
    sign_in(client, user)


def statements_of(client: Visitor, path: str) -> int:
    """How many statements a page sends to the database, seen for the second time."""
    sent = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    client.get(path)
    event.listen(db.engines[None], "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(db.engines[None], "before_cursor_execute", note)
    return len(sent)


@pytest.mark.parametrize("path", ["/surveys", "/surveys/results"])
@pytest.mark.parametrize("role", [Role.APPLICANT, Role.HOST, Role.FINANCE_INITIATOR])
def test_surveys_are_for_staff(
    session: scoped_session[Session], client: Visitor, role: Role, path: str
) -> None:
    enter(client, role)

    assert client.get(path).status_code == 403


def test_the_list_shows_who_was_asked_and_who_answered(
    session: scoped_session[Session], client: Visitor
) -> None:
    visitor, _host = services.invite(make_ended_exchange())
    make_answer(visitor, recommend=9)
    enter(client, Role.SUPPORT_OFFICER)

    page = client.get("/surveys").text

    assert visitor.exchange.reference in page
    assert '<b data-figure="surveys_invited">2</b>' in page
    assert '<b data-figure="surveys_answered">1</b>' in page
    assert '<b data-figure="surveys_response_percent">50%</b>' in page


@pytest.mark.parametrize(
    ("query", "rows"),
    [("?side=host", 2), ("?answered=yes", 1), ("?answered=no&side=visitor", 1), ("?q=nobody", 0)],
)
def test_the_list_is_narrowed_by_its_address(
    session: scoped_session[Session], client: Visitor, query: str, rows: int
) -> None:
    make_answer(services.invite(make_ended_exchange())[0])
    services.invite(make_ended_exchange())
    enter(client, Role.AUDITOR)

    assert client.get(f"/surveys{query}").text.count('<th scope="row"') == rows


def test_each_partnership_hears_its_own_side(
    session: scoped_session[Session], new_client: Callable[[], Visitor]
) -> None:
    exchange = make_ended_exchange(vop=make_partnership(), hop=make_partnership())
    for invitation, words in zip(
        services.invite(exchange), ("From the visitor.", "From the host."), strict=True
    ):
        make_answer(invitation, quote=words)

    of_vop, of_hop, of_other = new_client(), new_client(), new_client()
    enter(of_vop, Role.PARTNERSHIP_OFFICER, exchange.vop)
    enter(of_hop, Role.PARTNERSHIP_OFFICER, exchange.hop)
    enter(of_other, Role.PARTNERSHIP_OFFICER, make_partnership())

    pages = [client.get("/surveys/results").text for client in (of_vop, of_hop, of_other)]
    assert ["From the visitor." in page for page in pages] == [True, False, False]
    assert ["From the host." in page for page in pages] == [False, True, False]
    assert exchange.reference not in of_other.get("/surveys").text


def test_results_count_average_and_score(session: scoped_session[Session], client: Visitor) -> None:
    make_answer(recommend=10, objectives=5, quote="We go again.")
    make_answer(recommend=6, objectives=4)
    enter(client, Role.AUDITOR)

    page = client.get("/surveys/results").text

    assert '<b data-figure="surveys_nps">0</b>' in page
    assert "mean 4.5" in page
    assert "We go again." in page


def test_results_of_one_side(session: scoped_session[Session], client: Visitor) -> None:
    make_answer(make_invitation(Side.VISITOR)[0], quote="From the visitor.")
    make_answer(make_invitation(Side.HOST)[0], quote="From the host.")
    enter(client, Role.AUDITOR)

    page = client.get("/surveys/results?side=host").text

    assert "From the host." in page
    assert "From the visitor." not in page


@pytest.mark.parametrize(
    ("role", "hears"),
    [
        (Role.SUPPORT_OFFICER, True),
        (Role.AUDITOR, True),
        (Role.ADMINISTRATOR, False),
        (Role.PARTNERSHIP_OFFICER, False),
    ],
)
def test_confidences_are_for_support_and_auditors(
    session: scoped_session[Session], client: Visitor, role: Role, hears: bool
) -> None:
    answer = make_answer(confidential="Between us.", quote="For all.")
    bound = answer.invitation.exchange.vop if role is Role.PARTNERSHIP_OFFICER else None
    enter(client, role, bound)

    page = client.get("/surveys/results").text

    assert "For all." in page
    assert ("Between us." in page) is hears


def test_empty_pages_say_why_they_are_empty(session: scoped_session[Session], client: Visitor) -> None:
    enter(client, Role.AUDITOR)

    assert "Nobody was asked yet" in client.get("/surveys").text
    assert "No answers yet" in client.get("/surveys/results").text


@pytest.mark.parametrize("path", ["/surveys", "/surveys/results"])
def test_three_answers_take_as_many_statements_as_one(
    session: scoped_session[Session], client: Visitor, path: str
) -> None:
    make_answer(quote="One.", confidential="One.")
    enter(client, Role.AUDITOR)
    one = statements_of(client, path)
    make_answer(quote="Two.", confidential="Two.")
    make_answer(quote="Three.", confidential="Three.")
    db.session.commit()

    assert statements_of(client, path) == one


def test_mark_up_in_answers_stays_text(session: scoped_session[Session], client: Visitor) -> None:
    make_answer(quote="<script>x</script>", confidential="<script>y</script>")
    enter(client, Role.AUDITOR)

    page = client.get("/surveys/results").text

    assert "<script>x" not in page
    assert "<script>y" not in page
