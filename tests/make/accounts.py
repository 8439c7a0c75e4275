"""Makers of people."""

from itertools import count

from flask.testing import FlaskClient
from flask_security import hash_password

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.accounts.services import add_user, grant
from mobility.core.db import db
from mobility.partnerships.models import Partnership

PASSWORD = "correct horse battery staple"
_numbers = count(1)
_hashes: dict[str, str] = {}


def make_user(
    role: Role | str = Role.APPLICANT,
    *,
    partnership: Partnership | None = None,
    email: str | None = None,
    name: str | None = None,
) -> User:
    """A confirmed person with one role; the password is `PASSWORD`."""
    number = next(_numbers)
    if "hash" not in _hashes:
        _hashes["hash"] = hash_password(PASSWORD)
    email = email or f"person{number}@example.org"
    user = add_user(email, name or f"Person {number}", password_hash=_hashes["hash"])
    if partnership is not None:
        db.session.flush()
    grant(user, Role(role), partnership_id=partnership.id if partnership else None)
    db.session.flush()
    return user


def sign_in(client: FlaskClient, user: User) -> None:
    """Sign a test client in as the person, without the login page."""
    uniquifier = user.fs_uniquifier
    with client.session_transaction() as session:
        session["_user_id"] = uniquifier
        session["_fresh"] = True
        session["fs_cc"] = "set"
        session["fs_paa"] = 0.0
