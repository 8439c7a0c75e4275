"""Kinds of organisation."""

from enum import StrEnum


class OrganisationType(StrEnum):
    """Types of the scheme's eligibility table (domain 2.1)."""

    CLUSTER = "cluster"
    SUPPORT = "support"
    SME = "sme"
    TRAINING = "training"
    LARGE = "large"
    PUBLIC = "public"
