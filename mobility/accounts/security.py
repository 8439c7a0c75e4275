"""Flask-Security as this house uses it: own datastore, own forms, letters through the outbox."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, NoReturn

from flask import Flask, Response, after_this_request, current_app, redirect
from flask_babel import lazy_gettext as _l
from flask_login import current_user, user_logged_in
from flask_security import MailUtil, SQLAlchemyUserDatastore
from sqlalchemy import update

from mobility.accounts.forms import (
    ConfirmationForm,
    LostPasswordForm,
    NoRescueForm,
    Passwords,
    RegistrationForm,
    SignInForm,
    StepUpForm,
    page,
)
from mobility.accounts.fresh import STEP_UP_URL, WITHIN
from mobility.accounts.models import RoleGrant, User
from mobility.accounts.roles import EVERYBODY
from mobility.accounts.second_factor import Accounts, Codes, RecoveryCodes, require_second_factor
from mobility.accounts.services import METHOD, grant
from mobility.audit.services import record
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.mail import services as mail

# Pages of the library that ours replace: nobody gets in.
CLOSED = ("two_factor_setup", "two_factor_setup_validate", "two_factor_rescue", "tf_select")
ENDPOINTS_FOR_ALL = (
    "login", "register", "forgot_password", "reset_password", "send_confirmation", "confirm_email",
    "two_factor_token_validation", "mf_recovery", *CLOSED,
)  # fmt: skip
ENDPOINTS_SIGNED_IN = ("logout", "change_password", "verify", "mf_recovery_codes")

CONFIG: dict[str, Any] = {
    "SECURITY_STATIC_FOLDER": None,
    "SECURITY_DATETIME_FACTORY": lambda: datetime.now(UTC),
    "SECURITY_CLI_USERS_NAME": False,
    "SECURITY_CLI_ROLES_NAME": False,
    "SECURITY_REGISTERABLE": True,
    "SECURITY_USE_REGISTER_V2": True,
    "SECURITY_CONFIRMABLE": True,
    "SECURITY_RECOVERABLE": True,
    "SECURITY_CHANGEABLE": True,
    "SECURITY_CHANGE_URL": "/account/password",
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_PASSWORD_LENGTH_MIN": 12,
    "SECURITY_PASSWORD_HASH": "argon2",
    # Argon2 salts by itself; a second hash with our key would make a new SECRET_KEY void every password.
    "SECURITY_PASSWORD_SINGLE_HASH": True,
    "SECURITY_LOGOUT_METHODS": ["POST"],
    "SECURITY_EMAIL_HTML": False,
    "SECURITY_RESET_PASSWORD_WITHIN": timedelta(days=3),
    # Its usual address, /verify, is where papers are checked.
    "SECURITY_VERIFY_URL": STEP_UP_URL,
    "SECURITY_FRESHNESS": WITHIN,
    "SECURITY_FRESHNESS_GRACE_PERIOD": timedelta(0),
    "SECURITY_POST_VERIFY_VIEW": "/home",
    "SECURITY_TWO_FACTOR": True,
    "SECURITY_TWO_FACTOR_ENABLED_METHODS": [METHOD],
    "SECURITY_TWO_FACTOR_ALWAYS_VALIDATE": True,
    # True would send a code by e-mail: whoever reads the mail would need no second factor.
    "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
    "SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL": "/login/code",
    "SECURITY_TOTP_ISSUER": "ClusterXchange",
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES_URL": "/account/recovery-codes",
    "SECURITY_MULTI_FACTOR_RECOVERY_URL": "/login/recovery-code",
    "SECURITY_POST_LOGIN_VIEW": "/home",
    "SECURITY_POST_LOGOUT_VIEW": "/",
    "SECURITY_POST_REGISTER_VIEW": "/login",
    "SECURITY_POST_CONFIRM_VIEW": "/dashboard",
    "SECURITY_AUTO_LOGIN_AFTER_CONFIRM": False,
    "SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS": False,
    "SECURITY_EMAIL_SUBJECT_REGISTER": _l("Confirm your address"),
    "SECURITY_EMAIL_SUBJECT_CONFIRM": _l("Confirm your address"),
    "SECURITY_EMAIL_SUBJECT_PASSWORD_RESET": _l("Choose a new password"),
    "SECURITY_EMAIL_SUBJECT_PASSWORD_NOTICE": _l("Your password was changed"),
    "SECURITY_EMAIL_SUBJECT_PASSWORD_CHANGE_NOTICE": _l("Your password was changed"),
    # An address is proved by the letter that reaches it; no name server is asked.
    "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False, "allow_smtputf8": False},
    "SECURITY_MSG_UNAUTHORIZED": (_l("Sign in first."), "info"),
    "SECURITY_MSG_UNAUTHENTICATED": (_l("Sign in first."), "info"),
    "SECURITY_MSG_GENERIC_AUTHN_FAILED": (_l("Address and password do not belong together."), "error"),
    "SECURITY_MSG_GENERIC_RECOVERY": (
        _l("If there is an account for this address, a letter is on its way to it."),
        "info",
    ),
    "SECURITY_MSG_CONFIRM_REGISTRATION": (
        _l("A letter is on its way to %(email)s. Open the link in it to confirm the address."),
        "success",
    ),
    "SECURITY_MSG_EMAIL_CONFIRMED": (_l("Your address is confirmed. Sign in to go on."), "success"),
    "SECURITY_MSG_ALREADY_CONFIRMED": (_l("This address is confirmed already."), "info"),
    "SECURITY_MSG_EMAIL_NOT_PROVIDED": (_l("Write your e-mail address."), "error"),
    "SECURITY_MSG_INVALID_EMAIL_ADDRESS": (_l("Write an e-mail address such as name@example.org."), "error"),
    "SECURITY_MSG_PASSWORD_NOT_PROVIDED": (_l("Write a password."), "error"),
    "SECURITY_MSG_PASSWORD_INVALID_LENGTH": (
        _l("Write at least %(length)s and at most 128 characters."),
        "error",
    ),
    "SECURITY_MSG_RETYPE_PASSWORD_MISMATCH": (_l("The two passwords are not the same."), "error"),
    "SECURITY_MSG_CONFIRMATION_REQUIRED": (
        _l("Confirm your address first: the link is in your mail."),
        "error",
    ),
    "SECURITY_MSG_INVALID_PASSWORD": (_l("This is not your password."), "error"),
    "SECURITY_MSG_REAUTHENTICATION_REQUIRED": (_l("We ask for your password once more."), "info"),
    "SECURITY_MSG_REAUTHENTICATION_SUCCESSFUL": (_l("Thank you. You can go on."), "success"),
    "SECURITY_MSG_TWO_FACTOR_INVALID_TOKEN": (
        _l("This code is not right, or was used already. Wait for the next one and type that."),
        "error",
    ),
    "SECURITY_MSG_TWO_FACTOR_LOGIN_SUCCESSFUL": (_l("You are signed in."), "success"),
    "SECURITY_MSG_TWO_FACTOR_PERMISSION_DENIED": (_l("Sign in first."), "info"),
    "SECURITY_MSG_INVALID_RECOVERY_CODE": (_l("This is not one of your codes, or it was used."), "error"),
    "SECURITY_MSG_INVALID_RESET_PASSWORD_TOKEN": (
        _l("This link to choose a password is not valid, or was used. Ask for a new one."),
        "error",
    ),
    "SECURITY_MSG_PASSWORD_RESET_EXPIRED": (
        _l("This link to choose a password has ended. Ask for a new one."),
        "error",
    ),
    "SECURITY_MSG_INVALID_CONFIRMATION_TOKEN": (
        _l("This link to confirm an address is not valid. Ask for a new one."),
        "error",
    ),
    "SECURITY_MSG_CONFIRMATION_EXPIRED": (
        _l("This link to confirm an address has ended. Ask for a new one."),
        "error",
    ),
    "SECURITY_MSG_PASSWORD_RESET": (_l("Your password is changed."), "success"),
    "SECURITY_MSG_PASSWORD_RESET_NO_LOGIN": (_l("Your password is changed. Sign in with it."), "success"),
}


class Users(SQLAlchemyUserDatastore):
    """The library's store over our tables; who registers may visit and host."""

    def create_user(self, **values: Any) -> User:
        user = super().create_user(created_at=clock.utcnow(), **values)
        assert isinstance(user, User)  # noqa: S101
        db.session.flush()
        record("account.registered", user, actor=None)
        for role in EVERYBODY:
            grant(user, role)
        return user


