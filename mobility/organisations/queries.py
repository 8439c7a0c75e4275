"""Reading organisations, scoped by who asks."""

from sqlalchemy import Select, select

from mobility.accounts.models import User
from mobility.core.access import Permission
from mobility.core.db import db
from mobility.organisations.models import Organisation, OrganisationMember


def own_organisation(user: User) -> Organisation | None:
    """The organisation that a person acts for; the first one of several."""
    own = select(Organisation).join(OrganisationMember).where(OrganisationMember.user_id == user.id)
    return db.session.scalar(own.order_by(OrganisationMember.id).limit(1))


def organisations_seen_by(user: User) -> Select[Organisation]:
    """All organisations for staff who may read them, an officer of one partnership included; else the own one."""
    organisations = select(Organisation)
    if user.is_staff and user.may(Permission.ORGANISATIONS_READ):
        return organisations
    own = select(OrganisationMember.organisation_id).where(OrganisationMember.user_id == user.id)
    return organisations.where(Organisation.id.in_(own))


def organisation_by_registration(country: str, registration: str) -> Organisation | None:
    """The organisation registered in a country under that number."""
    same = (Organisation.country == country, Organisation.registration == registration)
    return db.session.scalar(select(Organisation).where(*same))
