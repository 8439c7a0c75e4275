"""Makers of people."""

import time
from itertools import count

from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password
from sqlalchemy import update

from mobility.accounts.enums import Role
from mobility.accounts.models import RoleGrant, User
from mobility.accounts.roles import FINANCE_ROLES
from mobility.accounts.second_factor import PASSED, next_code
from mobility.accounts.services import add_user, grant, set_second_factor, user_by_email
from mobility.core import clock
from mobility.core.db import db
from mobility.partnerships.models import Partnership

PASSWORD = "correct horse battery staple"
# What staff of the tests have in their authenticator.
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_numbers = count(1)
_hashes: dict[str, str] = {}


def make_user(
    role: Role | str = Role.APPLICANT,
    *,
    partnership: Partnership | None = None,
    email: str | None = None,
    name: str | None = None,
    has_second_factor: bool | None = None,
) -> User:
    """A confirmed person with one role in force; the password is `PASSWORD`; staff have the second factor `SECRET`."""
    number = next(_numbers)
    if "hash" not in _hashes:
        _hashes["hash"] = hash_password(PASSWORD)
    email = email or f"person{number}@example.org"
    user = add_user(email, name or f"Person {number}", password_hash=_hashes["hash"])
    if partnership is not None:
        db.session.flush()
    given = grant(user, Role(role), partnership_id=partnership.id if partnership else None)
    if user.is_staff if has_second_factor is None else has_second_factor:
        set_second_factor(user, SECRET, actor=None)
    db.session.flush()
    if given is not None and given.role in FINANCE_ROLES:
        put_in_force(given)
    return user


def put_in_force(given: RoleGrant) -> None:
    """Let two administrators have given and approved a role for money."""
    first, second = (add_user(f"chief{next(_numbers)}@example.org", "Chief") for _ in range(2))
    db.session.flush()
    signed = {"granted_by_id": first.id, "approved_by_id": second.id, "approved_at": clock.utcnow()}
    db.session.execute(update(RoleGrant).where(RoleGrant.id == given.id).values(**signed))
    db.session.refresh(given)


def sign_in(client: FlaskClient, user: User) -> None:
    """Sign a test client in as the person, both factors passed just now, without the login page."""
    uniquifier, key = user.fs_uniquifier, user.id
    with client.session_transaction() as session:
        session["_user_id"] = uniquifier
        session["_fresh"] = True
        session["fs_cc"] = "set"
        session["fs_paa"] = time.time()
        session[PASSED] = key


def code_of(user: User) -> str:
    """The next code that the site takes from a person, waited for if those of this moment are used; reads the row."""
    db.session.refresh(user, ["totp_last_counter", "tf_totp_secret"])
    code, wait_s = next_code(user)
    time.sleep(wait_s)  # codes go by the real clock; at most one step of theirs
    return code


def code_for(app: Flask, email: str) -> str:
    """`code_of` somebody of a running site, for journeys through its pages."""
    with app.app_context():
        user = user_by_email(email)
        assert user is not None
        return code_of(user)
