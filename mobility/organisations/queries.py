"""Reading organisations, scoped by who asks."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, any_, column, func, or_, select, table, tuple_
from sqlalchemy.orm import joinedload

from mobility.accounts.models import User
from mobility.core.access import Permission, Scope, within
from mobility.core.db import db
from mobility.organisations.models import Organisation, OrganisationMember

# Rooms above this one, so only their tables are named: what an organisation handed in, and to which partnership.
HANDED_IN = tuple(
    table(name, column("organisation_id"), column("partnership_id"), column("call_id"))
    for name in ("application", "offer")
)
NAMED = table("application", column("organisation_id"), column("person_name"), column("person_email"))


@dataclass(frozen=True)
class Person:
    """Somebody who acts for an organisation; without a key who is only named in its papers."""

    id: int | None
    name: str
    email: str


def is_acted_for(user: User, organisation_id: Any) -> ColumnElement[bool]:
    """Whether a column names an organisation that the person may act for."""
    theirs = select(OrganisationMember.organisation_id).where(OrganisationMember.user_id == user.id)
    # An array is looked up by an index beside other conditions, too; a subquery walks through the table.
    return organisation_id == any_(func.array(theirs.scalar_subquery()))


def own_organisation(user: User) -> Organisation | None:
    """The organisation that a person acts for; the first one of several."""
    own = select(Organisation).join(OrganisationMember).where(OrganisationMember.user_id == user.id)
    return db.session.scalar(own.order_by(OrganisationMember.id).limit(1))


def organisations_seen_by(user: User) -> Select[Organisation]:
    """All for staff of the whole scheme; else one's own and those with a part in the partnerships one may read."""
    organisations = select(Organisation)
    scopes = user.scopes(Permission.ORGANISATIONS_READ)
    if Scope() in scopes:
        return organisations
    own = is_acted_for(user, Organisation.id)
    return organisations.where(or_(own, _has_part_in(scopes)))


def _has_part_in(scopes: frozenset[Scope]) -> ColumnElement[bool]:
    """Forming one of the partnerships of these scopes, or with an application or offer within them."""
    handed_in = (
        select(paper.c.organisation_id)
        .where(
            paper.c.organisation_id == Organisation.id,
            within(scopes, paper.c.partnership_id, paper.c.call_id),
        )
        # Looked up row by row: a page needs 25 rows, not the table of all who handed something in.
        .offset(0)
        .exists()
        for paper in HANDED_IN
    )
    partnerships = {scope.partnership_id for scope in scopes} - {None}
    return or_(Organisation.partnership_id.in_(partnerships), *handed_in)


def people_of(organisation: Organisation) -> list[Person]:
    """Its members, and whom its applications name under another address; each address once."""
    members = select(User).join(OrganisationMember, OrganisationMember.user_id == User.id)
    members = members.where(OrganisationMember.organisation_id == organisation.id).order_by(User.id)
    people = {
        user.email.lower(): Person(user.id, user.name or user.email, user.email)
        for user in db.session.scalars(members)
    }
    named = select(func.max(NAMED.c.person_name), NAMED.c.person_email).where(
        NAMED.c.organisation_id == organisation.id, NAMED.c.person_email != ""
    )
    for name, email in db.session.execute(named.group_by(NAMED.c.person_email)):
        people.setdefault(email.lower(), Person(None, name or email, email))
    return list(people.values())


def organisations_registered(keys: Collection[tuple[str, ...]]) -> dict[tuple[str, ...], Organisation]:
    """The organisations of these countries and registration numbers, by both."""
    same = tuple_(Organisation.country, Organisation.registration).in_(keys)
    found = select(Organisation).where(same).options(joinedload(Organisation.partnership))
    return {(one.country, one.registration): one for one in db.session.scalars(found)}
