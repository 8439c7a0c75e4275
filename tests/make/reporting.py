"""Makers of stays that are over, their reports and evidence, by the real verbs."""

import io
from datetime import date, timedelta
from itertools import count
from typing import Any

import pikepdf

from mobility.accounts.models import User
from mobility.calls.services import reserve
from mobility.core import clock
from mobility.core.db import db
from mobility.exchanges.models import Exchange
from mobility.reporting import services
from mobility.reporting.draft import ReportDraft
from mobility.reporting.enums import EvidenceKind, ReportStatus, Side
from mobility.reporting.models import ClosingReport
from mobility.taxonomies import working_days
from tests.make.exchanges import make_ended_exchange

_numbers = count(1)
DAY = timedelta(days=1)


def full_week(country: str = "PT") -> tuple[date, date]:
    """Monday and Friday of the last week that is over and has five working days."""
    friday = clock.today() - DAY
    while friday.weekday() != 4 or working_days.count(friday - 4 * DAY, friday, country) != 5:
        friday -= DAY
    return friday - 4 * DAY, friday


def make_over_exchange(**changes: Any) -> Exchange:
    """A stay from Monday to Friday in Portugal that is over, with its €780.00 taken from the budget."""
    exchange = make_ended_exchange(last_day=changes.pop("last_day", None) or full_week()[1], **changes)
    reserve(exchange.call, exchange.vop, exchange.lump_sum_cents)
    db.session.flush()
    return exchange


def make_pdf(pages: int = 1, words: str = "") -> bytes:
    """A sound PDF, each with other bytes."""
    made, page = io.BytesIO(), pikepdf.new()
    for _ in range(pages):
        page.add_blank_page(page_size=(200, 200))
    page.trailer["/Note"] = pikepdf.String(f"{words} {next(_numbers)}")
    page.save(made)
    return made.getvalue()


def told(exchange: Exchange, **changes: Any) -> ReportDraft:
    """What somebody tells whose stay went as agreed."""
    usual = {
        "first_day": exchange.first_day,
        "last_day": exchange.broken_off_on or exchange.last_day,
        "is_as_agreed": True,
        "activities": "Two days in the test hall.",
        "results": "We will test our blades there.",
    }
    return ReportDraft(**{**usual, **changes})


def make_report(
    side: Side = Side.VISITOR,
    *,
    exchange: Exchange | None = None,
    status: ReportStatus = ReportStatus.FILED,
    actor: User | None = None,
    evidence: int = 1,
    **changes: Any,
) -> ClosingReport:
    """A report taken to its state by the verbs; `changes` are fields of `ReportDraft`."""
    exchange = exchange or make_over_exchange()
    report = services.begin(exchange, side)
    services.revise(report, told(exchange, **changes), actor=actor)
    for _ in range(evidence):
        services.attach(report, EvidenceKind.ATTENDANCE, "proof.pdf", make_pdf(), actor=actor)
    if status is not ReportStatus.DRAFT:
        services.file(report, actor=actor)
    if status is ReportStatus.ACCEPTED:
        services.accept(report, actor=None)
    if status is ReportStatus.RETURNED:
        services.send_back(report, "The invoice is missing.", clock.today() + 10 * DAY, actor=None)
    db.session.flush()
    return report
