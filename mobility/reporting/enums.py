"""States of a closing report, kinds of evidence."""

from enum import StrEnum

from mobility.core.states import lifecycle


class Side(StrEnum):
    VISITOR = "visitor"
    HOST = "host"


class ReportStatus(StrEnum):
    DRAFT = "draft"
    FILED = "filed"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    # The host's only: the support office goes on without it, with a reason.
    BYPASSED = "bypassed"


class EvidenceKind(StrEnum):
    BOARDING_PASS = "boarding_pass"  # noqa: S105
    TRAVEL_INVOICE = "travel_invoice"
    ACCOMMODATION_INVOICE = "accommodation_invoice"
    ATTENDANCE = "attendance"
    OTHER = "other"


LIFECYCLE = lifecycle(
    {
        ReportStatus.DRAFT: {ReportStatus.FILED, ReportStatus.BYPASSED},
        ReportStatus.RETURNED: {ReportStatus.FILED, ReportStatus.BYPASSED},
        ReportStatus.FILED: {ReportStatus.ACCEPTED, ReportStatus.RETURNED},
    }
)
