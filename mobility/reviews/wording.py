"""Words of reviews."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from mobility.applications.enums import TO_ASSESS
from mobility.reviews.models import Review

REFUSALS = {
    "criteria-in-use": _l(
        "Somebody has reviewed by these criteria, so they stay. Only the points can change."
    ),
    "no-criteria": _l("There are no criteria yet: the support office sets them first."),
    "points-missing": _l("Give points for each criterion."),
}


def tag_of(review: Review) -> tuple[str, str]:
    """The kind and word of a review's tag."""
    if review.given_at:
        return "good", _("Given")
    if review.application.standing not in TO_ASSESS:
        return "closed", _("No longer needed")
    return "wait", _("To review")
