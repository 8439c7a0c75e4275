"""Payment orders, the batches they are paid in, and the ledger."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.calls.models import Call
from mobility.core.crypto import EncryptedBytes, EncryptedText
from mobility.core.db import Key, Model, Versioned, enum_column
from mobility.exchanges.models import Exchange
from mobility.partnerships.models import Partnership
from mobility.payments.enums import Account, BatchStatus, PaymentStatus


class PaymentOrder(Model, Versioned):
    """The order to pay one lump sum to the visiting organisation."""

    __tablename__ = "payment_order"
    __table_args__ = (
        # One live payment per exchange and instalment (promise T50).
        Index(
            "uq_payment_order_live",
            "exchange_id",
            "instalment",
            unique=True,
            postgresql_where="status NOT IN ('void', 'failed', 'recovered')",
        ),
        CheckConstraint("amount_cents >= 0", name="amount"),
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(unique=True)
    exchange_id: Mapped[int] = mapped_column(ForeignKey("exchange.id"))
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    # Who pays: the visitor's partnership, or whom the call names for all.
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"), index=True)
    instalment: Mapped[int] = mapped_column(default=1)
    status: Mapped[PaymentStatus] = mapped_column(enum_column(PaymentStatus))
    amount_cents: Mapped[int]
    trace: Mapped[list[dict[str, Any]]]
    rules_version: Mapped[str]
    due_on: Mapped[date]
    ordered_at: Mapped[datetime]
    paid_on: Mapped[date | None]
    bank_reference: Mapped[str] = mapped_column(default="")
    # Why it is held, failed, recovered or void.
    reason: Mapped[str] = mapped_column(default="")

    call: Mapped[Call] = relationship()
    exchange: Mapped[Exchange] = relationship()
    partnership: Mapped[Partnership] = relationship()


class Batch(Model, Versioned):
    """Payment orders of one payer that leave in one file: proposed by one person, approved by another."""

    __tablename__ = "batch"
    __table_args__ = (
        # Four eyes, by the database and not only by code (promise T52).
        CheckConstraint(
            "approved_by_id IS NULL OR (approved_by_id <> proposed_by_id AND approved_by_id <> drawn_up_by_id)",
            name="four_eyes",
        ),
        CheckConstraint(
            "status NOT IN ('approved', 'exported', 'settled')"
            " OR (approved_by_id IS NOT NULL AND proposed_by_id IS NOT NULL AND sha256 IS NOT NULL)",
            name="approved",
        ),
        CheckConstraint("status NOT IN ('exported', 'settled') OR file IS NOT NULL", name="exported"),
        CheckConstraint("total_cents >= 0 AND number_of_orders >= 0", name="total"),
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(unique=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"), index=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    status: Mapped[BatchStatus] = mapped_column(enum_column(BatchStatus))
    # The day on which the bank is to pay.
    execution_on: Mapped[date]
    total_cents: Mapped[int] = mapped_column(default=0)
    number_of_orders: Mapped[int] = mapped_column(default=0)
    # The debtor as it stood when the batch was proposed.
    debtor_name: Mapped[str] = mapped_column(default="")
    debtor_iban: Mapped[str | None] = mapped_column(EncryptedText("batch.debtor_iban"))
    debtor_bic: Mapped[str] = mapped_column(default="")
    # Hash of all that the approver sees; approval is bound to it (promise T56).
    sha256: Mapped[str | None]
    drawn_up_at: Mapped[datetime]
    drawn_up_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    proposed_at: Mapped[datetime | None]
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    exported_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    void_reason: Mapped[str] = mapped_column(default="")
    # The SEPA file, written once: downloading again gives the same bytes (promise T55).
    # It holds whole account numbers, so it is encrypted; its hash is of what the bank gets.
    file: Mapped[bytes | None] = mapped_column(EncryptedBytes("batch.file"), deferred=True)
    file_sha256: Mapped[str | None]
    # The head of the sealed log when the list was printed.
    log_head: Mapped[str] = mapped_column(default="")

    partnership: Mapped[Partnership] = relationship()
    call: Mapped[Call] = relationship()
    lines: Mapped[list["BatchLine"]] = relationship(back_populates="batch", order_by="BatchLine.id")


class BatchLine(Model):
    """One payment of a batch: whom, where and how much, frozen when the batch is proposed."""

    __tablename__ = "batch_line"
    __table_args__ = (
        # An order is in one live batch.
        Index("uq_batch_line_live", "order_id", unique=True, postgresql_where="released_at IS NULL"),
        Index("uq_batch_line", "batch_id", "order_id", unique=True),
        CheckConstraint("amount_cents > 0", name="amount"),
    )

    id: Mapped[Key]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("payment_order.id"))
    amount_cents: Mapped[int]
    creditor_name: Mapped[str]
    creditor_iban: Mapped[str] = mapped_column(EncryptedText("batch_line.creditor_iban"))
    creditor_bic: Mapped[str] = mapped_column(default="")
    # When it left the batch: taken out, void batch, or failed at the bank.
    released_at: Mapped[datetime | None]

    batch: Mapped[Batch] = relationship(back_populates="lines")
    order: Mapped[PaymentOrder] = relationship()


class LedgerLine(Model):
    """One side of a posting; append-only, and each posting sums to zero (triggers)."""

    __tablename__ = "ledger_line"
    __table_args__ = (
        Index("ix_ledger_line_posting", "posting"),
        CheckConstraint("cents <> 0", name="cents"),
    )

    id: Mapped[Key]
    # A reference such as PST-2027-0007: the lines of one posting share it.
    posting: Mapped[str]
    at: Mapped[datetime]
    account: Mapped[Account] = mapped_column(enum_column(Account))
    cents: Mapped[int]
    order_id: Mapped[int] = mapped_column(ForeignKey("payment_order.id"), index=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
