"""Plans of exchanges, the agreements frozen from them, and their signatures."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.agreements.enums import AgreementKind, AgreementStatus, Slot
from mobility.core.db import Key, Model, Versioned, enum_column
from mobility.exchanges.models import Exchange


class Plan(Model, Versioned):
    """What both sides agree for one exchange before it is frozen: goals, outcomes, agenda."""

    __tablename__ = "plan"

    id: Mapped[Key]
    exchange_id: Mapped[int] = mapped_column(ForeignKey("exchange.id"), unique=True)
    objectives_visitor: Mapped[str] = mapped_column(default="")
    objectives_host: Mapped[str] = mapped_column(default="")
    outcomes_visitor: Mapped[str] = mapped_column(default="")
    outcomes_host: Mapped[str] = mapped_column(default="")
    tasks: Mapped[str] = mapped_column(default="")
    place: Mapped[str] = mapped_column(default="")
    # [{"day": "2027-03-01", "text": "…"}, …], one per working day of the stay.
    agenda: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    begun_at: Mapped[datetime]

    exchange: Mapped[Exchange] = relationship()


class Agreement(Model, Versioned):
    """A frozen text with its hash; only its state moves (a trigger refuses everything else)."""

    __tablename__ = "agreement"
    __table_args__ = (
        # One in force per exchange and kind.
        Index("uq_agreement_live", "exchange_id", "kind", unique=True, postgresql_where="status <> 'void'"),
        UniqueConstraint("id", "sha256"),
        Index("uq_agreement_revision", "exchange_id", "kind", "revision", unique=True),
        CheckConstraint("lump_sum_cents IS NULL OR lump_sum_cents >= 0", name="lump_sum"),
    )

    id: Mapped[Key]
    reference: Mapped[str]
    exchange_id: Mapped[int] = mapped_column(ForeignKey("exchange.id"))
    kind: Mapped[AgreementKind] = mapped_column(enum_column(AgreementKind))
    revision: Mapped[int]
    status: Mapped[AgreementStatus] = mapped_column(enum_column(AgreementStatus))
    # All that the paper says, as plain data; `sha256` is of its canonical JSON.
    content: Mapped[dict[str, Any]]
    sha256: Mapped[str]
    lump_sum_cents: Mapped[int | None]
    drawn_up_at: Mapped[datetime]
    drawn_up_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    signed_at: Mapped[datetime | None]
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str] = mapped_column(default="")

    exchange: Mapped[Exchange] = relationship()
    signatures: Mapped[list["Signature"]] = relationship(
        back_populates="agreement", order_by="Signature.signed_at", foreign_keys="Signature.agreement_id"
    )

    @property
    def number(self) -> str:
        """Reference and revision: what its page and its paper go by."""
        return f"{self.reference}-{self.revision}"


class Signature(Model):
    """One slot of one agreement, signed for exactly the text that the signer saw (append-only by trigger)."""

    __tablename__ = "signature"
    __table_args__ = (
        ForeignKeyConstraint(
            ["agreement_id", "sha256"], ["agreement.id", "agreement.sha256"], name="fk_signature_text"
        ),
        Index("uq_signature", "agreement_id", "slot", unique=True),
    )

    id: Mapped[Key]
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    slot: Mapped[Slot] = mapped_column(enum_column(Slot))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    name: Mapped[str]
    position: Mapped[str] = mapped_column(default="")
    sha256: Mapped[str]
    # From where, as evidence.
    address: Mapped[str] = mapped_column(default="")
    signed_at: Mapped[datetime]

    agreement: Mapped[Agreement] = relationship(back_populates="signatures", foreign_keys=[agreement_id])
