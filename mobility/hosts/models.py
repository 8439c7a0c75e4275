"""Offers, their windows, and the places taken day by day."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from mobility.accounts.models import User
from mobility.calls.enums import Mode
from mobility.calls.models import Call
from mobility.core.db import Key, Model, Searched, Versioned, enum_column
from mobility.hosts.enums import ExceptionStatus, OfferKind, OfferStatus
from mobility.organisations.models import Organisation
from mobility.partnerships.models import Partnership

OPEN = "status = 'accepted'"


class Assessed:
    """What rules are held against."""

    # The findings as they stood at the last submission or decision.
    findings: Mapped[list[dict[str, Any]]] = mapped_column(default=list)

    def has_exception(self, rule: str) -> bool:
        """Whether an exception from a rule was granted and counted when the findings were taken."""
        return any(found["code"] == rule and "waived" in found["values"] for found in self.findings)


class AskedException(Versioned):
    """A rule that a record does not meet and is not to be held against it: asked for, granted or refused."""

    rule: Mapped[str]
    # What the rule found: for anything else the exception does not hold.
    values: Mapped[dict[str, Any]]
    status: Mapped[ExceptionStatus] = mapped_column(enum_column(ExceptionStatus))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    asked_at: Mapped[datetime]
    reason: Mapped[str]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    decided_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(default="")

    @declared_attr
    @classmethod
    def asked_by(cls) -> Mapped[User]:
        return relationship(foreign_keys=f"{cls.__name__}.asked_by_id")

    @declared_attr
    @classmethod
    def decided_by(cls) -> Mapped[User | None]:
        return relationship(foreign_keys=f"{cls.__name__}.decided_by_id")


def exception_guards(table: str, about: str) -> tuple[Any, ...]:
    """What the database holds of exceptions for one kind of record, named by its key."""
    return (
        # Once refused it may be asked for again.
        Index(f"uq_{table}_live", about, "rule", unique=True, postgresql_where="status <> 'refused'"),
        CheckConstraint("decided_by_id <> asked_by_id", name="four_eyes"),
        CheckConstraint(
            "(status = 'asked') = (decided_at IS NULL) AND (status = 'asked') = (decided_by_id IS NULL)",
            name="decided",
        ),
    )


class Offer(Model, Versioned, Assessed):
    """A host's invitation in one call: when, for how many, on what."""

    __tablename__ = "offer"
    __table_args__ = (
        CheckConstraint("min_days >= 1 AND max_days >= min_days", name="days"),
        CheckConstraint("max_visits >= 0", name="visits"),
        CheckConstraint("kind <> 'group_visit' OR min_days = max_days", name="fixed_length"),
        Index("uq_offer_import", "call_id", "import_key", unique=True),
        Index("ix_offer_list", "call_id", "status", "submitted_at"),
        Index("ix_offer_title", "title", "id"),
        # What lists search for words.
        Index(
            "ix_offer_words",
            text("grams(reference)"),
            text("grams(title)"),
            postgresql_using="gin",
        ),
        # Who is named in it, found by a confirmed address.
        Index("ix_offer_contact_email", text("lower(contact_email)")),
        # Who takes visits, for the catalogue: the newest of a call, and who shares a topic.
        Index(
            "ix_offer_open",
            "call_id",
            "mode",
            text("submitted_at DESC NULLS LAST"),
            text("id DESC"),
            postgresql_where=OPEN,
        ),
        Index("ix_offer_topics", "ecosystems", "languages", postgresql_using="gin", postgresql_where=OPEN),
    )

    id: Mapped[Key]
    reference: Mapped[Searched] = mapped_column(unique=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    # The host organisation's partnership (HOP); assesses the offer.
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    import_key: Mapped[str | None]
    status: Mapped[OfferStatus] = mapped_column(enum_column(OfferStatus))
    kind: Mapped[OfferKind] = mapped_column(enum_column(OfferKind), default=OfferKind.PLACES)
    title: Mapped[Searched]
    description: Mapped[str] = mapped_column(default="")
    # What happens when, one line for each part of a group visit.
    agenda: Mapped[str] = mapped_column(default="")
    ecosystems: Mapped[list[str]]
    industries: Mapped[list[str]]
    # Purposes the host can serve, matched with what visitors seek.
    purposes: Mapped[list[str]]
    # Types of visitor the host would like; empty: any.
    partner_types: Mapped[list[str]]
    # {"en": "C1"}: language → CEFR level.
    languages: Mapped[dict[str, Any]]
    mode: Mapped[Mode] = mapped_column(enum_column(Mode), default=Mode.PHYSICAL)
    min_days: Mapped[int]
    max_days: Mapped[int]
    # Visits the host takes in the whole call.
    max_visits: Mapped[int]
    contact_name: Mapped[str]
    contact_email: Mapped[str]
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    # When its host last changed it or said that it still holds, and when that was asked; the link's hash.
    used_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    still_sha256: Mapped[str | None] = mapped_column(unique=True)
    decision_reason: Mapped[str] = mapped_column(default="")

    call: Mapped[Call] = relationship()
    organisation: Mapped[Organisation] = relationship()
    partnership: Mapped[Partnership] = relationship()
    windows: Mapped[list["OfferWindow"]] = relationship(
        back_populates="offer", cascade="all, delete-orphan", order_by="OfferWindow.first_day"
    )
    closures: Mapped[list["OfferClosure"]] = relationship(
        back_populates="offer", cascade="all, delete-orphan", order_by="OfferClosure.first_day"
    )

    @property
    def is_group_visit(self) -> bool:
        """Whether its days are fixed, and whoever comes stays for all of them."""
        return self.kind == OfferKind.GROUP_VISIT


class OfferException(Model, AskedException):
    """An exception from a rule for an offer."""

    __tablename__ = "offer_exception"
    __table_args__ = exception_guards("offer_exception", "offer_id")

    id: Mapped[Key]
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"))

    offer: Mapped[Offer] = relationship()


class OfferWindow(Model):
    """Days on which the host takes visitors, and how many at once."""

    __tablename__ = "offer_window"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("places >= 0", name="places"),
    )

    id: Mapped[Key]
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    places: Mapped[int]

    offer: Mapped[Offer] = relationship(back_populates="windows")


class OfferClosure(Model):
    """Days on which the host is closed, besides weekends and public holidays."""

    __tablename__ = "offer_closure"
    __table_args__ = (CheckConstraint("first_day <= last_day", name="days"),)

    id: Mapped[Key]
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    # Such as that of the holiday.
    name: Mapped[str] = mapped_column(default="")

    offer: Mapped[Offer] = relationship(back_populates="closures")


class PlaceDay(Model):
    """Places taken on one open day of an offer. The CHECK is the last word on capacity (promise T60)."""

    __tablename__ = "place_day"
    __table_args__ = (CheckConstraint("taken >= 0 AND taken <= places", name="within_places"),)

    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    places: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)


class Reservation(Model):
    """A visit that takes one place on each open day from its first to its last."""

    __tablename__ = "reservation"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="days"),
        Index("uq_reservation_live", "for_kind", "for_id", unique=True, postgresql_where="freed_at IS NULL"),
    )

    id: Mapped[Key]
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    # Which record holds it, such as a proposal; no key, because later rooms own it.
    for_kind: Mapped[str]
    for_id: Mapped[int]
    made_at: Mapped[datetime]
    freed_at: Mapped[datetime | None]

    offer: Mapped[Offer] = relationship()
