"""Organisations and their people."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.accounts.models import User
from mobility.core.crypto import EncryptedText
from mobility.core.db import Key, Model, Versioned, enum_column
from mobility.organisations.enums import OrganisationType
from mobility.partnerships.models import Partnership


class Organisation(Model, Versioned):
    """A legal body that visits or hosts, registered in one country."""

    __tablename__ = "organisation"
    __table_args__ = (
        Index("uq_organisation_registration", "country", "registration", unique=True),
        # As lists are sorted.
        Index("ix_organisation_name_folded", "name_folded", "id"),
        CheckConstraint("staff IS NULL OR staff >= 0", name="staff"),
    )

    id: Mapped[Key]
    registration: Mapped[str]
    name: Mapped[str]
    # Folded for search and sorting: the database has no language collations.
    name_folded: Mapped[str]
    type: Mapped[OrganisationType] = mapped_column(enum_column(OrganisationType))
    country: Mapped[str]
    town: Mapped[str]
    region: Mapped[str | None]
    latitude: Mapped[float]
    longitude: Mapped[float]
    staff: Mapped[int | None]
    turnover_cents: Mapped[int | None]
    balance_cents: Mapped[int | None]
    founded: Mapped[int | None]
    website: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    cluster_name: Mapped[str] = mapped_column(default="")
    cluster_has_profile: Mapped[bool] = mapped_column(default=False)
    partnership_id: Mapped[int | None] = mapped_column(ForeignKey("partnership.id"))
    account_holder: Mapped[str] = mapped_column(default="")
    iban: Mapped[str | None] = mapped_column(EncryptedText("organisation.iban"))
    bic: Mapped[str] = mapped_column(default="")
    street: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    registered_at: Mapped[datetime]

    partnership: Mapped[Partnership | None] = relationship()


class OrganisationMember(Model):
    """A person who may act for an organisation."""

    __tablename__ = "organisation_member"
    __table_args__ = (Index("uq_organisation_member", "organisation_id", "user_id", unique=True),)

    id: Mapped[Key]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    since: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship()
    user: Mapped[User] = relationship()
