"""The rules a call starts with."""

from datetime import date

from mobility.calls import seed
from mobility.calls.findings import Finding
from mobility.taxonomies.countries import ASSOCIATED, EU


def test_every_country_that_takes_part_today_has_a_rate() -> None:
    lasting = {country.country for country in seed.countries() if country.to_on is None}

    assert lasting == {*EU, *ASSOCIATED}
    assert lasting <= seed.RATES_EUR.keys()


def test_the_united_kingdom_took_part_until_the_end_of_2020() -> None:
    kingdom = next(country for country in seed.countries() if country.country == "GB")

    assert kingdom.to_on == date(2020, 12, 31)


def test_norway_switzerland_and_liechtenstein_do_not_take_part() -> None:
    assert not {"NO", "CH", "LI"} & {country.country for country in seed.countries()}


def test_the_rate_table_is_called_illustrative() -> None:
    assert all("illustrative" in rate.table_name for rate in seed.rates())


def test_the_weights_of_a_score_sum_to_a_hundred() -> None:
    assert sum(seed.SCORE_WEIGHTS.values()) == 100


def test_large_companies_training_providers_and_public_bodies_only_host() -> None:
    only_host = [kind for kind, parts in seed.ROLES_BY_TYPE.items() if parts == ["host"]]

    assert sorted(only_host) == ["large", "public", "training"]


def test_a_finding_comes_back_from_storage_as_it_was() -> None:
    finding = Finding("third-country", None, {"days": 200, "needed": 183})

    assert Finding.from_dict(finding.as_dict()) == finding
