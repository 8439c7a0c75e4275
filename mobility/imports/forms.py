"""Forms of imports."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from mobility.calls.models import Call
from mobility.core.forms import Choice, HouseForm, Radio, TableField, VersionField, options
from mobility.imports.wording import KINDS


class HandInForm(HouseForm):
    """A file, what is in it, and for which call."""

    call = Choice(_l("Call"), [])
    kind = Radio(_l("What is in it"), tuple(KINDS.items()))
    file = TableField(_l("File"), description=_l("CSV or XLSX, at most 5 MB and 20,000 rows."))

    def offer(self, calls: Sequence[Call]) -> "HandInForm":
        """Put the calls into the list to choose from."""
        named = [(call.reference, f"{call.reference}: {call.title}") for call in calls]
        self.call.choices = options([("", _l("Choose…")), *named])
        return self


class StepForm(HouseForm):
    """A button that takes or discards."""

    version = VersionField()
