"""When somebody is asked, and asked again. Pure."""

from calendar import monthrange
from datetime import date, timedelta

from mobility.core import clock
from mobility.exchanges.models import Exchange
from mobility.surveys.models import Invitation
from mobility.taxonomies import working_days

ANSWER_WITHIN = timedelta(days=60)
# Working days after the invitation for the first reminders; the last comes a month after these.
FIRST_REMINDERS = (7, 14)
# None comes after the day that the first letter names: the link ends then, reminded or not.
MOST_REMINDERS = 3


def is_over_on(exchange: Exchange) -> date:
    """The last day of the stay, as agreed or as it was broken off."""
    return exchange.broken_off_on or exchange.last_day


def months_later(day: date, months: int) -> date:
    """The same day so many months later (or earlier), or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def remind_on(invitation: Invitation) -> date:
    """The day from which the next reminder is due: after 7 and 14 working days, then a month later."""
    invited_on, times = clock.local(invitation.invited_at).date(), invitation.reminded
    if times < len(FIRST_REMINDERS):
        return working_days.after(invited_on, FIRST_REMINDERS[times])
    return months_later(working_days.after(invited_on, FIRST_REMINDERS[-1]), 1)
