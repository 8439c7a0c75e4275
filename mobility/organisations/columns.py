"""The columns of organisations.csv."""

from dataclasses import dataclass

from flask_babel import gettext as _

from mobility.core import clock
from mobility.core.errors import RuleBroken
from mobility.core.files import (
    BadCell,
    Cells,
    ImportColumn,
    amount,
    degrees,
    key,
    one_of,
    text,
    whole,
    yes_no,
)
from mobility.organisations.enums import OrganisationType
from mobility.organisations.forms import FIRST_YEAR, LAST_YEAR, MOST_STAFF, unknown_town
from mobility.organisations.services import OrganisationDraft
from mobility.partnerships.bank import AccountDraft, checked_account
from mobility.taxonomies import cells, regions, towns


@dataclass(frozen=True)
class OrganisationRow:
    """An organisation, its account, and the partnership that it forms with others."""

    content: OrganisationDraft
    account: AccountDraft | None
    partnership_code: str | None
    # Otherwise it was looked up by the town.
    has_place: bool = False


def founded(cell: str) -> int:
    """The year in which an organisation was founded."""
    year, today = whole(FIRST_YEAR, LAST_YEAR)(cell), clock.today()
    if year > today.year:
        raise BadCell(cell, _("has not begun; write a year up to %(year)s", year=today.year))
    return year


COLUMNS = (
    ImportColumn("registration", text(60)),
    ImportColumn("name", text()),
    ImportColumn("type", one_of([kind.value for kind in OrganisationType])),
    ImportColumn("country", cells.country),
    ImportColumn("town", text(100)),
    ImportColumn("street", text(70), empty="", may_lack=True),
    ImportColumn("postcode", text(16), empty="", may_lack=True),
    ImportColumn("region", text(4), empty=None),
    ImportColumn("latitude", degrees(90), empty=None),
    ImportColumn("longitude", degrees(180), empty=None),
    ImportColumn("staff", whole(0, MOST_STAFF), empty=None),
    ImportColumn("turnover_eur", amount, empty=None),
    ImportColumn("balance_eur", amount, empty=None),
    ImportColumn("founded", founded, empty=None),
    ImportColumn("website", text(), empty=""),
    ImportColumn("description", text(2000), empty=""),
    ImportColumn("cluster", text(), empty=""),
    ImportColumn("cluster_has_profile", yes_no, empty=False),
    ImportColumn("partnership", key, empty=None),
    ImportColumn("account_holder", text(), empty=""),
    ImportColumn("iban", text(50), empty=""),
    ImportColumn("bic", text(11), empty=""),
)


def row_of(row: Cells) -> OrganisationRow:
    """The row's content from its cells. Raises `BadCell` for a town, region or account that cannot be."""
    _refuse_region(row)
    _refuse_website(row)
    latitude, longitude = _place(row)
    content = OrganisationDraft(
        registration=row["registration"],
        name=row["name"],
        type=OrganisationType(row["type"]),
        country=row["country"],
        town=row["town"],
        latitude=latitude,
        longitude=longitude,
        region=row["region"],
        staff=row["staff"],
        turnover_cents=row["turnover_eur"],
        balance_cents=row["balance_eur"],
        founded=row["founded"],
        website=row["website"],
        description=row["description"],
        cluster_name=row["cluster"],
        cluster_has_profile=row["cluster_has_profile"],
        street=row["street"],
        postcode=row["postcode"],
    )
    return OrganisationRow(content, _account(row), row["partnership"], has_place=row["latitude"] is not None)


def _place(row: Cells) -> tuple[float, float]:
    if row["latitude"] is not None and row["longitude"] is not None:
        return row["latitude"], row["longitude"]
    if row["latitude"] is not None or row["longitude"] is not None:
        missing = "longitude" if row["longitude"] is None else "latitude"
        raise BadCell("", _("is empty; fill in both coordinates or none"), missing)
    town = towns.find(row["country"], row["town"])
    if town is None:
        reason = _("is not a known town. %(mend)s", mend=unknown_town(row["country"], row["town"]))
        raise BadCell(row["town"], reason, "town")
    return town.latitude, town.longitude


def _refuse_region(row: Cells) -> None:
    if row["region"] is not None and not regions.is_region_of(row["region"], row["country"]):
        reason = _("is not a NUTS 2 code of %(country)s, such as ITC4", country=row["country"])
        raise BadCell(row["region"], reason, "region")


def _refuse_website(row: Cells) -> None:
    if row["website"] and not row["website"].startswith(("https://", "http://")):
        raise BadCell(row["website"], _("does not begin with https:// or http://"), "website")


def _account(row: Cells) -> AccountDraft | None:
    if not row["iban"] and not row["bic"]:
        return None
    reasons = {
        "no-holder": ("account_holder", _("is empty; the account has a holder")),
        "bad-iban": ("iban", _("is not an IBAN: check country, length and digits")),
        "bad-bic": ("bic", _("is not a BIC of 8 or 11 letters and digits")),
    }
    try:
        return checked_account(AccountDraft(row["account_holder"], row["iban"], row["bic"]))
    except RuleBroken as refusal:
        column, reason = reasons[refusal.code]
        raise BadCell(row[column], reason, column) from None
