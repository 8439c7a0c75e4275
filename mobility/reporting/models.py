"""Closing reports and their evidence."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.core.db import Key, Model, Versioned, enum_column
from mobility.exchanges.models import Exchange
from mobility.reporting.enums import EvidenceKind, ReportStatus, Side


class ClosingReport(Model, Versioned):
    """What one side tells of a stay that is over; the partnership accepts it or sends it back."""

    __tablename__ = "closing_report"
    __table_args__ = (
        Index("uq_closing_report", "exchange_id", "side", unique=True),
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("status <> 'accepted' OR decided_at IS NOT NULL", name="decided"),
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(unique=True)
    exchange_id: Mapped[int] = mapped_column(ForeignKey("exchange.id"))
    side: Mapped[Side] = mapped_column(enum_column(Side, "report_side"))
    status: Mapped[ReportStatus] = mapped_column(enum_column(ReportStatus))
    # The days the visitor was really there.
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    is_as_agreed: Mapped[bool | None]
    deviations: Mapped[str] = mapped_column(default="")
    activities: Mapped[str] = mapped_column(default="")
    results: Mapped[str] = mapped_column(default="")
    follow_up: Mapped[str] = mapped_column(default="")
    due_on: Mapped[date]
    begun_at: Mapped[datetime]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    filed_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decision_reason: Mapped[str] = mapped_column(default="")
    # Until when a report that came back is to be mended.
    mend_by: Mapped[date | None]
    reminded_at: Mapped[datetime | None]

    exchange: Mapped[Exchange] = relationship()
    evidence: Mapped[list["Evidence"]] = relationship(back_populates="report", order_by="Evidence.id")


class Evidence(Model):
    """A PDF that shows that the stay took place; never changed, taken away only before the report is filed."""

    __tablename__ = "evidence"
    __table_args__ = (CheckConstraint("bytes_long > 0 AND bytes_long <= 5242880", name="size"),)

    id: Mapped[Key]
    report_id: Mapped[int] = mapped_column(ForeignKey("closing_report.id"), index=True)
    kind: Mapped[EvidenceKind] = mapped_column(enum_column(EvidenceKind))
    file_name: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sha256: Mapped[str]
    bytes_long: Mapped[int]
    added_at: Mapped[datetime]
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    report: Mapped[ClosingReport] = relationship(back_populates="evidence")
