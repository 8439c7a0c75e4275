"""People who come to the catalogue's pages."""

from collections.abc import Callable

from mobility.accounts.models import User
from mobility.core.db import db
from tests.make.accounts import sign_in
from tests.visitor import Visitor

NewClient = Callable[[], Visitor]


def entered(new_client: NewClient, user: User) -> Visitor:
    """A client on which the person is signed in."""
    db.session.commit()
    client = new_client()
    sign_in(client, user)
    return client
