"""What visitor and host write for their exchange, before it is frozen."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class AgendaDay:
    """What happens on one working day of the stay."""

    day: date
    text: str


@dataclass(frozen=True)
class PlanDraft:
    """Goals, outcomes and agenda of an exchange."""

    objectives_visitor: str = ""
    objectives_host: str = ""
    outcomes_visitor: str = ""
    outcomes_host: str = ""
    tasks: str = ""
    place: str = ""
    agenda: tuple[AgendaDay, ...] = ()
