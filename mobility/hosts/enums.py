"""States of an offer."""

from enum import StrEnum

from mobility.core.states import lifecycle


class OfferStatus(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CLOSED = "closed"


LIFECYCLE = lifecycle(
    {
        OfferStatus.DRAFT: {OfferStatus.SUBMITTED, OfferStatus.CLOSED},
        OfferStatus.SUBMITTED: {OfferStatus.ACCEPTED, OfferStatus.REJECTED, OfferStatus.CLOSED},
        OfferStatus.ACCEPTED: {OfferStatus.CLOSED},
    }
)
