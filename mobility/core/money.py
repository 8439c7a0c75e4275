"""Money: integer cents in euro, worded when shown; also in English words, as papers write amounts beside figures."""

import re
from decimal import Decimal

from babel import Locale
from babel.numbers import format_currency
from flask_babel import get_locale

WRITTEN = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *(
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ),
)
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
SCALES = ((1_000_000_000, "billion"), (1_000_000, "million"), (1_000, "thousand"))
LARGEST_CENTS = 10**14 - 1


def euro(cents: int) -> str:
    """An amount in the reader's language, such as €390.00."""
    return format_currency(Decimal(cents) / 100, "EUR", locale=get_locale() or Locale("en", "GB"))


def cents_of(written: str) -> int:
    """Cents of a decimal number of euro such as 390 or 390.50. Raises `ValueError` with the mend."""
    amount = "".join(written.split()).replace(",", ".")
    if not WRITTEN.fullmatch(amount):
        raise ValueError("write euro such as 390 or 390.50")
    whole, _, part = amount.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0"))


def amount_in_words(cents: int) -> str:
    """An amount such as "seven hundred and eighty euro and fifty cent". Raises `ValueError` below zero."""
    if not 0 <= cents <= LARGEST_CENTS:
        raise ValueError(f"no words for {cents} cents")
    whole, rest = divmod(cents, 100)
    words = f"{number_in_words(whole)} euro"
    return f"{words} and {number_in_words(rest)} cent" if rest else words


def number_in_words(number: int) -> str:
    """A whole number from 0 up, as British English says it: "one thousand and five"."""
    for size, name in SCALES:
        if number >= size:
            many, rest = divmod(number, size)
            return f"{number_in_words(many)} {name}" + _tail(rest, joined=rest < 100)
    if number >= 100:
        return f"{ONES[number // 100]} hundred" + _tail(number % 100, joined=True)
    if number >= 20:
        tens, one = divmod(number, 10)
        return TENS[tens] + (f"-{ONES[one]}" if one else "")
    return ONES[number]


def _tail(rest: int, *, joined: bool) -> str:
    if not rest:
        return ""
    return (" and " if joined else " ") + number_in_words(rest)
