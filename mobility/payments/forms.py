"""Forms of payments."""

from flask_babel import lazy_gettext as _l

from mobility.core.forms import HouseForm, Paragraph, VersionField


class VoidForm(HouseForm):
    """Why an order is taken back."""

    version = VersionField()
    reason = Paragraph(
        _l("Reason"), longest=500, description=_l("The reason stays with the order and is seen by auditors.")
    )
