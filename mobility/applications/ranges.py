"""Ranges of days in a form: by calendar in some rows, and as text."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import FormField
from wtforms.validators import Optional

from mobility.applications.models import Days
from mobility.core.files import days
from mobility.hosts.closures import written_days
from mobility.hosts.forms import ClosureRow, Rows
from mobility.hosts.lines import LinesField

RANGE_ROWS = 3
MOST_RANGES = 50


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
    return LinesField(label, [Optional()], read=days, write=written_days, most=MOST_RANGES, description=one)


def in_order(by_calendar: Iterable[Days], by_text: Iterable[Days] | None) -> tuple[Days, ...]:
    """What was given both ways, each once."""
    return tuple(sorted({*by_calendar, *(by_text or ())}))


def rows_and_text(name: str, given: Sequence[Days]) -> dict[str, Any]:
    """Ranges as the rows take them, and as text those for which there is no row."""
    rows = [{"first_day": first, "last_day": last} for first, last in given[:RANGE_ROWS]]
    return {name: rows, f"more_{name}": given[RANGE_ROWS:]}
