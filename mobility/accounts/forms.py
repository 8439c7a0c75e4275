"""The forms at the door, and how their pages answer: 422, with what is wrong beside its field."""

from collections.abc import Iterator
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask import Response, after_this_request, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import ForgotPasswordForm, LoginForm, PasswordUtil, RegisterFormV2, SendConfirmationForm
from flask_wtf import FlaskForm
from wtforms import Field, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from mobility.core.forms import UNREADABLE, is_storable, storable, stripped
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
        return super().validate(**kwargs)


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
        if (field.data or "").strip().lower().endswith("@" + DEMO_DOMAIN):
            raise ValidationError(_("Use an address of your own: this one is kept for demonstrations."))


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
