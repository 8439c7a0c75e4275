"""An applicant with a draft."""

import pytest

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.applications.enums import ApplicationStatus as Status
from mobility.applications.models import Application
from mobility.core.db import db
from tests.make.accounts import make_user, sign_in
from tests.make.applications import make_application
from tests.make.calls import make_allotment, make_call
from tests.make.hosts import make_offer
from tests.make.organisations import make_organisation
from tests.visitor import Visitor


@pytest.fixture
def person(client: Visitor) -> User:
    """A signed-in applicant."""
    user = make_user(Role.APPLICANT)
    db.session.commit()
    sign_in(client, user)
    return user


@pytest.fixture
def draft(person: User) -> Application:
    """The applicant's draft, in a call with a host to wish for."""
    call = make_call()
    make_allotment(call)
    make_offer(call=call)
    organisation = make_organisation(member=person)
    application = make_application(call=call, organisation=organisation, author=person, status=Status.DRAFT)
    db.session.commit()
    return application
