"""Forms of proposals and exchanges."""

from flask_babel import lazy_gettext as _l

from mobility.core.forms import Day, HouseForm, Paragraph, VersionField


class DeclineForm(HouseForm):
    """Why one side does not accept."""

    reason = Paragraph(
        _l("Why not?"), description=_l("The other side reads this. Say what would have made it possible.")
    )


class CancelForm(HouseForm):
    """Why an exchange is called off."""

    version = VersionField()
    reason = Paragraph(_l("Why is it cancelled?"), description=_l("Both sides read this in their letter."))


class TerminateForm(HouseForm):
    """Which day was the last, and why a stay ended early."""

    version = VersionField()
    broken_off_on = Day(_l("Last day of the stay"), description=_l("It counts up to this day."))
    reason = Paragraph(_l("Why did it end early?"), description=_l("Both sides read this in their letter."))
