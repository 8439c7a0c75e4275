"""Words of the log."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

VIEWED = {
    "iban": _l("Full account number"),
    "bank-account": _l("Full account number"),
    "cv": _l("CV"),
    "evidence": _l("Evidence of a stay"),
    "file": _l("File for the bank"),
}


def viewed(what: str) -> str:
    """What was looked at, as people read it."""
    return str(VIEWED.get(what, what))


def value(given: object) -> str:
    """A value of an entry, as people read it."""
    if given is None or given == "":
        return _("nothing")
    if isinstance(given, bool):
        return _("yes") if given else _("no")
    if isinstance(given, list):
        return ", ".join(value(one) for one in given)
    return str(given)
