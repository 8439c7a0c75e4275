"""States of an exchange."""

from enum import StrEnum

from mobility.core.states import lifecycle


class ExchangeStatus(StrEnum):
    AGREED = "agreed"
    CONFIRMED = "confirmed"
    ONGOING = "ongoing"
    ENDED = "ended"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    TERMINATED = "terminated"


class Side(StrEnum):
    """Whose answer to a proposal it is."""

    VISITOR = "visitor"
    HOST = "host"


LIFECYCLE = lifecycle(
    {
        ExchangeStatus.AGREED: {ExchangeStatus.CONFIRMED, ExchangeStatus.CANCELLED},
        ExchangeStatus.CONFIRMED: {ExchangeStatus.ONGOING, ExchangeStatus.CANCELLED},
        ExchangeStatus.ONGOING: {ExchangeStatus.ENDED, ExchangeStatus.TERMINATED},
        ExchangeStatus.ENDED: {ExchangeStatus.CLOSED},
        # A stay broken off may be paid in part, and is then closed, too.
        ExchangeStatus.TERMINATED: {ExchangeStatus.CLOSED},
    }
)
