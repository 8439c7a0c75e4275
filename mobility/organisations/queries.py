"""Reading organisations, scoped by who asks."""

from sqlalchemy import ColumnElement, Select, column, or_, select, table

from mobility.accounts.models import User
from mobility.core.access import Permission
from mobility.core.db import db
from mobility.organisations.models import Organisation, OrganisationMember

# Rooms above this one, so only their tables are named: what an organisation handed in, and to which partnership.
HANDED_IN = tuple(
    table(name, column("organisation_id"), column("partnership_id")) for name in ("application", "offer")
)


def own_organisation_ids(user: User) -> Select[int]:
    """The organisations a person may act for."""
    return select(OrganisationMember.organisation_id).where(OrganisationMember.user_id == user.id)


def own_organisation(user: User) -> Organisation | None:
    """The organisation that a person acts for; the first one of several."""
    own = select(Organisation).join(OrganisationMember).where(OrganisationMember.user_id == user.id)
    return db.session.scalar(own.order_by(OrganisationMember.id).limit(1))


def organisations_seen_by(user: User) -> Select[Organisation]:
    """All for staff of the whole scheme; else one's own and those with a part in the partnerships one may read."""
    organisations = select(Organisation)
    partnerships = user.partnership_ids(Permission.ORGANISATIONS_READ)
    if partnerships is None:
        return organisations
    own = Organisation.id.in_(own_organisation_ids(user))
    return organisations.where(or_(own, _has_part_in(partnerships)))


def _has_part_in(partnerships: frozenset[int]) -> ColumnElement[bool]:
    """Forming one of these partnerships, or with an application or offer there."""
    handed_in = (
        select(paper.c.organisation_id)
        .where(paper.c.organisation_id == Organisation.id, paper.c.partnership_id.in_(partnerships))
        .exists()
        for paper in HANDED_IN
    )
    return or_(Organisation.partnership_id.in_(partnerships), *handed_in)


def organisation_by_registration(country: str, registration: str) -> Organisation | None:
    """The organisation registered in a country under that number."""
    same = (Organisation.country == country, Organisation.registration == registration)
    return db.session.scalar(select(Organisation).where(*same))
