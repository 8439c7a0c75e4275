"""A host with a draft."""

import pytest

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.core.db import db
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer
from tests.make.accounts import make_user, sign_in
from tests.make.calls import make_allotment, make_call
from tests.make.hosts import PORTO, make_offer
from tests.make.organisations import make_organisation
from tests.visitor import Visitor


@pytest.fixture
def person(client: Visitor) -> User:
    """A signed-in host."""
    user = make_user(Role.HOST)
    db.session.commit()
    sign_in(client, user)
    return user


@pytest.fixture
def draft(person: User) -> Offer:
    """The host's draft."""
    call = make_call()
    make_allotment(call)
    organisation = make_organisation(member=person, **PORTO)
    offer = make_offer(call=call, organisation=organisation, author=person, status=OfferStatus.DRAFT)
    db.session.commit()
    return offer
