"""States of an import."""

from enum import StrEnum

from mobility.core.states import lifecycle


class ImportStatus(StrEnum):
    # Handed in; the worker tries it and keeps nothing.
    CHECKING = "checking"
    # It would come in whole; a person says whether it does.
    CHECKED = "checked"
    IMPORTING = "importing"
    IMPORTED = "imported"
    # Something in it is wrong; nothing of it was taken.
    REFUSED = "refused"
    DISCARDED = "discarded"


UNDER_WAY = (ImportStatus.CHECKING, ImportStatus.IMPORTING)
LIFECYCLE = lifecycle(
    {
        ImportStatus.CHECKING: {ImportStatus.CHECKED, ImportStatus.REFUSED, ImportStatus.DISCARDED},
        ImportStatus.CHECKED: {ImportStatus.IMPORTING, ImportStatus.DISCARDED},
        ImportStatus.IMPORTING: {ImportStatus.IMPORTED, ImportStatus.REFUSED, ImportStatus.DISCARDED},
    }
)
