"""The search of the log."""

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l

from mobility.core.forms import Day, HouseForm, Line


class LogForm(HouseForm):
    """What to look for in the log; it stands in the address."""

    person = Line(_l("Person"), required=False, longest=100, description=_l("Name or e-mail address."))
    reference = Line(_l("Record"), required=False, longest=60, description=_l("Such as APP-2027-0042."))
    verb = Line(
        _l("What was done"), required=False, longest=60, description=_l("Such as payment or role given.")
    )
    first_day = Day(_l("From"), required=False)
    last_day = Day(_l("Until"), required=False)

    def __init__(self) -> None:
        # Nothing is changed by looking: the address alone carries it, without a key.
        super().__init__(request.args, meta={"csrf": False})

    def asked(self) -> dict[str, Any]:
        """What was filled in and can be read, by the field's name."""
        self.validate()
        return {field.name: field.data for field in self if field.data and not field.errors}
