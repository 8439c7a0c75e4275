"""Money is typed in euro and kept in cents."""

import pytest
from flask import Flask

from mobility.core.money import cents_of, euro


@pytest.mark.parametrize(
    ("written", "cents"),
    [("390", 39000), ("390.5", 39050), ("390,50", 39050), (" 0.01 ", 1), ("2 500 000", 250000000), ("0", 0)],
)
def test_euro_become_cents(written: str, cents: int) -> None:
    assert cents_of(written) == cents


@pytest.mark.parametrize(
    "written", ["", "-1", "1e3", "1.234", "1.200.000,00", "٣", "NaN", "9" * 13, "1.", ".5"]
)
def test_what_is_no_amount_is_refused_with_the_mend(written: str) -> None:
    with pytest.raises(ValueError, match=r"such as 390"):
        cents_of(written)


def test_cents_are_shown_in_the_readers_way(app: Flask) -> None:
    with app.test_request_context():
        assert euro(123456) == "€1,234.56"
