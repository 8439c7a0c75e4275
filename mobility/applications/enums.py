"""States of an application."""

from enum import StrEnum

from mobility.core.states import lifecycle


class ApplicationStatus(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    MATCHED = "matched"
    WITHDRAWN = "withdrawn"


LIFECYCLE = lifecycle(
    {
        ApplicationStatus.DRAFT: {ApplicationStatus.SUBMITTED, ApplicationStatus.WITHDRAWN},
        ApplicationStatus.SUBMITTED: {
            ApplicationStatus.ACCEPTED,
            ApplicationStatus.REJECTED,
            ApplicationStatus.WITHDRAWN,
        },
        ApplicationStatus.ACCEPTED: {ApplicationStatus.MATCHED, ApplicationStatus.WITHDRAWN},
        ApplicationStatus.MATCHED: {ApplicationStatus.ACCEPTED},
    }
)
