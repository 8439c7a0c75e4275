"""The letters about accounts, besides those of the library."""

from flask_babel import gettext as _

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.mail.services import LetterDraft, letter, next_turn


def invited(user: User, role: Role, link: str, hours: int) -> LetterDraft:
    """That somebody has a role, with the link to choose a password."""
    return _to(
        user,
        "accounts.invited",
        "mail/accounts/invited.txt",
        _("You are invited to ClusterXchange"),
        role=role.value.replace("_", " "),
        link=link,
        hours=hours,
    )


def second_factor_reset(user: User, reason: str) -> LetterDraft:
    """That an administrator took the second step away, and why."""
    return _to(
        user,
        "accounts.second_factor_reset",
        "mail/accounts/second_factor_reset.txt",
        _("The second step of your account was reset"),
        reason=reason,
        is_staff=user.is_staff,
    )


def _to(user: User, kind: str, template: str, subject: str, **context: object) -> LetterDraft:
    return letter(
        kind,
        template=template,
        to=(user.name or user.email, user.email),
        about=user,
        subject=subject,
        person_id=user.id,
        turn=next_turn(kind, user.email, user),
        **context,
    )
