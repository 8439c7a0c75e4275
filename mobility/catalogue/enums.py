"""States of a contact and of an agreed pair."""

from enum import StrEnum

from mobility.core.states import lifecycle


class Side(StrEnum):
    """Who began it: the visitor or the host."""

    VISITOR = "visitor"
    HOST = "host"

    @property
    def other(self) -> "Side":
        return Side.HOST if self is Side.VISITOR else Side.VISITOR


class ContactStatus(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class PairStatus(StrEnum):
    """A pair is entered by one side, confirmed by the other, validated by both partnerships, then built."""

    ENTERED = "entered"
    CONFIRMED = "confirmed"
    # Place and money are reserved from here on.
    VALIDATED = "validated"
    BUILT = "built"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


CONTACT_LIFECYCLE = lifecycle({ContactStatus.OPEN: {ContactStatus.ACCEPTED, ContactStatus.DECLINED}})
PAIR_LIFECYCLE = lifecycle(
    {
        PairStatus.ENTERED: {PairStatus.CONFIRMED, PairStatus.DECLINED, PairStatus.WITHDRAWN},
        PairStatus.CONFIRMED: {PairStatus.VALIDATED, PairStatus.DECLINED, PairStatus.WITHDRAWN},
        PairStatus.VALIDATED: {PairStatus.BUILT, PairStatus.WITHDRAWN},
    }
)
