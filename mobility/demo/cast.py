"""Who plays: two people of each role, and everybody the samples name."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from flask_security import hash_password
from sqlalchemy import select

from mobility.accounts import services as accounts
from mobility.accounts.enums import Role
from mobility.accounts.models import RoleGrant, User
from mobility.applications.models import Application
from mobility.core import clock
from mobility.core.db import db
from mobility.core.settings import DEMO_DOMAIN
from mobility.hosts.models import Offer
from mobility.organisations.models import Organisation, OrganisationMember
from mobility.partnerships.models import Partnership

PASSWORD = "three-days-with-a-cluster"  # noqa: S105  # production refuses accounts of this domain
PEOPLE = {
    Role.APPLICANT: ("Mira Lindqvist", "Tomasz Zieliński"),
    Role.HOST: ("Aurélie Fontaine", "Kostas Papadakis"),
    Role.PARTNERSHIP_OFFICER: ("Ilse Verhaegen", "Rui Carvalho"),
    Role.SUPPORT_OFFICER: ("Hanna Korhonen", "Pavel Dvořák"),
    Role.FINANCE_INITIATOR: ("Beata Kowalczyk", "Giulia Ferri"),
    Role.FINANCE_APPROVER: ("Henrik Sørensen", "Ana Horvat"),
    Role.AUDITOR: ("Máire Ní Bhriain", "Luc Thill"),
    Role.ADMINISTRATOR: ("Doina Ionescu", "Emre Yıldız"),
}


@dataclass(frozen=True)
class Login:
    """One line of `var/demo/accounts.json`."""

    role: str
    email: str
    password: str
    totp_secret: str | None
    name: str
    # The organisation that an applicant or host belongs to, or the partnerships of an officer.
    acts_for: str = ""


def logins() -> list[Login]:
    """Two people of each role."""
    return [
        Login(role.value, f"{role.value.replace('_', '-')}{number}@{DEMO_DOMAIN}", PASSWORD, None, name)
        for role, names in PEOPLE.items()
        for number, name in enumerate(names, start=1)
    ]


def engage() -> dict[Role, list[User]]:
    """Make their accounts; the officers belong to the first two partnerships that have applicants."""
    hashed = hash_password(PASSWORD)
    cast: dict[Role, list[User]] = {}
    for login in logins():
        user = accounts.add_user(login.email, login.name, password_hash=hashed)
        cast.setdefault(Role(login.role), []).append(user)
    for role, users in cast.items():
        for user in users if role is not Role.PARTNERSHIP_OFFICER else []:
            accounts.grant(user, role)
    return cast


def appoint(officers: list[User], partnerships: list[Partnership]) -> None:
    """Give the officers their partnerships, in turn."""
    for number, partnership in enumerate(partnerships):
        officer = officers[number % len(officers)]
        accounts.grant(officer, Role.PARTNERSHIP_OFFICER, partnership_id=partnership.id)


def join(user: User, organisation: Organisation) -> None:
    """Let somebody act for an organisation."""
    db.session.add(OrganisationMember(organisation=organisation, user=user, since=clock.utcnow()))


def person_of(record: Application | Offer) -> User:
    """The account of whoever an application or offer names, made if need be; it has no password."""
    if isinstance(record, Application):
        name, email, role = record.person_name, record.person_email, Role.APPLICANT
    else:
        name, email, role = record.contact_name, record.contact_email, Role.HOST
    user = accounts.user_by_email(email) or accounts.add_user(email, name)
    accounts.grant(user, role)
    return user


def is_engaged() -> bool:
    """Whether the demo's people are there already."""
    return (
        db.session.scalar(select(User.id).where(User.email.endswith("@" + DEMO_DOMAIN)).limit(1)) is not None
    )


def known_logins() -> list[Login]:
    """The logins with what each acts for."""
    return [replace(login, acts_for=_acts_for(login.email)) for login in logins()]


def _acts_for(email: str) -> str:
    joined = select(Organisation.name).join(OrganisationMember).join(OrganisationMember.user)
    granted = (
        select(Partnership.code)
        .join(RoleGrant, RoleGrant.partnership_id == Partnership.id)
        .join(User, RoleGrant.user_id == User.id)
    )
    of_person = (
        statement.where(User.email == email) for statement in (joined, granted.order_by(Partnership.code))
    )
    return ", ".join(name for statement in of_person for name in db.session.scalars(statement))


def write_accounts(folder: Path) -> Path:
    """`accounts.json`: role, e-mail, password and second factor of each login, and what it acts for."""
    path = folder / "accounts.json"
    path.write_text(
        json.dumps([asdict(login) for login in known_logins()], indent=2, ensure_ascii=False) + "\n"
    )
    return path
