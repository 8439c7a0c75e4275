"""The invented world: as many as the scheme would have, the same for the same seed, nobody real."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from schwifty import IBAN

from mobility.accounts.enums import Role
from mobility.demo import cast
from mobility.demo.stage import Stage
from mobility.demo.world import make_world
from mobility.demo.world.calendar import Calendar
from mobility.demo.world.logins import with_logins
from mobility.demo.world.parties import BANKS_IN
from mobility.demo.world.parts import World
from mobility.demo.world.words import table
from mobility.organisations.enums import OrganisationType
from mobility.taxonomies import regions, towns

CALENDAR = Calendar.of_a_story_told_on(date(2026, 11, 26))


@pytest.fixture(scope="module")
def world() -> World:
    """The world of `make demo`."""
    return make_world(2027, 300, CALENDAR)


def share(part: int, whole: int) -> float:
    return round(part / whole, 2)


def test_the_call_opens_twenty_months_before_today() -> None:
    assert Calendar.of_a_story_told_on(date(2026, 11, 26)).opens_on == date(2025, 3, 26)
    assert Calendar.of_a_story_told_on(date(2027, 10, 31)).opens_on == date(2026, 2, 28)


def test_the_calendar_has_its_days_in_order() -> None:
    days = [
        CALENDAR.offers_until,
        CALENDAR.closes_on,
        CALENDAR.first_round_on,
        CALENDAR.second_round_on,
        CALENDAR.first_stay_on,
        CALENDAR.last_stay_on,
        CALENDAR.settled_on,
        CALENDAR.second_call_on,
        date(2026, 11, 26),
        CALENDAR.second_call_closes_on,
    ]

    assert days == sorted(days)


def test_five_hundred_profiles_of_which_six_in_ten_visit(world: World) -> None:
    parts = Counter(party.part for party in world.parties if party.part)

    assert parts == {"visitor": 300, "host": 200}


def test_the_types_of_organisations_are_seventy_fifteen_fifteen(world: World) -> None:
    types = Counter(party.content.type for party in world.parties if party.part)

    assert types == {OrganisationType.SME: 350, OrganisationType.SUPPORT: 75, OrganisationType.CLUSTER: 75}


def test_fourteen_partnerships_of_four_to_seven_clusters_in_three_to_six_countries(world: World) -> None:
    assert len(world.partnerships) == 14
    for partnership in world.partnerships:
        clusters = [party for party in world.parties if party.forms == partnership.code]
        assert 4 <= len(clusters) <= 7
        assert 3 <= len({cluster.content.country for cluster in clusters}) <= 6


def test_sixty_hosts_in_twenty_five_countries_make_ninety_offers(world: World) -> None:
    hosts = {offer.host for offer in world.offers}

    assert len(world.offers) == 90
    assert len(hosts) == 60
    assert len({world.party(host).content.country for host in hosts}) == 25


def test_eighty_five_percent_are_to_be_accepted(world: World) -> None:
    assert sum(one.is_good for one in world.applications) == 255
    assert share(sum(one.is_good for one in world.offers), 90) == pytest.approx(0.85, abs=0.02)


def test_six_of_ten_travel_in_groups_of_three_to_ten(world: World) -> None:
    sizes = Counter(one.content.group_key for one in world.applications if one.content.group_key)

    assert share(sum(sizes.values()), 300) == pytest.approx(0.6, abs=0.03)
    assert all(3 <= size <= 10 for size in sizes.values())


def test_four_of_five_stays_take_three_or_four_days(world: World) -> None:
    short = sum(one.content.max_days in {3, 4} for one in world.applications)

    assert share(short, 300) == pytest.approx(0.8, abs=0.06)


def test_every_person_organisation_and_address_is_there_once(world: World) -> None:
    for things in (
        [party.content.name for party in world.parties],
        [party.content.registration for party in world.parties],
        [party.person.email for party in world.parties],
        [party.person.name for party in world.parties],
    ):
        assert len(set(things)) == len(things)


def test_every_address_is_of_a_domain_that_cannot_be_real(world: World) -> None:
    emails = [party.person.email for party in world.parties]
    emails += [email for one in world.partnerships for email in (one.content.email, one.coordinator.email)]

    assert all(email.endswith(".example") for email in emails)


def test_every_account_is_valid_and_of_its_country(world: World) -> None:
    for party in world.parties:
        country = party.content.country
        assert IBAN(party.account.iban).country_code == BANKS_IN.get(country, country)
    for one in world.partnerships:
        assert IBAN(one.account.iban).country_code == one.content.country


def test_every_town_lies_where_the_gazetteer_has_it() -> None:
    for country, lists in table("countries").items():
        for row in lists["towns"]:
            found = towns.find(country, row["name"])
            assert found
            assert row["at"] == pytest.approx([found.latitude, found.longitude], abs=0.001)
            assert not row["region"] or regions.is_region_of(row["region"], country)


def test_stays_lie_within_the_call(world: World) -> None:
    windows = [window for one in world.applications if not one.flaw for window in one.content.windows]
    windows += [(one.first_day, one.last_day) for offer in world.offers for one in offer.content.windows]

    assert all(CALENDAR.first_stay_on <= first <= last <= CALENDAR.last_stay_on for first, last in windows)


def test_whoever_is_wished_for_offered_before_and_abroad(world: World) -> None:
    offers = {offer.key: offer for offer in world.offers}
    for one in world.applications:
        home = world.party(one.visitor).content.country
        for key, rank in one.wishes:
            assert offers[key].day < one.day
            assert rank is None or one.flaw or world.party(offers[key].host).content.country != home


def test_motivations_differ(world: World) -> None:
    texts = {one.content.motivation for one in world.applications}

    assert len(texts) == 300


def test_the_same_seed_makes_the_same_world(world: World) -> None:
    assert make_world(2027, 300, CALENDAR) == world


def test_another_seed_makes_another_world(world: World) -> None:
    other = make_world(1, 300, CALENDAR)

    assert {one.content.name for one in other.parties} != {one.content.name for one in world.parties}


@pytest.mark.parametrize("seed", range(3))
def test_a_small_world_has_all_parts(seed: int) -> None:
    small = with_logins(make_world(seed, 40, CALENDAR), lambda role, number: cast.person(Role(role), number))

    assert len(small.applications) == 40
    assert any(one.agrees_with for one in small.applications)
    assert any(one.content.group_key for one in small.applications)
    emails = {party.person.email for party in small.parties}
    assert {cast.email_of(role, n) for role in (Role.APPLICANT, Role.HOST) for n in (1, 2)} <= emails


def test_chance_says_the_same_of_a_record_each_time(world: World) -> None:
    stage, other = Stage(world), Stage(replace(world, seed=1))

    assert stage.random("answers", "PRP-1").random() == stage.random("answers", "PRP-1").random()
    assert stage.random("answers", "PRP-1").random() != other.random("answers", "PRP-1").random()
