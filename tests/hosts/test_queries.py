"""Who sees which offer."""

import pytest
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.calls.enums import CallStatus
from mobility.core.errors import NotFound
from mobility.hosts import queries
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer
from tests.make.accounts import make_user
from tests.make.hosts import PORTO, make_offer
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]


def listed_for(user: User | None, session: Db) -> set[Offer]:
    return set(session.scalars(queries.offers_listed_for(user)))


def test_a_stranger_sees_accepted_offers_only(session: Db) -> None:
    accepted = make_offer()
    submitted = make_offer(status=OfferStatus.SUBMITTED)

    assert listed_for(None, session) == {accepted}
    with pytest.raises(NotFound):
        queries.offer_for(None, submitted.reference)


def test_offers_of_a_closed_call_leave_the_list_and_keep_their_page(session: Db) -> None:
    offer = make_offer()
    offer.call.status = CallStatus.CLOSED

    assert listed_for(None, session) == set()
    assert queries.offer_for(None, offer.reference) is offer


def test_a_host_sees_the_own_in_any_state_and_not_a_peers(session: Db) -> None:
    host = make_user(Role.HOST)
    own = make_offer(organisation=make_organisation(member=host, **PORTO), status=OfferStatus.DRAFT)
    make_offer(status=OfferStatus.DRAFT)

    assert listed_for(host, session) == {own}
    assert queries.own_offer(host, own.reference) is own


def test_an_officer_sees_those_of_the_own_partnership(session: Db) -> None:
    partnership = make_partnership()
    officer = make_user(Role.PARTNERSHIP_OFFICER, partnership=partnership)
    theirs = make_offer(partnership=partnership, status=OfferStatus.SUBMITTED)
    peers = make_offer(status=OfferStatus.SUBMITTED)

    assert listed_for(officer, session) == {theirs}
    with pytest.raises(NotFound):
        queries.offer_to_assess(officer, peers.reference)


def test_contact_and_letters_are_for_those_concerned() -> None:
    host = make_user(Role.HOST)
    offer = make_offer(author=host)

    assert queries.ties_of(host, offer).is_concerned
    assert queries.ties_of(make_user(Role.SUPPORT_OFFICER), offer).is_concerned
    assert not queries.ties_of(make_user(Role.APPLICANT), offer).is_concerned
    assert not queries.ties_of(None, offer).is_concerned
