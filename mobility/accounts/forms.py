"""The forms at the door, and how their pages answer: 422, with what is wrong beside its field."""

from collections.abc import Iterator
from typing import Any, Self

from email_validator import EmailNotValidError, validate_email
from flask import Response, after_this_request, current_app, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import (
    ForgotPasswordForm,
    LoginForm,
    PasswordUtil,
    RegisterFormV2,
    SendConfirmationForm,
    TwoFactorRescueForm,
    VerifyForm,
)
from flask_wtf import FlaskForm
from wtforms import Field, PasswordField, RadioField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from mobility.accounts.enums import Role
from mobility.accounts.roles import PARTNERSHIP_ROLES
from mobility.accounts.wording import ROLES
from mobility.core import sessions
from mobility.core.forms import (
    UNREADABLE,
    Choice,
    EmailLine,
    HouseForm,
    Line,
    Paragraph,
    VersionField,
    is_storable,
    options,
    storable,
    stripped,
)
from mobility.core.settings import DEMO_DOMAIN

# The library stores no longer one.
LONGEST_PASSWORD = 128


class TypedRight:
    """Looks at what was typed before the library looks for an account.

    The library empties the errors of its fields, lest they tell who has an account; `page` puts these back.
    """

    wrong: dict[str, str]
    form_errors: Any

    def validate(self, **kwargs: Any) -> bool:
        self.wrong = dict(_wrong(self))
        if self.wrong:
            self.form_errors = list(self.wrong.values())
            return False
        return bool(super().validate(**kwargs))  # type: ignore[misc]


class SignInForm(TypedRight, LoginForm):
    """Address and password. No cookie outlives the session: a copy of it would outlive logging out."""

    def __iter__(self) -> Iterator[Field]:
        """In the order of the page, in which the summary names what is wrong."""
        first = [self["email"], self["password"]]
        return iter([*first, *(field for field in super().__iter__() if field not in first)])

    def validate(self, **kwargs: Any) -> bool:
        self.remember.data = False
        # Else the second step would lead back to this page.
        self.next.data = self.next.data or current_app.config["SECURITY_POST_LOGIN_VIEW"]
        passed = super().validate(**kwargs)
        if not passed and self.user_authenticated and not self.wrong:
            # The password is right, so its owner may know what else is wrong; the library would not say.
            self.wrong = {"email": self._what_else()}
        return passed

    def _what_else(self) -> str:
        if self.requires_confirmation:
            return _("Confirm your address first: the link is in the mail that we sent you.")
        return _("This account is closed. Ask your support office.")


class NoRescueForm(TwoFactorRescueForm):
    """The library makes one for its page of the code; ours does not show it."""

    help_setup = RadioField("", choices=[])


class StepUpForm(TypedRight, VerifyForm):
    """The password once more; with it the session gets a new id."""

    def validate(self, **kwargs: Any) -> bool:
        passed = super().validate(**kwargs)
        if passed:
            sessions.renew()
        return passed


class LostPasswordForm(TypedRight, ForgotPasswordForm):
    """The address to which a link for a new password goes."""


class ConfirmationForm(TypedRight, SendConfirmationForm):
    """The address to which the confirmation goes again."""


class RegistrationForm(RegisterFormV2):
    """Name, address, password."""

    name = StringField(
        _l("Your name"),
        [DataRequired(_l("Write your name.")), Length(max=200), storable],
        filters=[stripped],
        render_kw={"autocomplete": "name"},
    )

    def __iter__(self) -> Iterator[Field]:
        """In the order of the page, in which the summary names what is wrong."""
        first = [self["name"], self["email"], self["password"]]
        return iter([*first, *(field for field in super().__iter__() if field not in first)])

    def validate_email(self, field: Field) -> None:
        """Refuse addresses of the demonstration: production takes them for a demo's accounts."""
        _not_of_a_demo(self, field)


def _not_of_a_demo(_form: FlaskForm, field: Field) -> None:
    if (field.data or "").strip().lower().endswith("@" + DEMO_DOMAIN):
        raise ValidationError(_("Use an address of your own: this one is kept for demonstrations."))


