"""The words of organisations."""

from flask_babel import lazy_gettext as _l

from mobility.organisations.enums import OrganisationType

TYPES = {
    OrganisationType.CLUSTER: _l("Cluster organisation"),
    OrganisationType.SUPPORT: _l("Scaling-up support organisation"),
    OrganisationType.SME: _l("Small or medium-sized enterprise"),
    OrganisationType.TRAINING: _l("Training provider"),
    OrganisationType.LARGE: _l("Large company"),
    OrganisationType.PUBLIC: _l("Public authority"),
}
REFUSALS = {
    "registered-already": _l(
        "%(registration)s is registered already. Ask your support office to let you act for it."
    ),
    "no-holder": _l("Name the account holder: the organisation itself."),
    "bad-iban": _l("This is not an IBAN: check its country, length and digits."),
    "bad-bic": _l("This is not a BIC: it has 8 or 11 letters and digits."),
    "code-taken": _l("There is a partnership with the code %(partnership)s already."),
}
