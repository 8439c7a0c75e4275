"""What speaks for two entries being one organisation."""

import pytest

from mobility.organisations.likeness import Entered, alike, name_key, number_key, reasons

ONE = Entered(1, "IT", "IT 0197.742-0974", "lana rigenerata s r l", "Prato", "https://www.lana.example/it")


def other(**changes: str) -> Entered:
    """Another entry that shares nothing but the country."""
    usual = {
        "country": "IT",
        "registration": "X9",
        "name_folded": "quite another",
        "town": "Rome",
        "website": "",
    }
    return Entered(2, **(usual | changes))


@pytest.mark.parametrize("written", ["01977420974", "IT01977420974", "1977 420 974", "it-0197.7420974"])
def test_a_number_is_the_same_however_it_is_written(written: str) -> None:
    assert number_key(written, "IT") == number_key(ONE.registration, "IT")


@pytest.mark.parametrize("folded", ["lana rigenerata", "lana rigenerata srl", "lana rigenerata s r l"])
def test_a_legal_form_does_not_make_another_name(folded: str) -> None:
    assert name_key(folded) == "lana rigenerata"


def test_a_name_that_is_nothing_but_a_legal_form_stays() -> None:
    assert name_key("s a") == "s a"


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"registration": "01977420974"}, ["number"]),
        ({"name_folded": "lana rigenerata"}, ["name"]),
        ({"name_folded": "lana rigenerata", "town": "PRATO"}, ["name", "town"]),
        ({"name_folded": "lana rigeneratta srl", "town": "Prato"}, ["near-name", "town"]),
        ({"name_folded": "lana rigeneratta srl"}, []),
        ({"name_folded": "lana rigenerata", "website": "http://lana.example"}, ["name", "website"]),
        ({"town": "Prato", "website": "http://lana.example"}, []),
        ({"registration": "01977420974", "country": "ES"}, []),
    ],
)
def test_number_or_name_speak_for_it_and_town_and_website_only_beside_them(
    changes: dict[str, str], found: list[str]
) -> None:
    assert reasons(ONE, other(**changes)) == found


def test_numbers_in_names_do_not_slip() -> None:
    first = Entered(1, "BE", "1", "solarwerk 12", "Ghent", "")

    assert reasons(first, Entered(2, "BE", "2", "solarwerk 13", "Ghent", "")) == []


def test_each_pair_is_named_once_whatever_speaks_for_it() -> None:
    twin = other(registration="01977420974", name_folded="lana rigenerata", town="Prato")

    assert [(one.id, two.id) for one, two, _found in alike([twin, ONE])] == [(1, 2)]


def test_in_a_large_town_names_that_begin_alike_are_compared() -> None:
    crowd = [
        Entered(n, "IT", str(1000 + n), f"{chr(97 + n % 26) * 4} nothing alike {n}", "Prato", "")
        for n in range(3, 60)
    ]
    near = other(name_folded="lana rigeneratta", town="Prato")

    assert [(one.id, two.id) for one, two, _found in alike([ONE, near, *crowd])] == [(1, 2)]


def test_a_number_that_is_none_speaks_for_nothing() -> None:
    entered = [
        Entered(number, "IT", registration, f"name {number}", "Rome", "")
        for number, registration in enumerate(("-", "--", "0", "000", "IT"))
    ]

    assert list(alike(entered)) == []
    assert reasons(*entered[:2]) == []
