"""Words of reviews."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from mobility.reviews.models import Review

REFUSALS = {
    "criteria-in-use": _l(
        "Somebody has reviewed by these criteria, so they stay. Only the points can change."
    ),
    "no-criteria": _l("Set the criteria first."),
    "points-missing": _l("Give points for each criterion."),
}


def tag_of(review: Review) -> tuple[str, str]:
    """The kind and word of a review's tag."""
    return ("good", _("Given")) if review.given_at else ("wait", _("To review"))
