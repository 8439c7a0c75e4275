"""The forms of an officer on an application."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from mobility.core.forms import Choice, HouseForm, Paragraph, VersionField, options
from mobility.partnerships.models import Partnership


class ReassignForm(HouseForm):
    """Another partnership of the call, and why."""

    version = VersionField()
    partnership = Choice(_l("Partnership"), [])
    reason = Paragraph(_l("Reason"), longest=2000, description=_l("Stands in the log."))

    @classmethod
    def among(cls, others: Mapping[Partnership, str], version: int) -> "ReassignForm":
        """The form with the partnerships to choose from, each with what brings it near."""
        form = cls(data={"version": version})
        named = sorted((one.name, one.code, why) for one, why in others.items())
        chosen = [(code, f"{name} ({why})") for name, code, why in named]
        form.partnership.choices = options([("", _l("Choose…")), *chosen])
        return form
