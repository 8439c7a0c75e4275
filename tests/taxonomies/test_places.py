"""Towns, distances, regions, names."""

import pytest

from mobility.taxonomies import distance, regions, towns
from mobility.taxonomies.countries import COUNTRIES, EU, country_code, country_name
from mobility.taxonomies.folding import fold
from mobility.taxonomies.languages import LANGUAGES


def test_a_town_is_found_by_its_own_and_by_its_english_name() -> None:
    own, english = towns.find("DE", "München"), towns.find("DE", "Munich")

    assert own == english
    assert own is not None
    assert (round(own.latitude), round(own.longitude)) == (48, 12)


@pytest.mark.parametrize(
    ("country", "written"),
    [
        ("PL", "lodz"),
        ("GR", "Θεσσαλονίκη"),
        ("IT", "BASSANO DEL GRAPPA"),
        ("FR", "Saint Etienne"),
        ("XK", "Prishtinë"),
    ],
)
def test_a_town_is_found_without_accents_in_its_alphabet_and_in_capitals(country: str, written: str) -> None:
    assert towns.find(country, written) is not None


def test_a_small_town_is_known() -> None:
    assert towns.find("DK", "Billund") is not None


def test_a_town_of_another_country_is_not_found() -> None:
    assert towns.find("FR", "Borlänge") is None


def test_of_two_towns_with_one_name_the_larger_is_meant() -> None:
    valencia = towns.find("ES", "Valencia")

    assert valencia is not None
    assert round(valencia.latitude, 1) == 39.5


@pytest.mark.parametrize(
    ("country", "written", "name"),
    [
        ("SE", "Malmo", "Malmö"),
        ("NL", "s hertogenbosch", "'s-Hertogenbosch"),
        ("NL", "Den Bosch", "'s-Hertogenbosch"),
        ("PL", "LODZ", "Łódź"),
    ],
)
def test_a_town_that_has_its_name_alone_is_alike_to_nothing(country: str, written: str, name: str) -> None:
    assert [town.name for town in towns.alike(country, written)] == [name]


def test_towns_of_one_name_are_all_found_first_the_one_that_is_meant() -> None:
    frankfurts, neustadts = towns.alike("DE", "Frankfurt"), towns.alike("DE", "neustadt")

    assert [town.name for town in frankfurts] == ["Frankfurt am Main", "Frankfurt (Oder)"]
    assert neustadts[0] == towns.find("DE", "Neustadt")
    assert "Neustadt an der Aisch" in {town.name for town in neustadts}
    assert len(neustadts) == towns.MOST_OFFERED
    assert towns.alike("DE", "--") == []


def test_a_hamlet_is_no_rival_of_a_city_of_its_name() -> None:
    city, *hamlets = towns.alike("IT", "Prato")
    main, oder = towns.alike("DE", "Frankfurt")

    assert hamlets
    assert not any(hamlet.rivals(city) for hamlet in hamlets)
    assert oder.rivals(main)


def test_a_large_town_tells_where_a_small_one_is() -> None:
    aisch = next(town for town in towns.alike("DE", "Neustadt") if town.name == "Neustadt an der Aisch")

    near = towns.landmark("DE", aisch)

    assert near is not None
    assert near.name == "Erlangen"


def test_a_misspelt_town_gets_suggestions() -> None:
    assert "Munich" in towns.suggest("DE", "Munnich")


def test_nothing_like_it_gets_no_suggestion() -> None:
    assert towns.suggest("LU", "Xyzzyq") == []


def test_helsinki_to_tallinn_is_about_eighty_kilometres() -> None:
    assert distance.km(60.1695, 24.9354, 59.4370, 24.7535) == pytest.approx(82, abs=2)


def test_a_distance_is_rounded_down_so_that_under_200_stays_true() -> None:
    almost = 199.9 / 111.195

    assert distance.km(0, 0, almost, 0) == 199


def test_the_distance_to_oneself_is_nothing() -> None:
    assert distance.km(48.2, 16.4, 48.2, 16.4) == 0


def test_a_less_developed_region_is_known() -> None:
    assert regions.is_less_developed("PL82")


@pytest.mark.parametrize("nuts2", ["DE21", "PL91", "CZ01", "ES62", None, ""])
def test_other_regions_and_none_are_not_less_developed(nuts2: str | None) -> None:
    assert not regions.is_less_developed(nuts2)


def test_a_greek_region_begins_with_el() -> None:
    assert regions.is_region_of("EL52", "GR")
    assert not regions.is_region_of("GR52", "GR")
    assert not regions.is_region_of("DE21", "AT")


def test_the_scheme_knows_27_member_states_and_names_each_country() -> None:
    assert len(EU) == 27
    assert all(country_name(code) != code for code in COUNTRIES)


def test_greece_and_the_united_kingdom_go_by_either_code() -> None:
    assert (country_code("el"), country_code("UK"), country_code("US")) == ("GR", "GB", None)


def test_letters_that_do_not_come_apart_are_folded_too() -> None:
    assert fold("  Łódź–Øster STRASSE ß") == "lodz oster strasse ss"


def test_every_language_has_a_name() -> None:
    assert all(str(name) != code for code, name in LANGUAGES.items())
