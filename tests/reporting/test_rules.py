"""When a report can be filed, what the partnership looks at, which reminder is due."""

from datetime import date, timedelta
from typing import Any

import pytest

from mobility.calls.models import Call
from mobility.core import clock
from mobility.exchanges.models import Exchange
from mobility.hosts.models import Offer
from mobility.organisations.models import Organisation
from mobility.reporting import rules
from mobility.reporting.enums import ReportStatus, Side
from mobility.reporting.models import ClosingReport

MONDAY, FRIDAY = date(2027, 3, 8), date(2027, 3, 12)
TODAY = date(2027, 3, 20)
DAY = timedelta(days=1)


def report(side: Side = Side.VISITOR, **changes: Any) -> ClosingReport:
    """A report on a stay in Portugal from Monday to Friday that went as agreed."""
    host = Organisation(country="PT")
    exchange = Exchange(
        first_day=MONDAY,
        last_day=FRIDAY,
        host_organisation=host,
        offer=Offer(organisation=host),
        call=Call(report_days=15, min_days=3),
    )
    usual = {
        "first_day": MONDAY,
        "last_day": FRIDAY,
        "is_as_agreed": True,
        "deviations": "",
        "results": "A joint trial.",
        "status": ReportStatus.DRAFT,
        "due_on": FRIDAY + 15 * DAY,
        "begun_at": clock.at_local(FRIDAY + DAY, 1),
    }
    return ClosingReport(exchange=exchange, side=side, **{**usual, **changes})


def failing(made: ClosingReport, evidence: int = 1, today: date = TODAY) -> set[str]:
    return {finding.code for finding in rules.to_file(made, evidence, today) if not finding.passed}


def test_a_whole_report_can_be_filed() -> None:
    assert failing(report()) == set()


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"first_day": None}, {"days-near", "days-as-told"}),
        ({"last_day": None}, {"days-near", "days-over", "days-as-told"}),
        ({"is_as_agreed": None}, {"told"}),
        ({"is_as_agreed": False}, {"told"}),
        ({"is_as_agreed": False, "deviations": "One day less."}, set()),
        ({"last_day": FRIDAY - DAY}, {"days-as-told"}),
        ({"last_day": FRIDAY - DAY, "is_as_agreed": False, "deviations": "Ill on Friday."}, set()),
        ({"results": "  "}, {"results"}),
    ],
)
def test_a_visitor_tells_the_days_how_it_went_and_what_came_of_it(
    changes: dict[str, Any], missing: set[str]
) -> None:
    assert failing(report(**changes)) == missing


def test_a_visitor_needs_evidence_and_a_host_does_not() -> None:
    assert failing(report(), evidence=0) == {"evidence"}
    assert failing(report(Side.HOST, results=""), evidence=0) == set()


@pytest.mark.parametrize(("today", "is_over"), [(FRIDAY - DAY, False), (FRIDAY, True), (FRIDAY + DAY, True)])
def test_days_to_come_are_not_reported(today: date, is_over: bool) -> None:
    assert rules.days_over(FRIDAY, today).passed is is_over


@pytest.mark.parametrize(("shift", "is_near"), [(-61, False), (-60, True), (60, True), (61, False)])
def test_days_lie_within_sixty_days_of_those_agreed(shift: int, is_near: bool) -> None:
    made = report()

    found = rules.days_near(made.exchange, MONDAY + shift * DAY, FRIDAY + shift * DAY)

    assert found.passed is is_near


def test_days_that_cross_are_not_near() -> None:
    assert not rules.days_near(report().exchange, FRIDAY, MONDAY).passed


def test_a_stay_broken_off_was_agreed_until_its_last_day() -> None:
    made = report(last_day=MONDAY + 2 * DAY)
    made.exchange.broken_off_on = MONDAY + 2 * DAY

    assert rules.agreed_days(made.exchange) == (MONDAY, MONDAY + 2 * DAY)
    assert rules.due_on(made.exchange) == MONDAY + 17 * DAY
    assert failing(made) == set()


def decided(made: ClosingReport, other: ClosingReport | None = None) -> dict[str, bool | None]:
    return {finding.code: finding.passed for finding in rules.to_decide(made, other, 1)}


def test_an_officer_sees_what_speaks_for_the_visitors_report() -> None:
    made = report(filed_at=clock.at_local(TODAY))

    assert decided(made, report(Side.HOST, status=ReportStatus.FILED)) == {
        "days-as-agreed": True,
        "in-time": True,
        "both-say": True,
        "min-days": True,
        "evidence": True,
    }


def test_an_officer_sees_what_speaks_against_it() -> None:
    late = clock.at_local(FRIDAY + 16 * DAY)
    made = report(filed_at=late, last_day=MONDAY + DAY)

    found = decided(made, report(Side.HOST, status=ReportStatus.FILED))

    assert {code for code, passed in found.items() if passed is False} == {
        "days-as-agreed",
        "in-time",
        "both-say",
        "min-days",
    }


@pytest.mark.parametrize("status", [ReportStatus.DRAFT, ReportStatus.RETURNED, ReportStatus.BYPASSED])
def test_what_the_other_side_has_not_filed_says_nothing(status: ReportStatus) -> None:
    assert decided(report(), report(Side.HOST, status=status))["both-say"] is None
    assert decided(report(), None)["both-say"] is None


# Due Saturday 27 March 2027. Friday 26 March is Good Friday, a holiday in Portugal.
@pytest.mark.parametrize(
    ("today", "stage"),
    [
        (date(2027, 3, 22), ""),
        (date(2027, 3, 23), "before"),
        (date(2027, 3, 26), "before"),
        (date(2027, 3, 27), "on"),
        (date(2027, 4, 5), "on"),
        (date(2027, 4, 6), "after"),
        (date(2027, 5, 6), "after"),
    ],
)
def test_reminders_come_three_working_days_before_on_the_day_and_seven_after(today: date, stage: str) -> None:
    assert rules.reminder(report(), today, "PT") == stage


def test_nobody_is_reminded_of_a_day_before_the_report_was_asked_for() -> None:
    made = report(begun_at=clock.at_local(date(2027, 3, 29)))

    assert rules.reminder(made, date(2027, 3, 30), "PT") == ""
    assert rules.reminder(made, date(2027, 4, 6), "PT") == "after"


def test_a_report_that_came_back_is_asked_for_until_its_new_day() -> None:
    made = report(
        status=ReportStatus.RETURNED,
        mend_by=date(2027, 4, 30),
        decided_at=clock.at_local(date(2027, 4, 10)),
    )

    assert rules.deadline(made) == date(2027, 4, 30)
    assert rules.reminder(made, date(2027, 4, 20), "PT") == ""
    assert rules.reminder(made, date(2027, 4, 30), "PT") == "on"
    assert not rules.is_overdue(made, date(2027, 4, 30))
    assert rules.is_overdue(made, date(2027, 5, 1))
