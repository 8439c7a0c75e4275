"""Payment orders."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.core.db import Key, Model, Versioned, enum_column
from mobility.exchanges.models import Exchange
from mobility.partnerships.models import Partnership
from mobility.payments.enums import PaymentStatus


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
            postgresql_where="status <> 'void'",
        ),
        CheckConstraint("amount_cents >= 0", name="amount"),
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(unique=True)
    exchange_id: Mapped[int] = mapped_column(ForeignKey("exchange.id"))
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"), index=True)
    instalment: Mapped[int] = mapped_column(default=1)
    status: Mapped[PaymentStatus] = mapped_column(enum_column(PaymentStatus))
    amount_cents: Mapped[int]
    trace: Mapped[list[dict[str, Any]]]
    rules_version: Mapped[str]
    due_on: Mapped[date]
    ordered_at: Mapped[datetime]

    exchange: Mapped[Exchange] = relationship()
    partnership: Mapped[Partnership] = relationship()
