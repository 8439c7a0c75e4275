"""Amounts in words, as papers bear them."""

import pytest

from mobility.core.money import LARGEST_CENTS, amount_in_words, number_in_words


@pytest.mark.parametrize(
    ("cents", "words"),
    [
        (0, "zero euro"),
        (78_000, "seven hundred and eighty euro"),
        (39_000, "three hundred and ninety euro"),
        (33_550, "three hundred and thirty-five euro and fifty cent"),
        (110_000, "one thousand one hundred euro"),
        (100_500, "one thousand and five euro"),
        (1, "zero euro and one cent"),
        (1_000_000_00, "one million euro"),
        (2_017_004_19, "two million seventeen thousand and four euro and nineteen cent"),
        (19_00, "nineteen euro"),
        (20_00, "twenty euro"),
        (21_00, "twenty-one euro"),
    ],
)
def test_an_amount_reads_as_people_say_it(cents: int, words: str) -> None:
    assert amount_in_words(cents) == words


def test_different_amounts_have_different_words() -> None:
    words = {number_in_words(number) for number in range(20_000)}

    assert len(words) == 20_000


@pytest.mark.parametrize("cents", [-1, LARGEST_CENTS + 1])
def test_an_amount_no_paper_can_bear_is_refused(cents: int) -> None:
    with pytest.raises(ValueError, match="no words"):
        amount_in_words(cents)
