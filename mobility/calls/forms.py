"""What the support office sets in a call."""

from flask_babel import lazy_gettext as _l

from mobility.calls.models import Call
from mobility.calls.wording import CV_ASKED
from mobility.core.forms import HouseForm, Radio, Tick, VersionField


class CvForm(HouseForm):
    """Whether visitors send a CV."""

    version = VersionField()
    cv_asked = Radio(
        _l("CV of the visitor"),
        [(asked.value, words) for asked, words in CV_ASKED.items()],
        description=_l("Where it is needed, what was sent without one lacks it: its officer can ask for it."),
    )

    @classmethod
    def of(cls, call: Call) -> "CvForm":
        """The form as the call stands."""
        return cls(formdata=None, data={"version": call.version, "cv_asked": call.cv_asked.value})


class BlindForm(HouseForm):
    """Whether applications are assessed without names."""

    version = VersionField()
    is_blind = Tick(
        _l("Assess applications without names"),
        description=_l(
            "Until applicants are told of the decision, staff read references instead of names, and no addresses"
            " and CVs. It stays as it is from the first decision on."
        ),
    )

    @classmethod
    def of(cls, call: Call) -> "BlindForm":
        """The form as the call stands."""
        return cls(formdata=None, data={"version": call.version, "is_blind": call.is_blind})
