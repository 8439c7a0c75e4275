"""The forms of an applicant on a whole application: begin it, withdraw it."""

from flask_babel import lazy_gettext as _l

from mobility.core.forms import HouseForm, Paragraph, Tick, VersionField
from mobility.hosts.forms import BeginForm


class WithdrawForm(HouseForm):
    """Why an application is taken back, if somebody wants to say."""

    version = VersionField()
    reason = Paragraph(
        _l("Why do you withdraw it?"),
        required=False,
        longest=500,
        description=_l("Your partnership learns from it. You may leave it empty."),
    )


class NewForm(BeginForm):
    """For which organisation, and whether to begin with what it wrote before."""

    carry_over = Tick(
        _l("Begin with what the organisation wrote in its last application"),
        description=_l(
            "Visitor, CV, languages, topics, purposes and motivation, all to be changed as you like."
            " Dates, hosts and consent are asked anew."
        ),
    )
