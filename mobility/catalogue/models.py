"""Contacts between a visitor and a host, and pairs that agreed by themselves."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.applications.models import Application
from mobility.catalogue.enums import ContactStatus, PairStatus, Side
from mobility.core.db import Key, Model, Versioned, enum_column
from mobility.hosts.models import Offer


class Contact(Model, Versioned):
    """One side writes to the other through the system; names are shown once both want it."""

    __tablename__ = "contact"
    __table_args__ = (
        Index(
            "uq_contact_open",
            "application_id",
            "offer_id",
            unique=True,
            postgresql_where="status <> 'declined'",
        ),
    )

    id: Mapped[Key]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), index=True)
    begun_by: Mapped[Side] = mapped_column(enum_column(Side, "contact_side"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    status: Mapped[ContactStatus] = mapped_column(enum_column(ContactStatus))
    message: Mapped[str]
    reply: Mapped[str] = mapped_column(default="")
    written_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship()
    offer: Mapped[Offer] = relationship()


class AgreedPair(Model, Versioned):
    """A visitor and a host who found each other: entered by one, confirmed by the other, validated by both
    partnerships. Place and budget are reserved when the second partnership validates."""

    __tablename__ = "agreed_pair"
    __table_args__ = (
        # Nobody has two pairs under way; one that is built goes on as an exchange, which may be cancelled.
        Index(
            "uq_agreed_pair_live",
            "application_id",
            unique=True,
            postgresql_where="status NOT IN ('built', 'declined', 'withdrawn')",
        ),
        # An organisation holds one visit in the scheme, whatever the call (promise T61).
        Index(
            "uq_agreed_pair_one_visit",
            "organisation_id",
            unique=True,
            postgresql_where="status = 'validated'",
        ),
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("lump_sum_cents >= 0", name="lump_sum"),
        # Validated means: confirmed by the other side and validated by both partnerships.
        CheckConstraint(
            "status NOT IN ('validated', 'built')"
            " OR (confirmed_at IS NOT NULL AND vop_validated_at IS NOT NULL AND hop_validated_at IS NOT NULL)",
            name="validated",
        ),
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(unique=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    # The visiting organisation.
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), index=True)
    status: Mapped[PairStatus] = mapped_column(enum_column(PairStatus))
    entered_by: Mapped[Side] = mapped_column(enum_column(Side, "pair_side"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    days: Mapped[int]
    distance_km: Mapped[int]
    lump_sum_cents: Mapped[int]
    trace: Mapped[list[dict[str, Any]]]
    note: Mapped[str] = mapped_column(default="")
    entered_at: Mapped[datetime]
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    vop_validated_at: Mapped[datetime | None]
    vop_validated_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    hop_validated_at: Mapped[datetime | None]
    hop_validated_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decline_reason: Mapped[str] = mapped_column(default="")

    application: Mapped[Application] = relationship()
    offer: Mapped[Offer] = relationship()
