"""The columns of partnerships.csv."""

from dataclasses import dataclass

from flask_babel import gettext as _

from mobility.core.files import BadCell, Cells, ImportColumn, amount, email, key, text, whole
from mobility.partnerships.services import PartnershipDraft
from mobility.taxonomies import cells

MOST_EXCHANGES = 100_000


@dataclass(frozen=True)
class PartnershipRow:
    """A partnership and what it gets in the call."""

    content: PartnershipDraft
    budget_cents: int
    own_rate_cents: int | None
    planned_exchanges: int


def own_rate(cell: str) -> int:
    """Cents of a flat rate, which a short distance halves."""
    cents = amount(cell)
    if cents % 2:
        raise BadCell(cell, _("has an odd cent; write an amount whose half is whole cents"))
    return cents


COLUMNS = (
    ImportColumn("partnership", key),
    ImportColumn("name", text()),
    ImportColumn("topic", text()),
    ImportColumn("ecosystems", cells.ecosystems),
    ImportColumn("country", cells.country),
    ImportColumn("town", text(100)),
    ImportColumn("street", text(70), empty="", may_lack=True),
    ImportColumn("postcode", text(16), empty="", may_lack=True),
    ImportColumn("email", email),
    ImportColumn("coordinator", text()),
    ImportColumn("budget_eur", amount),
    ImportColumn("own_rate_eur", own_rate, empty=None),
    ImportColumn("planned_exchanges", whole(0, MOST_EXCHANGES), empty=0),
)


def row_of(row: Cells) -> PartnershipRow:
    """The row's content from its cells."""
    content = PartnershipDraft(
        code=row["partnership"],
        name=row["name"],
        topic=row["topic"],
        ecosystems=row["ecosystems"],
        country=row["country"],
        town=row["town"],
        email=row["email"],
        coordinator=row["coordinator"],
        street=row["street"],
        postcode=row["postcode"],
    )
    return PartnershipRow(content, row["budget_eur"], row["own_rate_eur"], row["planned_exchanges"])
