"""The columns of offers.csv."""

import re
from dataclasses import astuple, dataclass, fields
from typing import Any

from flask_babel import gettext as _

from mobility.calls.enums import Mode
from mobility.core.files import (
    BadCell,
    Cells,
    ImportColumn,
    days,
    email,
    key,
    one_of,
    paragraph,
    several,
    text,
    whole,
)
from mobility.hosts.closures import closure
from mobility.hosts.draft import ClosureDraft, OfferDraft, WindowDraft
from mobility.hosts.enums import OfferKind
from mobility.hosts.models import Offer
from mobility.organisations.enums import OrganisationType
from mobility.taxonomies import cells

MOST_DAYS = 366
CODES = ("ecosystems", "industries", "purposes", "partner_types")
MOST_VISITS = 10_000
MOST_PLACES = 1000
WINDOW = re.compile(r"(?P<days>\S+)\s+[x×](?P<places>[0-9]{1,4})")


@dataclass(frozen=True)
class OfferRow:
    """An offer with its key, its host and the partnership that looks after it."""

    key: str
    registration: str
    country: str
    partnership_code: str
    content: OfferDraft


def window(cell: str) -> WindowDraft:
    """Days and places, such as 2027-03-01..2027-04-30 x2."""
    parts = WINDOW.fullmatch(cell)
    if parts is None:
        raise BadCell(cell, _("is not a window; write 2027-03-01..2027-04-30 x2"))
    first, last = days(parts["days"])
    if int(parts["places"]) > MOST_PLACES:
        raise BadCell(cell, _("has too many places; at most %(most)s", most=MOST_PLACES))
    return WindowDraft(first, last, int(parts["places"]))


partner_types = several(one_of([kind.value for kind in OrganisationType]))

COLUMNS = (
    ImportColumn("offer", key),
    ImportColumn("organisation", text(60)),
    ImportColumn("organisation_country", cells.country),
    ImportColumn("partnership", key),
    ImportColumn("title", text()),
    ImportColumn("description", paragraph, empty=""),
    ImportColumn("ecosystems", cells.ecosystems, empty=()),
    ImportColumn("industries", cells.industries, empty=()),
    ImportColumn("purposes", cells.purposes),
    ImportColumn("partner_types", partner_types, empty=()),
    ImportColumn("languages", cells.languages),
    ImportColumn("mode", one_of([mode.value for mode in Mode]), empty=Mode.PHYSICAL.value),
    ImportColumn("windows", several(window)),
    ImportColumn("closed", several(closure), empty=()),
    ImportColumn("min_days", whole(1, MOST_DAYS), empty=None),
    ImportColumn("max_days", whole(1, MOST_DAYS), empty=None),
    ImportColumn("max_visits", whole(0, MOST_VISITS), empty=None),
    ImportColumn("contact_name", text()),
    ImportColumn("contact_email", email),
    ImportColumn(
        "kind", one_of([kind.value for kind in OfferKind]), empty=OfferKind.PLACES.value, may_lack=True
    ),
    ImportColumn("agenda", paragraph, empty="", may_lack=True),
)
OF_PLACES = ("min_days", "max_days", "max_visits")


def row_of(row: Cells) -> OfferRow:
    """The row's content from its cells. Raises `BadCell` for cells that contradict each other."""
    kind = OfferKind(row["kind"])
    if kind is OfferKind.PLACES:
        _refuse_length(row)
    else:
        _refuse_group(row)
    if not row["ecosystems"] and not row["industries"]:
        raise BadCell("", _("is empty; name an ecosystem or an industry"), "ecosystems")
    content = OfferDraft(
        title=row["title"],
        contact_name=row["contact_name"],
        contact_email=row["contact_email"],
        windows=tuple(sorted(row["windows"], key=astuple)),
        # The verb works out the length of a group visit.
        min_days=row["min_days"] or 1,
        max_days=row["max_days"] or 1,
        max_visits=row["windows"][0].places if row["max_visits"] is None else row["max_visits"],
        kind=kind,
        agenda=row["agenda"],
        description=row["description"],
        ecosystems=row["ecosystems"],
        industries=row["industries"],
        purposes=row["purposes"],
        partner_types=row["partner_types"],
        languages=row["languages"],
        mode=Mode(row["mode"]),
        closures=tuple(sorted(row["closed"])),
    )
    return OfferRow(
        row["offer"], row["organisation"], row["organisation_country"], row["partnership"], content
    )


def _refuse_length(row: Cells) -> None:
    for column in OF_PLACES:
        if row[column] is None:
            raise BadCell("", _("is empty; fill it in"), column)
    if row["max_days"] < row["min_days"]:
        raise BadCell(str(row["max_days"]), _("is less than min_days"), "max_days")
    if row["agenda"]:
        raise BadCell(row["agenda"], _("is for a group visit only"), "agenda")


def _refuse_group(row: Cells) -> None:
    """A group visit has its days, its seats and its agenda, and nothing that they do not say already."""
    for column in OF_PLACES:
        if row[column] is not None:
            raise BadCell(str(row[column]), _("is not for a group visit: its days and seats say it"), column)
    if len(row["windows"]) > 1:
        raise BadCell("", _("has more than one part; a group visit has one, with its seats"), "windows")
    if row["closed"]:
        raise BadCell("", _("is not for a group visit: its days are fixed"), "closed")
    if not row["agenda"]:
        raise BadCell("", _("is empty; a group visit has an agenda"), "agenda")


def content_of(offer: Offer) -> OfferDraft:
    """A stored offer as an import would bring it."""
    made_here = {*CODES, "languages", "windows", "closures"}
    names = [field.name for field in fields(OfferDraft) if field.name not in made_here]
    plain = {name: getattr(offer, name) for name in names}
    several_codes: dict[str, Any] = {name: tuple(getattr(offer, name)) for name in CODES}
    windows = (WindowDraft(window.first_day, window.last_day, window.places) for window in offer.windows)
    return OfferDraft(
        **plain,
        **several_codes,
        languages=dict(offer.languages),
        windows=tuple(sorted(windows, key=astuple)),
        closures=tuple(sorted(ClosureDraft(one.first_day, one.last_day, one.name) for one in offer.closures)),
    )
