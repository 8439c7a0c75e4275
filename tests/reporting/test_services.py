"""The verbs of closing reports."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.audit.queries import entries_about
from mobility.calls.queries import allotment_of
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.exchanges.enums import ExchangeStatus
from mobility.mail.queries import letters_about
from mobility.organisations.services import join
from mobility.reporting import queries, services
from mobility.reporting.enums import EvidenceKind, ReportStatus, Side
from mobility.reporting.models import ClosingReport, Evidence
from tests.make.accounts import make_user
from tests.make.reporting import make_over_exchange, make_pdf, make_report, told

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]
DAY = timedelta(days=1)


def kinds_about(report: ClosingReport) -> list[str]:
    return [letter.kind.removeprefix("reporting.") for letter in reversed(letters_about(report))]


def tomorrow() -> date:
    return clock.today() + DAY


def test_both_sides_of_a_stay_that_is_over_are_asked_with_the_agreed_days_filled_in() -> None:
    exchange = make_over_exchange()

    for side in Side:
        report = services.begin(exchange, side)
        assert report.status is ReportStatus.DRAFT
        assert report.reference.startswith("REP-")
        assert (report.first_day, report.last_day) == (exchange.first_day, exchange.last_day)
        assert report.due_on == exchange.last_day + timedelta(days=exchange.call.report_days)
        assert kinds_about(report) == [f"begun_{side}"]


def test_a_stay_broken_off_is_reported_until_its_last_day() -> None:
    exchange = make_over_exchange(status=ExchangeStatus.TERMINATED)
    exchange.broken_off_on = exchange.first_day + 2 * DAY

    report = services.begin(exchange, Side.VISITOR)

    assert report.last_day == exchange.broken_off_on
    assert report.due_on == exchange.broken_off_on + timedelta(days=exchange.call.report_days)


def test_who_was_asked_is_not_asked_again() -> None:
    exchange = make_over_exchange()

    assert services.begin(exchange, Side.HOST) is services.begin(exchange, Side.HOST)

    assert db.session.scalar(select(func.count(ClosingReport.id))) == 1


@pytest.mark.parametrize(
    "status",
    [ExchangeStatus.AGREED, ExchangeStatus.CONFIRMED, ExchangeStatus.ONGOING, ExchangeStatus.CANCELLED],
)
def test_a_stay_that_is_not_over_is_not_reported(status: ExchangeStatus) -> None:
    exchange = make_over_exchange(status=status)

    with pytest.raises(RuleBroken, match="stay-not-over"):
        services.begin(exchange, Side.VISITOR)

    assert db.session.scalar(select(func.count(ClosingReport.id))) == 0


def test_a_filed_report_has_its_author_its_time_and_a_receipt() -> None:
    author = make_user(Role.APPLICANT)

    report = make_report(actor=author)

    assert (report.status, report.author_id) == (ReportStatus.FILED, author.id)
    assert report.filed_at
    assert kinds_about(report) == ["begun_visitor", "filed_visitor"]
    assert [entry.verb for entry in entries_about(report)] == [
        "report.begun",
        "report.revised",
        "report.evidence-added",
        "report.filed",
    ]


@pytest.mark.parametrize(
    ("changes", "evidence", "codes"),
    [
        ({}, 0, ["evidence"]),
        ({"results": ""}, 1, ["results"]),
        ({"is_as_agreed": None}, 1, ["told"]),
        ({"is_as_agreed": False}, 1, ["told"]),
    ],
)
def test_an_incomplete_report_is_not_filed(
    session: Db, changes: dict[str, Any], evidence: int, codes: list[str]
) -> None:
    report = make_report(status=ReportStatus.DRAFT, evidence=evidence, **changes)
    session.commit()

    with pytest.raises(RuleBroken, match="not-ready") as refused:
        services.file(report, actor=None)

    session.rollback()
    assert refused.value.values["codes"] == codes
    assert (report.status, report.filed_at) == (ReportStatus.DRAFT, None)


def test_a_filed_report_and_its_evidence_stand(session: Db) -> None:
    report = make_report()
    session.commit()

    refused = []
    for verb in (
        lambda: services.revise(report, told(report.exchange, results="More."), actor=None),
        lambda: services.attach(report, EvidenceKind.OTHER, "more.pdf", make_pdf(), actor=None),
        lambda: services.remove(report.evidence[0], actor=None),
    ):
        with pytest.raises(RuleBroken) as error:
            verb()
        refused.append(error.value.code)
        session.rollback()

    assert refused == ["report-filed"] * 3
    assert report.results == "We will test our blades there."
    assert db.session.scalar(select(func.count(Evidence.id))) == 1


def test_days_that_cross_are_not_stored(session: Db) -> None:
    report = make_report(status=ReportStatus.DRAFT)
    session.commit()
    days = {"first_day": report.last_day, "last_day": report.first_day}

    with pytest.raises(RuleBroken, match="days-crossed"):
        services.revise(report, told(report.exchange, **days), actor=None)

    session.rollback()
    assert report.first_day == report.exchange.first_day


def test_a_stale_form_changes_nothing(session: Db) -> None:
    report = make_report(status=ReportStatus.DRAFT)
    session.commit()

    with pytest.raises(RuleBroken, match="stale"):
        services.revise(report, told(report.exchange, results="x"), actor=None, version=report.version - 1)

    session.rollback()
    assert report.results != "x"


def test_a_report_goes_back_with_a_reason_and_a_day_and_may_be_filed_again() -> None:
    report = make_report()
    day = clock.today() + 10 * DAY

    services.send_back(report, " The invoice is missing. ", day, actor=None)

    assert (report.status, report.mend_by) == (ReportStatus.RETURNED, day)
    assert report.decision_reason == "The invoice is missing."
    services.attach(report, EvidenceKind.TRAVEL_INVOICE, "invoice.pdf", make_pdf(), actor=None)
    services.file(report, actor=None)
    services.send_back(report, "And the other one.", day, actor=None)
    assert kinds_about(report) == [
        "begun_visitor",
        "filed_visitor",
        "returned_visitor",
        "filed_visitor",
        "returned_visitor",
    ]


@pytest.mark.parametrize(("reason", "shift", "code"), [(" ", 1, "reason-needed"), ("x", -1, "mend-by-past")])
def test_a_report_goes_back_only_with_a_reason_and_a_day_to_come(
    session: Db, reason: str, shift: int, code: str
) -> None:
    report = make_report()
    session.commit()

    with pytest.raises(RuleBroken, match=code):
        services.send_back(report, reason, clock.today() + shift * DAY, actor=None)

    session.rollback()
    assert report.status is ReportStatus.FILED


def test_the_lump_sum_follows_the_days_of_the_accepted_report() -> None:
    exchange = make_over_exchange()
    last_day = exchange.first_day + 2 * DAY
    report = make_report(
        exchange=exchange, last_day=last_day, is_as_agreed=False, deviations="Two days less."
    )

    services.accept(report, actor=None)

    assert report.status is ReportStatus.ACCEPTED
    assert (exchange.lump_sum_cents, exchange.working_days) == (39_000, 3)
    allotment = allotment_of(exchange.call, exchange.vop)
    assert allotment
    assert allotment.committed_cents == 39_000
    assert queries.accepted_report(exchange) is report
    letter = letters_about(report)[0]
    assert letter.kind == "reporting.accepted_visitor"
    assert "€390.00, for 3 working days" in letter.body


def test_longer_days_do_not_raise_the_lump_sum() -> None:
    exchange = make_over_exchange(days=3)
    report = make_report(exchange=exchange, is_as_agreed=False, deviations="Stayed the whole week.")

    services.accept(report, actor=None)

    assert exchange.lump_sum_cents == 39_000


def test_an_accepted_hosts_report_leaves_the_money_alone() -> None:
    exchange = make_over_exchange()
    report = make_report(
        Side.HOST,
        exchange=exchange,
        last_day=exchange.first_day,
        is_as_agreed=False,
        deviations="Left at once.",
    )

    services.accept(report, actor=None)

    assert (report.status, exchange.lump_sum_cents) == (ReportStatus.ACCEPTED, 78_000)
    assert queries.accepted_report(exchange) is None


def test_nobody_decides_on_a_report_of_their_own(session: Db) -> None:
    author = make_user(Role.SUPPORT_OFFICER)
    member, named = make_user(Role.SUPPORT_OFFICER), make_user(Role.SUPPORT_OFFICER)
    report = make_report(actor=author)
    join(report.exchange.visiting_organisation, member, actor=None)
    report.exchange.application.person_email = named.email.upper()
    session.commit()

    refused = 0
    for person in (author, member, named):
        with pytest.raises(RuleBroken, match="own-report"):
            services.accept(report, actor=person)
        session.rollback()
        with pytest.raises(RuleBroken, match="own-report"):
            services.send_back(report, "x", tomorrow(), actor=person)
        session.rollback()
        refused += 2

    assert refused == 6
    assert (report.status, report.exchange.lump_sum_cents) == (ReportStatus.FILED, 78_000)


def test_a_colleague_decides_and_stands_on_the_report() -> None:
    report, officer = make_report(), make_user(Role.SUPPORT_OFFICER)

    services.accept(report, actor=officer)

    assert (report.decided_by_id, entries_about(report)[-1].actor_id) == (officer.id, officer.id)


def test_it_goes_on_without_a_hosts_report() -> None:
    report = make_report(Side.HOST, status=ReportStatus.DRAFT, evidence=0)

    services.bypass(report, "Asked three times.", actor=None)

    assert (report.status, report.decision_reason) == (ReportStatus.BYPASSED, "Asked three times.")
    assert kinds_about(report) == ["begun_host", "bypassed_host"]


def test_it_never_goes_on_without_the_visitors_report(session: Db) -> None:
    report = make_report(status=ReportStatus.DRAFT)
    session.commit()

    with pytest.raises(RuleBroken, match="visitors-report"):
        services.bypass(report, "Asked three times.", actor=None)

    session.rollback()
    assert report.status is ReportStatus.DRAFT


ALLOWED = {
    ReportStatus.DRAFT: {"file", "bypass"},
    ReportStatus.RETURNED: {"file", "bypass"},
    ReportStatus.FILED: {"accept", "send back"},
    ReportStatus.ACCEPTED: set(),
    ReportStatus.BYPASSED: set(),
}


@pytest.mark.parametrize("status", list(ReportStatus))
def test_a_report_moves_only_along_its_lifecycle(session: Db, status: ReportStatus) -> None:
    start = ReportStatus.DRAFT if status is ReportStatus.BYPASSED else status
    report = make_report(Side.HOST, status=start)
    if status is ReportStatus.BYPASSED:
        services.bypass(report, "x", actor=None)
    session.commit()
    verbs = {
        "file": lambda: services.file(report, actor=None),
        "bypass": lambda: services.bypass(report, "x", actor=None),
        "accept": lambda: services.accept(report, actor=None),
        "send back": lambda: services.send_back(report, "x", tomorrow(), actor=None),
    }

    for name in verbs.keys() - ALLOWED[status]:
        with pytest.raises(RuleBroken, match="wrong-state"):
            verbs[name]()
        session.rollback()
        assert report.status is status
