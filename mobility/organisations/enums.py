"""Kinds of organisation, and what becomes of a question behind a link."""

from enum import StrEnum

from mobility.core.states import lifecycle


class OrganisationType(StrEnum):
    """Types of the scheme's eligibility table (domain 2.1)."""

    CLUSTER = "cluster"
    SUPPORT = "support"
    SME = "sme"
    TRAINING = "training"
    LARGE = "large"
    PUBLIC = "public"


class Standing(StrEnum):
    """What is known of the membership of a cluster.

    Named only; the cluster is asked; somebody answered yes whom nobody knows; it said yes; it said no.
    """

    DECLARED = "declared"
    ASKED = "asked"
    ANSWERED = "answered"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class MemberRight(StrEnum):
    """What a member may do for an organisation: look, or act."""

    VIEW = "view"
    EDIT = "edit"


class AskStatus(StrEnum):
    """What became of a question or invitation behind a link; lapsed: ended, taken back, or of no use any more."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    LAPSED = "lapsed"


class LikenessStatus(StrEnum):
    """Two entries that may be one organisation: to look at, told apart, merged."""

    OPEN = "open"
    DIFFERENT = "different"
    MERGED = "merged"


LIKENESS = lifecycle(
    {
        LikenessStatus.OPEN: {LikenessStatus.DIFFERENT, LikenessStatus.MERGED},
        LikenessStatus.MERGED: {LikenessStatus.OPEN},
    }
)
ASKED = lifecycle({AskStatus.WAITING: {AskStatus.CONFIRMED, AskStatus.REFUSED, AskStatus.LAPSED}})
