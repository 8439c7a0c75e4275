"""Who has to do with a report, each with a client."""

from collections.abc import Callable

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.core.db import db
from mobility.exchanges.models import Exchange
from tests.make.accounts import make_user, sign_in
from tests.visitor import Visitor

NewClient = Callable[[], Visitor]


def entered(new_client: NewClient, user: User) -> Visitor:
    """A client of that person."""
    db.session.commit()
    client = new_client()
    sign_in(client, user)
    return client


def visitor_of(exchange: Exchange) -> User:
    """The person named in the application, with an account."""
    return make_user(Role.APPLICANT, email=exchange.application.person_email)


def host_of(exchange: Exchange) -> User:
    """The contact named in the offer, with an account."""
    return make_user(Role.HOST, email=exchange.offer.contact_email)


def vop_of(exchange: Exchange) -> User:
    """An officer of the visitor's partnership."""
    return make_user(Role.PARTNERSHIP_OFFICER, partnership=exchange.vop)


def hop_of(exchange: Exchange) -> User:
    """An officer of the host's partnership."""
    return make_user(Role.PARTNERSHIP_OFFICER, partnership=exchange.hop)
