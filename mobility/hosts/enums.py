"""Kinds and states of an offer."""

from enum import StrEnum

from mobility.core.states import lifecycle


class OfferKind(StrEnum):
    PLACES = "places"
    # Fixed days with an agenda; who comes stays for all of them.
    GROUP_VISIT = "group_visit"


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
