"""Ranges of days in a form: by calendar in some rows, and as text."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FormField, TextAreaField
from wtforms.validators import Optional

from mobility.applications.models import Days
from mobility.core.files import BadCell, days
from mobility.hosts.forms import ClosureRow, Rows

RANGE_ROWS = 3
MOST_RANGES = 50
LONGEST_SHOWN = 40


class RangesField(TextAreaField):
    """Ranges of days as text, one on each line."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = ()
        lines = [line for line in (valuelist[0] if valuelist else "").splitlines() if line.strip()]
        if len(lines) > MOST_RANGES:
            raise ValueError(_("Write at most %(most)s lines.", most=MOST_RANGES))
        try:
            self.data = tuple(days(line.strip()) for line in lines)
        except BadCell as bad:
            raise ValueError(f"{bad.value[:LONGEST_SHOWN]} {bad.reason}.") from None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "\n".join(
            f"{first}..{last}" if first != last else f"{first}" for first, last in self.data or ()
        )


def range_rows(label: Any, first_day: Any, last_day: Any) -> Any:
    """Ranges of days by calendar."""
    return Rows(
        FormField(ClosureRow),
        label,
        min_entries=RANGE_ROWS,
        max_entries=RANGE_ROWS,
        labels={"first_day": first_day, "last_day": last_day},
    )


def ranges(label: Any) -> Any:
    """Ranges of days by text."""
    one = _l("One on each line: first and last day as 2027-05-03..2027-05-07, or a day alone.")
    return RangesField(label, [Optional()], description=one)


def in_order(by_calendar: Iterable[Days], by_text: Iterable[Days] | None) -> tuple[Days, ...]:
    """What was given both ways, each once."""
    return tuple(sorted({*by_calendar, *(by_text or ())}))


def rows_and_text(name: str, given: Sequence[Days]) -> dict[str, Any]:
    """Ranges as the rows take them, and as text those for which there is no row."""
    rows = [{"first_day": first, "last_day": last} for first, last in given[:RANGE_ROWS]]
    return {name: rows, f"more_{name}": given[RANGE_ROWS:]}
