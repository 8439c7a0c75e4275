"""Exchanges."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.applications.models import Application
from mobility.calls.enums import Mode
from mobility.calls.models import Call
from mobility.catalogue.models import AgreedPair
from mobility.core.db import Key, Model, Versioned, enum_column
from mobility.exchanges.enums import ExchangeStatus
from mobility.hosts.models import Offer
from mobility.organisations.models import Organisation
from mobility.partnerships.models import Partnership
from mobility.rounds.models import Proposal


class Exchange(Model, Versioned):
    """A visiting organisation (VO) stays with a host organisation (HO); VOP pays, HOP looks after the host."""

    __tablename__ = "exchange"
    __table_args__ = (
        # A visiting organisation visits once in the scheme (promise T61).
        Index(
            "uq_exchange_one_visit",
            "visiting_organisation_id",
            unique=True,
            postgresql_where="status <> 'cancelled'",
        ),
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("visiting_organisation_id <> host_organisation_id", name="two_organisations"),
        CheckConstraint("lump_sum_cents >= 0", name="lump_sum"),
        CheckConstraint("num_nonnulls(proposal_id, agreed_pair_id) <= 1", name="one_origin"),
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(unique=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), index=True)
    # Where it came from: a round, or a pair that agreed by itself.
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"), unique=True)
    agreed_pair_id: Mapped[int | None] = mapped_column(ForeignKey("agreed_pair.id"), unique=True)
    visiting_organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    host_organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    vop_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"), index=True)
    hop_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"), index=True)
    status: Mapped[ExchangeStatus] = mapped_column(enum_column(ExchangeStatus))
    mode: Mapped[Mode] = mapped_column(enum_column(Mode))
    first_day: Mapped[date]
    last_day: Mapped[date]
    working_days: Mapped[int]
    distance_km: Mapped[int]
    lump_sum_cents: Mapped[int]
    trace: Mapped[list[dict[str, Any]]]
    # The rules that held when both agreed; later changes of the call do not reach it.
    rules_version: Mapped[str]
    agreed_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(default="")
    terminated_at: Mapped[datetime | None]
    terminate_reason: Mapped[str] = mapped_column(default="")
    # The last day of a stay that was broken off.
    broken_off_on: Mapped[date | None]
    closed_at: Mapped[datetime | None]

    call: Mapped[Call] = relationship()
    application: Mapped[Application] = relationship()
    offer: Mapped[Offer] = relationship()
    proposal: Mapped[Proposal | None] = relationship()
    agreed_pair: Mapped[AgreedPair | None] = relationship()
    visiting_organisation: Mapped[Organisation] = relationship(foreign_keys=[visiting_organisation_id])
    host_organisation: Mapped[Organisation] = relationship(foreign_keys=[host_organisation_id])
    vop: Mapped[Partnership] = relationship(foreign_keys=[vop_id])
    hop: Mapped[Partnership] = relationship(foreign_keys=[hop_id])

    @property
    def stayed_until(self) -> date:
        """The last day of the stay, also of one that was broken off."""
        return self.broken_off_on or self.last_day


class CalendarFeed(Model):
    """The secret address of a person's own exchanges; it has no other rights, and its secret is not kept."""

    __tablename__ = "calendar_feed"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), unique=True)
    token_sha256: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
