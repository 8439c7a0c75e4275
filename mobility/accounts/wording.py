"""The words of accounts."""

from flask_babel import lazy_gettext as _l

REFUSALS = {"role-not-held": _l("The person does not hold this role.")}
