"""Money: integer cents in euro, worded when shown."""

import re
from decimal import Decimal

from babel import Locale
from babel.numbers import format_currency
from flask_babel import get_locale

WRITTEN = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")


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
