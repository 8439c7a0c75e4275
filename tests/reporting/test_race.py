"""Two people at the same moment: one decision, one filing, no evidence behind a filed report."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from mobility.audit.models import Entry
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.exchanges.models import Exchange
from mobility.reporting import services
from mobility.reporting.enums import EvidenceKind, ReportStatus
from mobility.reporting.models import ClosingReport, Evidence
from tests.make.reporting import make_over_exchange, make_pdf, make_report

AT_ONCE = 8
ROUNDS = 5
Deed = Callable[[ClosingReport], object]


def made(app: Flask, status: ReportStatus, evidence: int = 1) -> int:
    """A report of three days instead of five, committed."""
    with app.app_context():
        exchange = make_over_exchange()
        last_day = exchange.first_day + timedelta(days=2)
        report = make_report(
            exchange=exchange,
            status=status,
            evidence=evidence,
            last_day=last_day,
            is_as_agreed=False,
            deviations="Ill.",
        )
        db.session.commit()
        return report.id


def at_once(app: Flask, report_id: int, deeds: Sequence[Deed]) -> list[str]:
    """What became of each deed: done, or the code of its refusal."""
    together = threading.Barrier(len(deeds))

    def attempt(deed: Deed) -> str:
        with app.app_context():
            clock.utcnow()
            report = db.session.get_one(ClosingReport, report_id)
            _ = report.exchange, report.evidence
            together.wait(timeout=60)
            try:
                deed(report)
                db.session.commit()
            except RuleBroken as refused:
                return refused.code
            return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(attempt, deeds))


def accept(report: ClosingReport) -> None:
    services.accept(report, actor=None)


def send_back(report: ClosingReport) -> None:
    services.send_back(report, "Look again.", clock.today(), actor=None)


def file(report: ClosingReport) -> None:
    services.file(report, actor=None)


def look_then_move(to: ReportStatus) -> Deed:
    """What a careless verb would do: look at what it read, then write."""

    def move(report: ClosingReport) -> None:
        if report.status is to:
            raise RuleBroken("wrong-state")
        db.session.execute(text("SELECT pg_sleep(0.05)"))
        change = update(ClosingReport).where(ClosingReport.id == report.id)
        db.session.execute(change.values(status=to, decided_at=clock.utcnow(), filed_at=clock.utcnow()))

    return move


def tell(capsys: pytest.CaptureFixture[str], words: str) -> None:
    with capsys.disabled():
        print(f"\n{words}")


def test_of_many_decisions_at_once_one_counts(live_app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    counted: Counter[str] = Counter()
    for _ in range(ROUNDS):
        report_id = made(live_app, ReportStatus.FILED)

        answers = at_once(live_app, report_id, [accept, send_back] * (AT_ONCE // 2))

        counted.update(answers)
        with live_app.app_context():
            report = db.session.get_one(ClosingReport, report_id)
            is_accepted = report.status is ReportStatus.ACCEPTED
            verbs = select(func.count(Entry.id)).where(
                Entry.about_id == report_id,
                Entry.about_kind == "closing_report",
                Entry.verb.in_(["report.accepted", "report.returned"]),
            )
            assert db.session.scalar(verbs) == 1
            assert report.exchange.lump_sum_cents == (39_000 if is_accepted else 78_000)

    assert counted["done"] == ROUNDS
    tell(capsys, f"{ROUNDS} × {AT_ONCE} decisions at once: {dict(counted)}")


def test_the_control_that_looks_first_decides_more_than_once(live_app: Flask) -> None:
    report_id = made(live_app, ReportStatus.FILED)

    answers = at_once(live_app, report_id, [look_then_move(ReportStatus.ACCEPTED)] * AT_ONCE)

    assert answers.count("done") > 1


def test_of_many_filings_at_once_one_counts(live_app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    report_id = made(live_app, ReportStatus.DRAFT)

    answers = at_once(live_app, report_id, [file] * AT_ONCE)

    assert answers.count("done") == 1
    with live_app.app_context():
        filed = select(func.count(Entry.id)).where(Entry.verb == "report.filed")
        assert db.session.scalar(filed) == 1
    tell(capsys, f"{AT_ONCE} filings at once: {dict(Counter(answers))}")


def test_the_control_that_looks_first_files_more_than_once(live_app: Flask) -> None:
    report_id = made(live_app, ReportStatus.DRAFT)

    answers = at_once(live_app, report_id, [look_then_move(ReportStatus.FILED)] * AT_ONCE)

    assert answers.count("done") > 1


def slip_in(app: Flask, report_id: int) -> str:
    """Insert evidence past the verb, while another transaction has filed the report and not committed yet."""
    with app.app_context():
        values = {
            "report_id": report_id,
            "kind": EvidenceKind.OTHER,
            "file_name": "late.pdf",
            "content": b"%PDF-",
            "sha256": "late",
            "bytes_long": 5,
            "added_at": clock.utcnow(),
        }
        try:
            db.session.execute(insert(Evidence).values(**values))
            db.session.commit()
        except DBAPIError as refused:
            return "refused" if services.FILED_STANDS in str(refused.orig) else str(refused)
        return "added"


def filing_while(app: Flask, report_id: int, other: Callable[[Flask, int], str]) -> tuple[str, int]:
    """File, do the other thing in between, commit; what became of it, and how many pieces there are."""
    with ThreadPoolExecutor(1) as pool, app.app_context():
        report = db.session.get_one(ClosingReport, report_id)
        services.file(report, actor=None)
        db.session.flush()
        waiting = pool.submit(other, app, report_id)
        # The other one reaches the lock.
        db.session.execute(text("SELECT pg_sleep(0.3)"))
        db.session.commit()
        result = waiting.result(timeout=30)
        return result, db.session.scalar(select(func.count(Evidence.id))) or 0


def test_evidence_slipped_in_while_a_report_is_filed_is_refused_by_the_database(live_app: Flask) -> None:
    report_id = made(live_app, ReportStatus.DRAFT)

    assert filing_while(live_app, report_id, slip_in) == ("refused", 1)


def test_the_control_without_the_trigger_takes_it(live_app: Flask) -> None:
    report_id = made(live_app, ReportStatus.DRAFT)
    with live_app.app_context():
        db.session.execute(text("DROP TRIGGER evidence_filed ON evidence"))
        db.session.commit()

    assert filing_while(live_app, report_id, slip_in) == ("added", 2)


def attach(app: Flask, report_id: int) -> str:
    with app.app_context():
        report = db.session.get_one(ClosingReport, report_id)
        try:
            services.attach(report, EvidenceKind.OTHER, "late.pdf", make_pdf(), actor=None)
        except RuleBroken as refused:
            return refused.code
        return "added"


def test_a_file_attached_while_the_report_is_filed_is_refused_in_words(live_app: Flask) -> None:
    report_id = made(live_app, ReportStatus.DRAFT)

    result, number = filing_while(live_app, report_id, attach)

    assert result in {"stale", "report-filed"}
    assert number == 1


def take_away(report: ClosingReport) -> None:
    services.remove(report.evidence[0], actor=None)


def test_no_report_is_filed_whose_last_evidence_is_taken_away_at_that_moment(
    live_app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    counted: Counter[tuple[str, ...]] = Counter()
    for _ in range(ROUNDS):
        report_id = made(live_app, ReportStatus.DRAFT)

        counted[tuple(at_once(live_app, report_id, [file, take_away]))] += 1

    with live_app.app_context():
        bare = select(func.count(ClosingReport.id)).where(
            ClosingReport.status == ReportStatus.FILED,
            ~select(Evidence.id).where(Evidence.report_id == ClosingReport.id).exists(),
        )
        assert db.session.scalar(bare) == 0
        assert db.session.scalar(select(func.count(Exchange.id))) == ROUNDS
    tell(capsys, f"filed while its evidence was taken away, {ROUNDS} times: {dict(counted)}")


def test_the_control_without_the_lock_files_a_report_without_evidence(
    live_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "_lock", lambda _report: None)

    for _ in range(40):
        if at_once(live_app, made(live_app, ReportStatus.DRAFT), [file, take_away]) == ["done", "done"]:
            return

    pytest.fail("the fault did not show in 40 tries")
