"""Who cannot be matched, and where places and visitors are, before anything is solved."""

import pytest
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from tests.make.accounts import make_user, sign_in
from tests.make.calls import make_call
from tests.make.organisations import make_organisation
from tests.make.rounds import PORTO_CLUSTER, SEVILLA, make_frozen_round, make_host, make_visitor
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]


def test_each_host_falls_away_by_the_first_rule_that_keeps_it_apart() -> None:
    call = make_call()
    porto, sevilla = (
        make_host(call),
        make_host(call, organisation=make_organisation(**PORTO_CLUSTER | SEVILLA)),
    )
    alone = make_visitor(call, wishes={porto: None})
    free = make_visitor(call)

    picture = make_frozen_round(call).picture or {}

    assert sevilla.organisation.country == alone.organisation.country
    assert picture["funnel"] == {alone.reference: {"never": 1, "same-country": 1}}
    assert free.reference not in picture["funnel"]
    assert picture["without_host"] == [alone.reference]


def test_places_and_possible_visitors_are_counted_by_country_of_the_host() -> None:
    call = make_call()
    make_host(call)
    make_host(call)
    make_host(call, organisation=make_organisation(**PORTO_CLUSTER | SEVILLA))
    make_visitor(call)

    picture = make_frozen_round(call).picture or {}

    assert picture["countries"] == [
        {"country": "ES", "places": 2, "visitors": 0},
        {"country": "PT", "places": 4, "visitors": 1},
    ]


def test_the_page_of_a_frozen_round_says_why_somebody_cannot_be_matched(client: Visitor, session: Db) -> None:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    call = make_call()
    hosts = [make_host(call), make_host(call)]
    alone = make_visitor(call, wishes=dict.fromkeys(hosts))
    round_ = make_frozen_round(call)
    session.commit()

    page = client.get(f"/rounds/{round_.reference}").text

    assert "The rules leave 1 visitor no host" in page
    assert f"/applications/{alone.reference}" in page
    assert "2 hosts: The visitor ruled it out." in page
    assert "Places and visitors by country" in page
