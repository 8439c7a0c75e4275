"""Words of the public pages."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from mobility.papers.enums import PaperState

STATES = {
    PaperState.VALID: ("good", _l("Valid")),
    PaperState.REPLACED: ("wait", _l("Replaced")),
    PaperState.CANCELLED: ("bad", _l("Cancelled")),
}
SENTENCES = {
    PaperState.VALID: _l("This paper was issued by ClusterXchange and is in force."),
    PaperState.REPLACED: _l("This paper was issued by ClusterXchange. A newer version has taken its place."),
    PaperState.CANCELLED: _l(
        "This paper was issued by ClusterXchange and was taken out of use. It no longer counts."
    ),
}
KINDS = {
    "payment_order": _l("Payment order"),
    "batch_list": _l("List of a payment batch"),
    "agreement": _l("Agreement"),
    "certificate_visitor": _l("Certificate of attendance"),
    "certificate_host": _l("Certificate of hosting"),
}


def kind(code: str) -> str:
    """What kind of paper it is."""
    plain = code.replace("-", "_")
    return str(KINDS.get(plain, plain.replace("_", " ").capitalize()))


def verdict(passed: bool | None, *, visits: bool) -> str:
    """The verdict of the eligibility check."""
    if passed is False:
        return _("Not as it stands.")
    if passed is None:
        return _("Yes, with proof.")
    return _("Yes, you can visit.") if visits else _("Yes, you can host.")
