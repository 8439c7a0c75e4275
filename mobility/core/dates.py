"""Days as people read them: long in sentences, short in tables."""

from datetime import date, timedelta

from flask_babel import format_date
from flask_babel import gettext as _

from mobility.core import clock

LONG = "EEE d MMMM y"
SHORT = "EEE d MMM y"
MOMENT = f"{LONG}, HH:mm"
SOON = timedelta(days=3)


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


def urgency(by: date | None) -> tuple[str, str] | None:
    """The tag of what waits, as kind and word: none while its day is far."""
    today = clock.today()
    if by is None or by > today + SOON:
        return None
    return ("bad", _("Late")) if by < today else ("wait", _("Soon"))
