"""When an offer stands, on transient objects."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from mobility.calls.enums import CallStatus, Mode, PartRole
from mobility.calls.models import Allotment, Call, CallCountry
from mobility.hosts import rules
from mobility.hosts.models import Offer, OfferClosure, OfferWindow
from mobility.organisations.enums import OrganisationType, Standing
from mobility.organisations.models import Organisation
from mobility.partnerships.models import Partnership

OPENS_AT = datetime(2027, 1, 4, 8, tzinfo=UTC)
CLOSES_AT = datetime(2027, 2, 1, 16, tzinfo=UTC)
MONDAY, FRIDAY = date(2027, 3, 8), date(2027, 3, 12)


def call_of(**changes: Any) -> Call:
    usual: dict[str, Any] = {
        "reference": "CXC-1",
        "status": CallStatus.OPEN,
        "opens_at": OPENS_AT,
        "closes_at": CLOSES_AT,
        "grace_s": 120,
        "first_day": date(2027, 3, 1),
        "last_day": date(2027, 12, 31),
        "min_days": 3,
        "roles_by_type": {"sme": ["visitor", "host"], "large": ["host"]},
        "membership_types": ["sme", "large"],
        "profile_types": ["sme"],
        "countries": [CallCountry(country="PT", from_on=date(2014, 1, 1), to_on=None)],
    }
    return Call(**usual | changes)


def organisation_of(**changes: Any) -> Organisation:
    usual: dict[str, Any] = {
        "name": "Eólica",
        "type": OrganisationType.SME,
        "country": "PT",
        "staff": 12,
        "turnover_cents": 100_000_00,
        "balance_cents": 50_000_00,
        "cluster_name": "Vento Cluster",
        "cluster_standing": Standing.CONFIRMED,
        "cluster_has_profile": True,
    }
    return Organisation(**usual | changes)


def offer_of(**changes: Any) -> Offer:
    usual: dict[str, Any] = {
        "call": call_of(),
        "organisation": organisation_of(),
        "title": "Wind",
        "contact_name": "Rui",
        "contact_email": "rui@host.example",
        "ecosystems": ["renewables"],
        "industries": [],
        "purposes": ["learn"],
        "languages": {"en": "C1"},
        "mode": Mode.PHYSICAL,
        "min_days": 3,
        "max_days": 5,
        "max_visits": 4,
        "windows": [OfferWindow(first_day=MONDAY, last_day=FRIDAY, places=1)],
        "closures": [],
    }
    return Offer(**usual | changes)


def test_a_whole_offer_meets_every_rule() -> None:
    found = rules.offer_findings(offer_of(), at=OPENS_AT)

    assert {finding.code: finding.passed for finding in found if finding.passed is not True} == {}


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (OPENS_AT - timedelta(seconds=1), False),
        (OPENS_AT, True),
        (CLOSES_AT, True),
        (CLOSES_AT + timedelta(seconds=119), True),
        (CLOSES_AT + timedelta(seconds=120), False),
    ],
)
def test_a_call_is_open_from_its_first_instant_to_the_end_of_its_grace(at: datetime, is_open: bool) -> None:
    assert rules.call_open(call_of(), at).passed is is_open


@pytest.mark.parametrize(
    ("status", "passed"), [(CallStatus.DRAFT, False), (CallStatus.OPEN, True), (CallStatus.CLOSED, True)]
)
def test_what_came_between_the_dates_of_a_call_counts_also_after_it_was_closed(
    status: CallStatus, passed: bool
) -> None:
    assert rules.call_open(call_of(status=status), OPENS_AT).passed is passed


@pytest.mark.parametrize(
    ("on", "takes_part"),
    [
        (date(2020, 12, 31), True),
        (date(2021, 1, 1), False),
        (date(2013, 12, 31), False),
    ],
)
def test_a_country_takes_part_between_its_days(on: date, takes_part: bool) -> None:
    dated = CallCountry(country="GB", from_on=date(2014, 1, 1), to_on=date(2020, 12, 31))

    finding = rules.country(call_of(countries=[dated]), organisation_of(country="GB"), on)

    assert finding.passed is takes_part


@pytest.mark.parametrize(
    ("kind", "part", "allowed"),
    [
        (OrganisationType.LARGE, PartRole.HOST, True),
        (OrganisationType.LARGE, PartRole.VISITOR, False),
        (OrganisationType.SME, PartRole.VISITOR, True),
        (OrganisationType.TRAINING, PartRole.HOST, False),
    ],
)
def test_the_call_says_which_type_takes_which_part(
    kind: OrganisationType, part: PartRole, allowed: bool
) -> None:
    assert rules.part_allowed(call_of(), organisation_of(type=kind), part).passed is allowed


@pytest.mark.parametrize(
    ("staff", "turnover", "balance", "passed"),
    [
        (249, 50_000_000_00, None, True),
        (249, 50_000_000_01, 43_000_000_00, True),
        (249, 50_000_000_01, 43_000_000_01, False),
        (250, 1, 1, False),
        (None, 1, 1, None),
        (249, None, None, None),
        (249, 50_000_000_01, None, None),
    ],
)
def test_an_sme_keeps_the_limits_of_the_recommendation(
    staff: int | None, turnover: int | None, balance: int | None, passed: bool | None
) -> None:
    organisation = organisation_of(staff=staff, turnover_cents=turnover, balance_cents=balance)

    assert rules.sme_limits(organisation).passed is passed


def test_only_smes_are_asked_for_the_limits_of_smes() -> None:
    large = organisation_of(type=OrganisationType.LARGE, staff=5000)

    found = rules.organisation_findings(call_of(), large, PartRole.HOST, MONDAY)

    assert [finding.code for finding in found] == ["country", "type", "cluster"]


def test_a_host_without_a_profiled_cluster_needs_proof_and_a_visitor_is_out() -> None:
    organisation = organisation_of(cluster_has_profile=False)

    assert rules.cluster_profile(organisation, PartRole.HOST).passed is None
    assert rules.cluster_profile(organisation, PartRole.VISITOR).passed is False


def test_an_sme_outside_any_cluster_is_out() -> None:
    organisation = organisation_of(cluster_name="", cluster_has_profile=False)

    assert rules.cluster_member(organisation).passed is False
    assert rules.cluster_profile(organisation, PartRole.HOST).passed is False


def test_a_window_of_two_open_days_is_too_short_for_three() -> None:
    thursday = MONDAY + timedelta(days=3)
    offer = offer_of(windows=[OfferWindow(first_day=thursday, last_day=FRIDAY + timedelta(days=2), places=1)])

    finding = rules.long_enough_window(offer)

    assert finding.passed is False
    assert finding.values["days"] == 2


def test_two_short_windows_that_touch_are_not_joined() -> None:
    tuesday, wednesday = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)
    windows = [
        OfferWindow(first_day=MONDAY, last_day=tuesday, places=1),
        OfferWindow(first_day=wednesday, last_day=wednesday + timedelta(days=1), places=1),
    ]

    assert rules.long_enough_window(offer_of(windows=windows)).passed is False


def test_a_window_without_a_place_does_not_count() -> None:
    offer = offer_of(windows=[OfferWindow(first_day=MONDAY, last_day=FRIDAY, places=0)])

    assert rules.long_enough_window(offer).passed is False


def test_days_outside_the_call_do_not_count() -> None:
    offer = offer_of(call=call_of(first_day=MONDAY + timedelta(days=3)))

    assert rules.long_enough_window(offer).values["days"] == 2


def test_public_holidays_and_closures_of_the_host_are_no_open_days() -> None:
    good_friday = date(2027, 3, 26)
    closure = OfferClosure(first_day=date(2027, 3, 23), last_day=date(2027, 3, 23))
    offer = offer_of(closures=[closure])

    days = rules.window_days(offer, date(2027, 3, 22), date(2027, 3, 28))

    assert good_friday not in days
    assert days == [date(2027, 3, 22), date(2027, 3, 24), date(2027, 3, 25)]


def test_where_windows_overlap_the_largest_number_of_places_counts() -> None:
    windows = [
        OfferWindow(first_day=MONDAY, last_day=FRIDAY, places=3),
        OfferWindow(first_day=FRIDAY, last_day=FRIDAY + timedelta(days=3), places=5),
    ]

    places = rules.places_by_day(offer_of(windows=windows))

    assert places[MONDAY] == 3
    assert places[FRIDAY] == 5
    assert places[FRIDAY + timedelta(days=3)] == 5
    assert len(places) == 6


def test_what_is_left_out_is_named() -> None:
    finding = rules.complete(offer_of(purposes=[], windows=[]))

    assert finding.passed is False
    assert finding.values["missing"] == ["purposes", "windows"]


def allotments(*partnerships: Partnership) -> list[Allotment]:
    return [Allotment(partnership=one, partnership_id=one.id) for one in partnerships]


def test_the_nearest_partnership_is_the_own_one_then_by_topic_then_by_country() -> None:
    wind = Partnership(id=1, code="WIND", ecosystems=["renewables"], country="DE")
    food = Partnership(id=2, code="FOOD", ecosystems=["agrifood"], country="PT")
    call = call_of(allotments=allotments(wind, food))

    assert rules.nearest_partnership(call, organisation_of(partnership_id=2), ["renewables"]) is food
    assert rules.nearest_partnership(call, organisation_of(), ["renewables"]) is wind
    assert rules.nearest_partnership(call, organisation_of(), []) is food
    assert rules.nearest_partnership(call_of(allotments=[]), organisation_of(), []) is None
