"""Days as people read them: long in sentences, short in tables."""

from datetime import date

from flask_babel import format_date

LONG = "EEE d MMMM y"
SHORT = "EEE d MMM y"
MOMENT = f"{LONG}, HH:mm"


def day(moment: date) -> str:
    """A date as the scheme writes it: Fri 9 April 2027."""
    return str(format_date(moment, LONG))


def short(moment: date) -> str:
    """A date where there is little room: Fri 9 Apr 2027."""
    return str(format_date(moment, SHORT))


def period(first: date, last: date) -> str:
    """From a day to another: Mon 8 – Fri 12 March 2027."""
    if first == last:
        return day(first)
    if first.year != last.year:
        return f"{day(first)} – {day(last)}"
    shape = "EEE d" if first.month == last.month else "EEE d MMMM"
    return f"{format_date(first, shape)} – {day(last)}"
