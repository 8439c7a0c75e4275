"""How a paper stands."""

from enum import StrEnum


class PaperState(StrEnum):
    VALID = "valid"
    # A newer version of the same number stands in its place.
    REPLACED = "replaced"
    CANCELLED = "cancelled"
