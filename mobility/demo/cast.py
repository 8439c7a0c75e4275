"""Who plays: two people of each role with a login, and the accounts of everybody else."""

import json
from base64 import b32encode
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

from flask_security import hash_password
from sqlalchemy import select

from mobility.accounts import services as accounts
from mobility.accounts.enums import Role
from mobility.accounts.models import RoleGrant, User
from mobility.accounts.roles import FINANCE_ROLES, OWN_ROLES
from mobility.core.db import db
from mobility.core.settings import DEMO_DOMAIN
from mobility.demo.world.parts import Person
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
# Which partnerships the two officers look after beside their coordinators.
DEPUTIES = {
    **dict.fromkeys(("BOREALTECH", "TIDEWORK", "LOOMATIC"), 1),
    **dict.fromkeys(("HEARTHLIGHT", "FIELDBYTE", "NESTCARE"), 2),
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


def email_of(role: Role, number: int) -> str:
    """The address of one of the two people of a role."""
    return f"{role.value.replace('_', '-')}{number}@{DEMO_DOMAIN}"


def person(role: Role, number: int) -> Person:
    """One of the two people of a role, as the story names them."""
    return Person(PEOPLE[role][number - 1], email_of(role, number))


def logins() -> list[Login]:
    """Two people of each role; staff have a second factor whose secret everybody knows."""
    return [
        Login(role.value, email, PASSWORD, None if role in OWN_ROLES else _secret(email), name)
        for role, names in PEOPLE.items()
        for name, email in ((name, email_of(role, number)) for number, name in enumerate(names, start=1))
    ]


def _secret(email: str) -> str:
    return b32encode(sha256(email.encode()).digest()[:20]).decode()


def engage() -> None:
    """Make their accounts; two administrators give the roles for money."""
    hashed = hash_password(PASSWORD)
    users = {
        login.email: accounts.add_user(login.email, login.name, password_hash=hashed) for login in logins()
    }
    db.session.flush()
    first, second = (users[email_of(Role.ADMINISTRATOR, number)] for number in (1, 2))
    for administrator in (first, second):
        accounts.grant(administrator, Role.ADMINISTRATOR)
    for login in logins():
        user, role = users[login.email], Role(login.role)
        # An officer's role is given with each partnership.
        if role not in {Role.ADMINISTRATOR, Role.PARTNERSHIP_OFFICER}:
            given = accounts.grant(user, role, actor=first)
            if given and role in FINANCE_ROLES:
                db.session.flush()
                accounts.approve_grant(given, actor=second)
        if login.totp_secret:
            accounts.set_second_factor(user, login.totp_secret, actor=user)


def appoint(partnership: Partnership, coordinator: Person, administrator: User) -> None:
    """Give a partnership its coordinator and perhaps a deputy with a login."""
    officers = [
        accounts.user_by_email(coordinator.email) or accounts.add_user(coordinator.email, coordinator.name)
    ]
    if partnership.code in DEPUTIES:
        email = email_of(Role.PARTNERSHIP_OFFICER, DEPUTIES[partnership.code])
        officers += [officer for officer in (accounts.user_by_email(email),) if officer]
    for officer in officers:
        db.session.flush()
        accounts.grant(officer, Role.PARTNERSHIP_OFFICER, partnership_id=partnership.id, actor=administrator)


def account_of(someone: Person, role: Role) -> User:
    """The account of somebody who takes part, made if need be; it has no password."""
    user = accounts.user_by_email(someone.email) or accounts.add_user(someone.email, someone.name)
    db.session.flush()
    accounts.grant(user, role)
    return user


def is_engaged() -> bool:
    """Whether the demo's people are there already."""
    found = select(User.id).where(User.email.endswith("@" + DEMO_DOMAIN)).limit(1)
    return db.session.scalar(found) is not None


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
