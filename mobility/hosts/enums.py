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
    # Nobody used it for long, and its host did not answer: in no list and no round until it is woken.
    RESTED = "rested"
    REJECTED = "rejected"
    CLOSED = "closed"


LIFECYCLE = lifecycle(
    {
        OfferStatus.DRAFT: {OfferStatus.SUBMITTED, OfferStatus.CLOSED},
        OfferStatus.SUBMITTED: {OfferStatus.ACCEPTED, OfferStatus.REJECTED, OfferStatus.CLOSED},
        OfferStatus.ACCEPTED: {OfferStatus.SUBMITTED, OfferStatus.RESTED, OfferStatus.CLOSED},
        OfferStatus.RESTED: {OfferStatus.ACCEPTED, OfferStatus.CLOSED},
    }
)


class ExceptionStatus(StrEnum):
    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"


EXCEPTION_LIFECYCLE = lifecycle({ExceptionStatus.ASKED: {ExceptionStatus.GRANTED, ExceptionStatus.REFUSED}})