class AgainForm(HouseForm):
    """The password once more, before what another form asks is done."""

    password_again = PasswordField(
        _l("Password"),
        [DataRequired(_l("Write a password.")), Length(max=LONGEST_PASSWORD), storable],
        render_kw={"autocomplete": "current-password"},
    )

    @property
    def is_sent(self) -> bool:
        """Whether the password was asked for already; its name is no other form's."""
        return self.password_again.name in request.form


class CodeForm(HouseForm):
    """The code that proves an authenticator."""

    code = Line(
        _l("Code"),
        longest=20,
        description=_l("Six figures, a new code every 30 seconds."),
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class RoleForm(HouseForm):
    """A role, and where it holds."""

    role = Choice(_l("Role"), [(role.value, words) for role, words in ROLES.items()])
    partnership = Choice(
        _l("Partnership"), [], required=False, description=_l("A partnership officer needs one.")
    )
    call = Choice(_l("Call"), [], required=False)

    def offer(self, partnerships: dict[int, str], calls: dict[int, str]) -> Self:
        """Put the partnerships and calls into the lists to choose from."""
        for field, empty, named in (
            (self.partnership, _("All partnerships"), partnerships),
            (self.call, _("All calls"), calls),
        ):
            field.choices = options([("", empty), *((str(key), words) for key, words in named.items())])
        return self

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if self.given in PARTNERSHIP_ROLES and self.partnership_id is None:
            self.partnership.errors = [_("Choose a partnership: without one this role sees nothing.")]
            return False
        return True

    @property
    def given(self) -> Role:
        return Role(self.role.data)

    @property
    def partnership_id(self) -> int | None:
        return int(self.partnership.data) if self.partnership.data else None

    @property
    def call_id(self) -> int | None:
        return int(self.call.data) if self.call.data else None


class InviteForm(RoleForm):
    """Whom to invite, with which role."""

    email = EmailLine(_l("E-mail address"), description=_l("The link to choose a password goes there."))
    name = Line(_l("Name"))

    def validate_email(self, field: Field) -> None:
        _not_of_a_demo(self, field)

    def __iter__(self) -> Iterator[Field]:
        """In the order of the page, in which the summary names what is wrong."""
        first = [self["email"], self["name"]]
        return iter([*first, *(field for field in super().__iter__() if field not in first)])


class ReasonForm(HouseForm):
    """Why something is taken from somebody."""

    version = VersionField()
    reason = Paragraph(_l("Reason"), longest=1000, description=_l("It is kept in the log."))


class Passwords(PasswordUtil):
    """The library's rules for passwords, on no more of them than could be right: hashing a megabyte fails."""

    def normalize(self, password: str) -> str:
        return str(super().normalize(password[: LONGEST_PASSWORD + 1]))


def page(template: str, **context: Any) -> str:
    """A page of the library; a form that it refuses answers 422."""
    for form in context.values():
        if isinstance(form, FlaskForm):
            _show_errors(form)
    return render_template(template, **context)


def _show_errors(form: FlaskForm) -> None:
    wrong: dict[str, str] = getattr(form, "wrong", {})
    for name, words in wrong.items():
        form[name].errors = [words]
        form.form_errors = []
    if request.method == "POST" and form.errors:
        after_this_request(_refused)


def _refused(response: Response) -> Response:
    if response.status_code == 200:
        response.status_code = 422
    return response


def _wrong(form: Any) -> Iterator[tuple[str, str]]:
    if "email" in form and (words := _wrong_address(form["email"])):
        yield "email", words
    if "password" in form and (words := _wrong_password(form["password"])):
        yield "password", words


def _wrong_address(field: Field) -> str:
    if not (field.data or "").strip():
        return _("Write your e-mail address.")
    try:
        validate_email(field.data, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return _("Write an e-mail address such as name@example.org.")
    return ""


def _wrong_password(field: Field) -> str:
    if not field.data:
        return _("Write a password.")
    if UNREADABLE in field.data or not is_storable(field.data):
        return _("Remove the unreadable character.")
    return _("No password is so long.") if len(field.data) > LONGEST_PASSWORD else ""
