"""States of an application."""

from enum import StrEnum

from mobility.core.states import lifecycle


class ApplicationStatus(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    CHANGES_ASKED = "changes_asked"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    MATCHED = "matched"
    # The applicant was not seen for long, and did not answer: in no round until it is woken.
    RESTED = "rested"
    WITHDRAWN = "withdrawn"


LIFECYCLE = lifecycle(
    {
        ApplicationStatus.DRAFT: {ApplicationStatus.SUBMITTED, ApplicationStatus.WITHDRAWN},
        ApplicationStatus.SUBMITTED: {
            ApplicationStatus.CHANGES_ASKED,
            ApplicationStatus.ACCEPTED,
            ApplicationStatus.REJECTED,
            ApplicationStatus.WITHDRAWN,
        },
        # Sent again, or decided on what was sent once the day to answer is over.
        ApplicationStatus.CHANGES_ASKED: {
            ApplicationStatus.SUBMITTED,
            ApplicationStatus.ACCEPTED,
            ApplicationStatus.REJECTED,
            ApplicationStatus.WITHDRAWN,
        },
        # Back to be assessed, as long as nobody was told.
        ApplicationStatus.ACCEPTED: {
            ApplicationStatus.SUBMITTED,
            ApplicationStatus.MATCHED,
            ApplicationStatus.RESTED,
            ApplicationStatus.WITHDRAWN,
        },
        # Who accepts a proposal that came at the same moment is awake.
        ApplicationStatus.RESTED: {
            ApplicationStatus.ACCEPTED,
            ApplicationStatus.MATCHED,
            ApplicationStatus.WITHDRAWN,
        },
        ApplicationStatus.MATCHED: {ApplicationStatus.ACCEPTED},
    }
)


# The applicant may change it: all of it, or the sections that an officer asked for.
EDITABLE = frozenset({ApplicationStatus.DRAFT, ApplicationStatus.CHANGES_ASKED})
# Handed in and not decided.
TO_ASSESS = frozenset({ApplicationStatus.SUBMITTED, ApplicationStatus.CHANGES_ASKED})
