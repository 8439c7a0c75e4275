"""Who may meet whom as things stand, and on which days. Pure."""

from datetime import date, timedelta
from typing import Any

import pytest

from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.calls.enums import Mode
from mobility.calls.models import Call, Rate
from mobility.calls.seed import ROLES_BY_TYPE, SCORE_WEIGHTS
from mobility.catalogue.days import HostDays, stay_days
from mobility.catalogue.fit import Around, Claim, pair_findings, reasons_against
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer, OfferWindow
from mobility.organisations.enums import OrganisationType
from mobility.organisations.models import Organisation
from tests.catalogue.test_rules import MAY, host, visitor

CALL = Call(
    id=1,
    first_day=date(2027, 4, 1),
    last_day=date(2027, 12, 31),
    min_days=3,
    score_weights=SCORE_WEIGHTS,
    wish_step=8,
    roles_by_type=ROLES_BY_TYPE,
    rates=[Rate(country="PT", cents=78_000, from_on=date(2020, 1, 1), table_name="T")],
)
MONDAY, FRIDAY = date(2027, 5, 10), date(2027, 5, 14)
DAY = timedelta(days=1)


def application(**changes: Any) -> Application:
    usual: dict[str, Any] = {
        "id": 7,
        "call_id": 1,
        "organisation_id": 70,
        "status": ApplicationStatus.ACCEPTED,
        "mode": Mode.PHYSICAL,
        "min_days": 3,
        "organisation": Organisation(id=70, country="ES", type=OrganisationType.SME),
    }
    return visitor(**usual | changes)


def offer(**changes: Any) -> Offer:
    usual: dict[str, Any] = {
        "call": CALL,
        "call_id": 1,
        "status": OfferStatus.ACCEPTED,
        "mode": Mode.PHYSICAL,
        "min_days": 3,
        "max_days": 5,
        "max_visits": 5,
        "organisation": Organisation(id=80, country="PT", type=OrganisationType.CLUSTER),
    }
    return host(**usual | changes)


def around(**changes: Any) -> Around:
    return Around(CALL, date(2027, 4, 1), **changes)


def reasons(one: Application, other: Offer, now: Around | None = None) -> list[str]:
    now = now or around()
    return list(reasons_against(one, now.days_of(other), now))


def failing(first: date, last: date, now: Around | None = None, **changes: Any) -> list[str]:
    found = pair_findings(application(**changes), offer(), first, last, now or around())
    return [finding.code for finding in found if finding.passed is False]


def full_from(first: date, days: int) -> dict[int, frozenset[date]]:
    return {1: frozenset(first + n * DAY for n in range(days))}


def test_nothing_keeps_those_apart_who_suit() -> None:
    assert reasons(application(), offer()) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": ApplicationStatus.SUBMITTED}, "waiting"),
        ({"group_key": "fair"}, "group"),
        ({"mode": Mode.VIRTUAL}, "mode"),
        ({"window": (date(2027, 7, 1), date(2027, 7, 30))}, "dates"),
        ({"min_days": 6, "max_days": 9}, "length"),
    ],
)
def test_each_reason_has_its_code(changes: dict[str, Any], code: str) -> None:
    assert reasons(application(**changes), offer()) == [code]


@pytest.mark.parametrize(
    ("claim", "codes"),
    [
        (Claim("entered", 7), ["paired"]),
        (Claim("validated", 7), ["paired"]),
        (Claim("proposed", 7), ["proposed"]),
        (Claim("proposed", 8), ["visited"]),
        (Claim("validated", 8), ["visited"]),
        (Claim("matched", 8), ["visited"]),
        # Nothing is held for it yet.
        (Claim("entered", 8), []),
    ],
)
def test_what_the_one_visit_is_promised_to_counts(claim: Claim, codes: list[str]) -> None:
    assert reasons(application(), offer(), around(claims={70: [claim]})) == codes


def test_a_host_with_all_its_visits_is_full() -> None:
    assert reasons(application(), offer(), around(visits={1: 5})) == ["full"]
    assert reasons(application(), offer(), around(visits={1: 4})) == []


def test_a_host_is_full_when_no_stay_fits_between_the_full_days() -> None:
    every_second = {1: frozenset(MAY[0] + n * DAY for n in range(0, 28, 2))}

    assert reasons(application(), offer(), around(full=every_second)) == ["full"]
    assert reasons(application(), offer(), around(full=full_from(MAY[0], 14))) == []


def test_a_stay_does_not_reach_over_a_full_day() -> None:
    days = HostDays(offer(), CALL.first_day, CALL.last_day, full=frozenset({date(2027, 5, 5)}))
    first_week = application(window=(date(2027, 5, 3), date(2027, 5, 7)))

    assert (days.most_days(first_week), days.most_free_days(first_week)) == (5, 2)


def test_a_stay_is_as_long_as_fits_or_would_fit() -> None:
    days = HostDays(offer(), CALL.first_day, CALL.last_day)
    short = application(window=(date(2027, 5, 3), date(2027, 5, 6)))
    elsewhere = application(window=(date(2027, 7, 1), date(2027, 7, 30)))

    assert [stay_days(one, days, CALL) for one in (application(), short, elsewhere)] == [5, 4, 5]


def test_a_week_that_suits_both_meets_every_rule() -> None:
    assert failing(MONDAY, FRIDAY) == []


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (MONDAY, MONDAY + DAY, "stay-length"),
        (MONDAY, FRIDAY + 3 * DAY, "stay-length"),
        (MONDAY - DAY, FRIDAY, "host-dates"),
        (MONDAY, FRIDAY + DAY, "host-dates"),
    ],
)
def test_days_that_do_not_suit_are_named(first: date, last: date, code: str) -> None:
    assert failing(first, last) == [code]


def test_days_outside_the_visitors_windows_are_named() -> None:
    assert failing(MONDAY, FRIDAY, window=(MONDAY + DAY, MAY[1])) == ["visitor-dates"]


def test_days_that_the_visitor_ruled_out_are_named() -> None:
    wednesday = (MONDAY + 2 * DAY).isoformat()

    assert failing(MONDAY, FRIDAY, excluded=[[wednesday, wednesday]]) == ["visitor-dates"]


def test_days_gone_by_are_named() -> None:
    late = Around(CALL, MONDAY + DAY)

    assert "future" in failing(MONDAY, FRIDAY, late)


def test_a_full_day_is_named() -> None:
    assert failing(MONDAY, FRIDAY, around(full=full_from(FRIDAY, 1))) == ["full"]


def test_the_days_lie_in_one_window_of_the_host() -> None:
    windows = [
        OfferWindow(first_day=MONDAY, last_day=MONDAY + DAY, places=1),
        OfferWindow(first_day=MONDAY + 2 * DAY, last_day=MAY[1], places=1),
    ]

    found = pair_findings(application(), offer(windows=windows), MONDAY, FRIDAY, around())

    assert [one.code for one in found if one.passed is False] == ["host-dates"]


def test_what_is_not_accepted_is_named() -> None:
    assert failing(MONDAY, FRIDAY, status=ApplicationStatus.WITHDRAWN) == ["application"]
    assert failing(MONDAY, FRIDAY, call_id=2) == ["application"]
