"""Whether an application may take part, on transient objects."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from mobility.applications import rules
from mobility.applications.models import Application, ApplicationWindow, Wish
from mobility.calls.enums import CallStatus, Mode
from mobility.calls.models import Allotment, Call, CallCountry, Rate
from mobility.hosts.models import Offer
from mobility.organisations.enums import OrganisationType, Standing
from mobility.organisations.models import Organisation
from mobility.partnerships.models import Partnership

AT = datetime(2027, 1, 11, 9, tzinfo=UTC)
ON = AT.date()
MONDAY = date(2027, 3, 8)
FRIDAY = MONDAY + timedelta(days=4)
LONG_AGO = date(2014, 1, 1)


def call_of(**changes: Any) -> Call:
    usual: dict[str, Any] = {
        "status": CallStatus.OPEN,
        "opens_at": AT - timedelta(days=7),
        "closes_at": AT + timedelta(days=7),
        "grace_s": 120,
        "first_day": date(2027, 3, 1),
        "last_day": date(2027, 12, 31),
        "rules_version": "2027-1",
        "min_days": 3,
        "full_days": 5,
        "half_below_km": 200,
        "ceiling_cents": 110_000,
        "roles_by_type": {"sme": ["visitor", "host"]},
        "membership_types": ["sme"],
        "profile_types": ["sme"],
        "priority_weights": {"base": 10, "first_exchange": 3, "less_developed_region": 2, "sme": 1},
        "countries": [CallCountry(country=code, from_on=LONG_AGO, to_on=None) for code in ("BE", "PT", "DE")],
        "rates": [Rate(table_name="t", country="PT", cents=78_000, from_on=LONG_AGO, to_on=None)],
    }
    return Call(**usual | changes)


def organisation_of(**changes: Any) -> Organisation:
    usual: dict[str, Any] = {
        "name": "Solarwerk",
        "type": OrganisationType.SME,
        "country": "BE",
        "region": "BE23",
        "latitude": 51.05,
        "longitude": 3.7167,
        "staff": 12,
        "turnover_cents": 1,
        "balance_cents": 1,
        "cluster_name": "Flux",
        "cluster_standing": Standing.CONFIRMED,
        "cluster_has_profile": True,
    }
    return Organisation(**usual | changes)


def host_of(country: str = "PT", **changes: Any) -> Offer:
    organisation = organisation_of(name=f"Host {country}", country=country, latitude=41.15, longitude=-8.61)
    usual: dict[str, Any] = {"organisation": organisation, "languages": {"en": "C1"}, "max_days": 10}
    return Offer(**usual | changes)


def application_of(**changes: Any) -> Application:
    usual: dict[str, Any] = {
        "call": call_of(),
        "organisation": organisation_of(),
        "person_name": "Ana",
        "person_email": "ana@visitor.example",
        "is_third_country": False,
        "residence_days": None,
        "has_business": False,
        "motivation": "To learn.",
        "ecosystems": ["renewables"],
        "industries": [],
        "purposes": ["learn"],
        "countries": [],
        "languages": {"en": "B2"},
        "mode": Mode.PHYSICAL,
        "min_days": 3,
        "max_days": 5,
        "consent_version": "2026-1",
        "windows": [ApplicationWindow(first_day=MONDAY, last_day=FRIDAY)],
        "wishes": [],
    }
    return Application(**usual | changes)


def not_met(application: Application, *, has_visited: bool = False) -> list[str]:
    found = rules.findings(application, at=AT, has_visited=has_visited)
    return [finding.code for finding in found if finding.passed is not True]


def test_a_whole_application_meets_every_rule() -> None:
    assert not_met(application_of(wishes=[Wish(offer=host_of(), rank=1)])) == []


def test_an_organisation_visits_once() -> None:
    assert not_met(application_of(), has_visited=True) == ["first-visit"]


@pytest.mark.parametrize(
    ("days", "has_business", "passed"),
    [(183, True, None), (182, True, False), (183, False, False), (None, True, False)],
)
def test_a_third_country_national_proves_183_days_and_a_business(
    days: int | None, has_business: bool, passed: bool | None
) -> None:
    application = application_of(is_third_country=True, residence_days=days, has_business=has_business)

    assert rules.third_country(application).passed is passed


def test_nationals_of_the_scheme_are_not_asked_for_183_days() -> None:
    found = rules.findings(application_of(), at=AT, has_visited=False)

    assert "third-country" not in {finding.code for finding in found}


def test_a_wished_host_in_the_own_country_is_named() -> None:
    wishes = [Wish(offer=host_of("PT"), rank=1), Wish(offer=host_of("BE"), rank=2)]

    finding = rules.host_abroad(application_of(wishes=wishes), ON)

    assert finding.passed is False
    assert finding.values["at_home"] == ["Host BE"]


def test_a_host_at_home_that_is_ruled_out_anyway_does_no_harm() -> None:
    application = application_of(wishes=[Wish(offer=host_of("BE"), rank=None)])

    assert rules.host_abroad(application, ON).passed is True


@pytest.mark.parametrize(
    ("countries", "passed"), [([], True), (["PT"], True), (["BE"], False), (["NO"], False)]
)
def test_at_least_one_country_of_the_call_is_left_to_go_to(countries: list[str], passed: bool) -> None:
    assert rules.host_abroad(application_of(countries=countries), ON).passed is passed


@pytest.mark.parametrize(("min_days", "passed"), [(2, False), (3, True)])
def test_a_stay_is_not_shorter_than_the_calls_shortest(min_days: int, passed: bool) -> None:
    assert rules.long_enough(application_of(min_days=min_days)).passed is passed


@pytest.mark.parametrize(("max_days", "passed"), [(23, True), (24, False)])
def test_a_stay_fits_into_a_month(max_days: int, passed: bool) -> None:
    assert rules.short_enough(application_of(max_days=max_days)).passed is passed


@pytest.mark.parametrize(
    ("first_day", "last_day", "passed"),
    [
        (MONDAY, MONDAY + timedelta(days=2), True),
        (MONDAY, MONDAY + timedelta(days=1), False),
        (FRIDAY, FRIDAY + timedelta(days=3), False),
        (FRIDAY, FRIDAY + timedelta(days=4), True),
    ],
)
def test_weekends_are_no_working_days(first_day: date, last_day: date, passed: bool) -> None:
    application = application_of(windows=[ApplicationWindow(first_day=first_day, last_day=last_day)])

    assert rules.days_possible(application, ON).passed is passed


def test_public_holidays_of_the_wished_host_count() -> None:
    before_easter = [ApplicationWindow(first_day=date(2027, 3, 24), last_day=date(2027, 3, 26))]
    wish = [Wish(offer=host_of("PT"), rank=1)]

    with_wish = rules.days_possible(application_of(windows=before_easter, wishes=wish), ON)

    assert with_wish.passed is False
    assert with_wish.values["days"] == 2


def test_days_outside_the_call_do_not_count() -> None:
    application = application_of(call=call_of(first_day=MONDAY + timedelta(days=3)))

    assert rules.days_possible(application, ON).values["days"] == 2


@pytest.mark.parametrize(
    ("excluded", "left"),
    [
        ([], [(0, 4)]),
        ([(2, 2)], [(0, 1), (3, 4)]),
        ([(-3, 0), (4, 9)], [(1, 3)]),
        ([(1, 2), (2, 3)], [(0, 0), (4, 4)]),
        ([(0, 4)], []),
        ([(-9, -3), (6, 9)], [(0, 4)]),
    ],
)
def test_days_that_do_not_suit_are_taken_out_of_the_windows(
    excluded: list[tuple[int, int]], left: list[tuple[int, int]]
) -> None:
    def day(number: int) -> date:
        return MONDAY + timedelta(days=number)

    application = application_of(
        windows=[ApplicationWindow(first_day=MONDAY, last_day=FRIDAY)],
        excluded=[[day(first).isoformat(), day(last).isoformat()] for first, last in excluded],
    )

    assert application.free_windows == [(day(first), day(last)) for first, last in left]
    longest = max((last - first + 1 for first, last in left), default=0)
    assert rules.days_possible(application, ON).values["days"] == longest


def test_a_window_that_ends_before_it_begins_gives_no_days() -> None:
    application = application_of(windows=[ApplicationWindow(first_day=FRIDAY, last_day=MONDAY)])

    assert rules.days_possible(application, ON).values["days"] == 0


def test_a_wished_host_without_a_shared_language_is_named() -> None:
    wishes = [Wish(offer=host_of(languages={"pt": "C2"}), rank=1)]

    finding = rules.shared_language(application_of(wishes=wishes))

    assert finding.passed is False
    assert finding.values["without"] == ["Host PT"]


def test_without_a_language_nobody_can_be_matched() -> None:
    assert rules.shared_language(application_of(languages={})).passed is False


def test_without_consent_nothing_goes_on() -> None:
    assert not_met(application_of(consent_version="")) == ["consent"]


def test_the_country_counts_on_the_day_it_was_handed_in() -> None:
    until_today = CallCountry(country="BE", from_on=LONG_AGO, to_on=ON)
    other = CallCountry(country="PT", from_on=LONG_AGO, to_on=None)
    application = application_of(call=call_of(countries=[until_today, other]))

    today = rules.findings(application, at=AT, has_visited=False)
    tomorrow = rules.findings(application, at=AT + timedelta(days=1), has_visited=False)

    assert {finding.code for finding in today if not finding.passed} == set()
    assert {finding.code for finding in tomorrow if not finding.passed} == {"country"}


@pytest.mark.parametrize(
    ("kind", "region", "visited", "points"),
    [
        (OrganisationType.SME, "BE23", False, {"base": 10, "first_exchange": 3, "sme": 1}),
        (
            OrganisationType.SME,
            "RO21",
            False,
            {"base": 10, "first_exchange": 3, "less_developed_region": 2, "sme": 1},
        ),
        (OrganisationType.CLUSTER, None, True, {"base": 10}),
    ],
)
def test_the_priority_is_made_of_the_calls_weights(
    kind: OrganisationType, region: str | None, visited: bool, points: dict[str, int]
) -> None:
    application = application_of(organisation=organisation_of(type=kind, region=region))

    parts = rules.priority(application, has_visited=visited)

    assert {part.code: part.points for part in parts} == points


def test_another_calls_weights_give_another_priority() -> None:
    call = call_of(priority_weights={"base": 1, "sme": 40})

    parts = rules.priority(application_of(call=call), has_visited=True)

    assert sum(part.points for part in parts) == 41


@pytest.mark.parametrize(("max_days", "cents"), [(5, 78_000), (4, 39_000), (2, 0)])
def test_the_preview_shows_what_each_wish_would_bring(max_days: int, cents: int) -> None:
    application = application_of(max_days=max_days, wishes=[Wish(offer=host_of(), rank=1)])

    (amount,) = rules.lump_sums(application, application.partnership)

    assert (amount.rank, amount.cents, amount.days) == (1, cents, max_days)
    assert 1_300 < amount.distance_km < 1_600


def test_the_preview_takes_the_partnerships_own_rate_and_says_where_there_is_none() -> None:
    partnership = Partnership(id=1, code="GREEN")
    call = call_of(allotments=[Allotment(partnership=partnership, own_rate_cents=45_000)])
    wishes = [Wish(offer=host_of("PT"), rank=1), Wish(offer=host_of("DE"), rank=2)]

    amounts = rules.lump_sums(application_of(call=call, partnership=partnership, wishes=wishes), partnership)

    assert [amount.cents for amount in amounts] == [45_000, None]
