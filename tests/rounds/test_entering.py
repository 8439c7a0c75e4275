"""Who would not enter an open round."""

import pytest
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.organisations.enums import OrganisationType
from mobility.rounds import services
from tests.make.accounts import make_user, sign_in
from tests.make.calls import make_call
from tests.make.rounds import make_frozen_round, make_host, make_visitor
from tests.statements import statements_of
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]


def test_an_open_round_tells_who_would_not_enter_and_why(client: Visitor, session: Db) -> None:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    call = make_call()
    make_host(call)
    enters, large = make_visitor(call), make_visitor(call)
    large.organisation.type = OrganisationType.LARGE
    round_ = services.open_round(call, actor=None)
    session.commit()

    page = client.get(f"/rounds/{round_.reference}/left-out").text

    assert f"/rounds/{round_.reference}/left-out" in client.get(f"/rounds/{round_.reference}").text
    assert large.reference in page
    assert "A rule forbids it now" in page
    assert enters.reference not in page


def test_where_everybody_enters_the_page_says_so(client: Visitor, session: Db) -> None:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    call = make_call()
    make_visitor(call)
    round_ = services.open_round(call, actor=None)
    session.commit()

    assert "Everybody enters" in client.get(f"/rounds/{round_.reference}/left-out").text


def test_a_frozen_round_has_its_list_on_its_own_page(client: Visitor, session: Db) -> None:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    round_ = make_frozen_round()
    session.commit()

    answer = client.get(f"/rounds/{round_.reference}/left-out")

    assert answer.location == f"/rounds/{round_.reference}"


def test_the_page_asks_the_database_as_much_for_three_as_for_one(client: Visitor, session: Db) -> None:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    call = make_call()
    make_visitor(call).organisation.type = OrganisationType.LARGE
    path = f"/rounds/{services.open_round(call, actor=None).reference}/left-out"
    session.commit()
    asked = statements_of(client, path)

    for _ in range(2):
        make_visitor(call).organisation.type = OrganisationType.LARGE
    session.commit()

    assert statements_of(client, path) == asked