class OutboxMail(MailUtil):
    """Puts the library's mails into the outbox, in the transaction of their cause."""

    def send_mail(
        self,
        template: str,
        subject: str,
        recipient: Any,
        sender: Any,  # noqa: ARG002
        body: str | None,
        html: str | None,  # noqa: ARG002
        **context: Any,
    ) -> None:
        # The library's page for a lost password commits nothing by itself.
        after_this_request(_commit)
        user: User = context["user"]
        kind = f"accounts.{template.rsplit('/', 1)[-1]}"
        mail.write(
            mail.letter(
                kind,
                template="mail/accounts/security.txt",
                to=(user.name or user.email, str(recipient)),
                about=user,
                subject=str(subject),
                person_id=user.id,
                turn=mail.next_turn(kind, str(recipient), user),
                text=(body or "").strip(),
            )
        )


def _commit(response: Response) -> Response:
    db.session.commit()
    return response


def secure(app: Flask) -> None:
    """Put accounts, login, recovery and the second factor on the application."""
    app.config.update(CONFIG)
    # For a secret that is being set up, in its session; once it is proved, its column encrypts it.
    app.config["SECURITY_TOTP_SECRETS"] = {1: app.config["SECRET_KEY"]}
    Accounts(
        app,
        Users(db, User, RoleGrant),
        login_form=SignInForm,
        register_form=RegistrationForm,
        forgot_password_form=LostPasswordForm,
        send_confirmation_form=ConfirmationForm,
        verify_form=StepUpForm,
        two_factor_rescue_form=NoRescueForm,
        totp_cls=Codes,
        mf_recovery_codes_util_cls=RecoveryCodes,
        mail_util_cls=OutboxMail,
        password_util_cls=Passwords,
        render_template=page,
    )
    for name in CLOSED:
        app.view_functions[f"security.{name}"] = _closed
    asks = "security.two_factor_token_validation"
    app.view_functions[asks] = _not_signed_in(app.view_functions[asks])
    require_second_factor(app)
    user_logged_in.connect(_note_sign_in, app)


def _note_sign_in(_app: Flask, user: User) -> None:
    """Keep when somebody was here last; no change of the account, so its version stays."""
    db.session.execute(update(User).where(User.id == user.id).values(signed_in_at=clock.utcnow()))
    after_this_request(_commit)


def _closed(**_arguments: str) -> NoReturn:
    raise NotFound


def _not_signed_in(view: Callable[..., Any]) -> Callable[..., Any]:
    """The library signs out who comes here signed in."""

    @wraps(view)
    def asked() -> Any:
        if current_user.is_authenticated:
            return redirect(current_app.config["SECURITY_POST_LOGIN_VIEW"])
        return view()

    return asked
