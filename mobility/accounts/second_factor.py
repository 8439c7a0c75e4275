"""The second factor: codes of an authenticator and recovery codes, each taken once (promise T17)."""

import secrets
import time
from hashlib import sha256
from typing import Any, cast

import segno
from flask import Flask, current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_security import MfRecoveryCodesUtil, Security, Totp, logout_user
from passlib.exc import TokenError  # type: ignore[import-untyped]
from sqlalchemy import ColumnElement, Text, func, literal, or_, select, update

from mobility.accounts.models import User
from mobility.audit.services import record
from mobility.core import sessions
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.settings import DEMO_DOMAIN

STEP_S = 30
RECOVERY_CODES = 10
# Without signs that look alike; 16 of 32 are 80 bits, so that a hash of one cannot be turned back.
SIGNS = "abcdefghjkmnpqrstuvwxyz123456789"
PASSED = "second_factor"  # in the session: for whom it was passed
WITHOUT = frozenset({"static", "security.logout"})
TO_SET_UP = WITHOUT | {"security.verify", "accounts.second_step"}


class Codes(Totp):
    """The library's codes over a base32 secret that its column encrypts; none is taken twice."""

    def code(self, secret: str, step: int) -> str:
        """The code of a time step."""
        return self._totp(secret).generate(time=step * STEP_S).token

    def step_of(self, token: str, secret: str, last: int | None = None) -> int | None:
        """The time step that a code belongs to: this one or a neighbour, after `last`."""
        try:
            return int(self._totp.verify(token, self._totp(secret), window=STEP_S, last_counter=last).counter)
        except TokenError:
            return None

    def verify_totp(self, token: str, totp_secret: str, user: Any, window: int = 0) -> bool:  # noqa: ARG002
        step = self.step_of(token, totp_secret, self.get_last_counter(user))
        if step is None or not _moved(user, step):
            return False
        note_passed(user)
        return True

    def get_last_counter(self, user: Any) -> int | None:
        return cast("User", user).totp_last_counter

    def uri(self, secret: str, user: User) -> str:
        """What an authenticator reads."""
        return self._totp(secret).to_uri(user.email)

    def picture(self, secret: str, user: User) -> str:
        """The same as a QR code, for the `src` of an image."""
        return segno.make(self.uri(secret, user), error="m").svg_data_uri(scale=4, border=2)

    def pending(self) -> str:
        """The secret that this browser is setting up; in its session it is encrypted."""
        if "tf_totp_secret" not in session:
            session["tf_totp_secret"] = self.generate_totp_secret()
        return self._totp.from_source(session["tf_totp_secret"]).base32_key


class RecoveryCodes(MfRecoveryCodesUtil):
    """Recovery codes of which only hashes are stored: nobody can show them again."""

    def create_recovery_codes(self, user: Any) -> list[str]:
        codes = [_recovery_code() for _number in range(RECOVERY_CODES)]
        user.mf_recovery_codes = [_digest(code) for code in codes]
        record("recovery-codes.made", user, actor=user)
        return codes

    def get_recovery_codes(self, user: Any) -> list[str]:  # noqa: ARG002
        return []

    def check_recovery_code(self, user: Any, code: str) -> bool:
        """Take the code: looked at first and deleted later, it would let two in at once."""
        digest = _digest(code)
        left = User.mf_recovery_codes.op("-")(literal(digest, Text))
        holds = User.mf_recovery_codes.op("?", is_comparison=True)(literal(digest, Text))
        if not _changed(user, holds, mf_recovery_codes=left):
            return False
        record("recovery-code.used", user, actor=user)
        note_passed(user)
        return True

    def delete_recovery_code(self, user: Any, code: str) -> bool:  # noqa: ARG002
        return True


class Accounts(Security):
    """The library, without the package that it would draw QR codes with."""

    def _check_modules(self, module: str, config_name: str) -> Any:
        return module == "qrcode" or super()._check_modules(module, config_name)  # type: ignore[no-untyped-call]


def codes() -> Codes:
    """The codes of this application."""
    return cast("Codes", current_app.extensions["security"].totp_factory)


def recovery_codes() -> RecoveryCodes:
    """The recovery codes of this application."""
    return cast("RecoveryCodes", current_app.extensions["security"].mf_recovery_codes_util)


def next_code(user: User) -> tuple[str, float]:
    """The next code of a person that is taken, and in how many seconds from now."""
    step = max(int(time.time()) // STEP_S, (user.totp_last_counter or 0) + 1)
    # The step before its turn is taken already, as a clock may go fast.
    return codes().code(user.tf_totp_secret or "", step), max(0.0, (step - 1) * STEP_S - time.time())


def demo_code(email: str) -> tuple[str, float]:
    """`next_code` of an account of the demonstration. Raises `RuleBroken` for any other, and in production."""
    address = email.strip().lower()
    if current_app.config["SETTINGS"].is_production or not address.endswith("@" + DEMO_DOMAIN):
        raise RuleBroken("not-a-demo-account")
    user = db.session.scalar(select(User).where(func.lower(User.email) == address))
    if user is None or not user.has_second_factor:
        raise RuleBroken("no-second-factor")
    return next_code(user)


def note_passed(user: User) -> None:
    """Remember in the session, under a new id, that the second factor was passed."""
    session[PASSED] = user.id
    sessions.renew()


def require_second_factor(app: Flask) -> None:
    """Let no request of staff pass without a second factor, nor of anybody who has set one up."""
    app.before_request(_second_factor_first)


def _second_factor_first() -> ResponseReturnValue | None:
    if request.endpoint is None or request.endpoint in WITHOUT or not current_user.is_authenticated:
        return None
    user = cast("User", current_user)
    if user.has_second_factor:
        return None if session.get(PASSED) == user.id else _sign_in_again()
    if not user.is_staff or request.endpoint in TO_SET_UP:
        return None
    return redirect(url_for("accounts.second_step"), 303)


def _sign_in_again() -> ResponseReturnValue:
    # This browser signed in before the second factor was set up, by the password alone.
    logout_user()
    flash(_("Sign in again: your account has a second step now."), "wait")
    return redirect(url_for("security.login"), 303)


def _moved(user: User, step: int) -> bool:
    later = or_(User.totp_last_counter.is_(None), User.totp_last_counter < step)
    return _changed(user, later, totp_last_counter=step)


def _changed(user: User, guard: ColumnElement[bool], **values: Any) -> bool:
    """One conditional UPDATE: of two at once only one finds the guard to hold."""
    statement = update(User).where(User.id == user.id, guard).values(**values).returning(User.id)
    done = db.session.scalar(statement.execution_options(synchronize_session=False))
    db.session.refresh(user, attribute_names=list(values))
    return done is not None


def _recovery_code() -> str:
    signs = [secrets.choice(SIGNS) for _number in range(16)]
    return "-".join("".join(signs[start : start + 4]) for start in range(0, 16, 4))


def _digest(code: str) -> str:
    return sha256("".join(sign for sign in code.lower() if sign in SIGNS).encode()).hexdigest()
