"""The columns of partnerships.csv."""

from dataclasses import dataclass

from mobility.core.files import Cells, ImportColumn, amount, email, key, text, whole
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


COLUMNS = (
    ImportColumn("partnership", key),
    ImportColumn("name", text()),
    ImportColumn("topic", text()),
    ImportColumn("ecosystems", cells.ecosystems),
    ImportColumn("country", cells.country),
    ImportColumn("town", text(100)),
    ImportColumn("email", email),
    ImportColumn("coordinator", text()),
    ImportColumn("budget_eur", amount),
    ImportColumn("own_rate_eur", amount, empty=None),
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
    )
    return PartnershipRow(content, row["budget_eur"], row["own_rate_eur"], row["planned_exchanges"])
