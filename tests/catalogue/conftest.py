"""A visitor and a host of one call, and both of them at their browsers."""

import pytest
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.applications.models import Application
from mobility.calls.models import Call
from mobility.hosts.models import Offer
from tests.catalogue.people import NewClient, entered
from tests.make.accounts import make_user
from tests.make.calls import make_call
from tests.make.organisations import make_organisation
from tests.make.rounds import make_host, make_visitor
from tests.visitor import Visitor

Db = scoped_session[Session]


@pytest.fixture
def call(session: Db) -> Call:
    return make_call()


@pytest.fixture
def application(call: Call) -> Application:
    organisation = make_organisation(name="Hidden Looms", country="ES", town="Zaragoza", region="ES24")
    return make_visitor(call, organisation=organisation, person_name="Vera Secret")


@pytest.fixture
def offer(call: Call) -> Offer:
    return make_host(call, title="A week in the dye works", contact_name="Hugo Secret")


@pytest.fixture
def visitor(new_client: NewClient, application: Application, offer: Offer) -> Visitor:
    """The person named in the application, who registered with that address."""
    return entered(new_client, make_user(Role.APPLICANT, email=application.person_email))


@pytest.fixture
def host(new_client: NewClient, application: Application, offer: Offer) -> Visitor:
    """The contact named in the offer, who registered with that address."""
    return entered(new_client, make_user(Role.HOST, email=offer.contact_email))
