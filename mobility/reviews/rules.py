"""The weighted mean, and an application without names. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mobility.applications.models import Application
from mobility.reviews.models import Criterion, Review

LEAST, MOST = 1, 5
HIDDEN = "[…]"
# Shorter words of a name may be anything.
TELLING = 4


def percent_of(points: Mapping[str, int], criteria: Sequence[Criterion]) -> int:
    """What a review gives of all that it could: 0 for the least in everything, 100 for the most."""
    weights = sum(one.weight for one in criteria)
    given = sum(one.weight * (points[str(one.id)] - LEAST) for one in criteria)
    return round(100 * given / (weights * (MOST - LEAST)))


def mean_percent(reviews: Sequence[Review]) -> int | None:
    """The mean of the reviews that were given, if there is one."""
    found = [one.percent for one in reviews if one.percent is not None]
    return round(sum(found) / len(found)) if found else None


def without_names(text: str, application: Application) -> str:
    """A text in which neither the person nor the organisation is named."""
    organisation = application.organisation
    names = [application.person_name, application.person_email, organisation.name, organisation.cluster_name]
    words = [word for name in names for word in (name, *name.split()) if len(word) >= TELLING]
    if not words:
        return text
    pattern = "|".join(re.escape(word) for word in sorted({*words}, key=len, reverse=True))
    return re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", HIDDEN, text, flags=re.IGNORECASE)


def shown(application: Application) -> dict[str, Any]:
    """What a reviewer reads: no person, no organisation, no town, no reference."""
    return {
        "country": application.organisation.country,
        "type": application.organisation.type,
        "motivation": without_names(application.motivation, application),
    }
