"""The words of partnerships."""

from flask_babel import lazy_gettext as _l

REFUSALS = {
    "no-holder": _l("Name the account holder."),
    "bad-iban": _l("This is not an IBAN: check its country, length and digits."),
    "bad-bic": _l("This is not a BIC: it has 8 or 11 letters and digits."),
}
