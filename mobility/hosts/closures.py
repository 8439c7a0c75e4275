"""Closed days as text, and those that the host's country and region propose."""

import re
from collections.abc import Collection
from datetime import date

from flask_babel import gettext as _

from mobility.core.files import BadCell, days
from mobility.core.forms import is_storable
from mobility.hosts.draft import ClosureDraft
from mobility.taxonomies import working_days

LONGEST_NAME = 100
CLOSURE = re.compile(r"(?P<days>\S+(?:\s*\.\.\s*\S+)?)(?:\s+(?P<name>.*))?")


def closure(cell: str) -> ClosureDraft:
    """Days and perhaps a name, such as 2027-06-10 Portugal Day."""
    parts = CLOSURE.fullmatch(cell)
    name = (parts["name"] or "").strip() if parts else ""
    if len(name) > LONGEST_NAME:
        raise BadCell(name, _("has %(long)s characters; at most %(most)s", long=len(name), most=LONGEST_NAME))
    if not is_storable(name):
        raise BadCell("", _("Remove the unreadable character."))
    return ClosureDraft(*days(parts["days"] if parts else cell), name)


def written(one: ClosureDraft) -> str:
    """A closure as `closure` reads it."""
    return f"{written_days((one.first_day, one.last_day))} {one.name}".strip()


def written_days(one: tuple[date, date]) -> str:
    """A range of days as the import writes it; one day alone is both."""
    first, last = one
    return f"{first}..{last}" if first != last else f"{first}"


def proposed(
    country: str, region: str, first: date, last: date, given: Collection[ClosureDraft]
) -> tuple[ClosureDraft, ...]:
    """The holidays of a country and region between two days, but those on days that are closed already."""
    return tuple(
        ClosureDraft(day, day, name)
        for day, name in working_days.holidays_to_propose(country, first, last, region).items()
        if not any(one.first_day <= day <= one.last_day for one in given)
    )
