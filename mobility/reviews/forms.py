"""The forms of reviews."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from mobility.accounts.models import User
from mobility.core.forms import HouseForm, Line, Paragraph, Radio, Ticks, VersionField, Whole, options
from mobility.hosts.forms import say
from mobility.reviews.models import Criterion, Review
from mobility.reviews.rules import LEAST, MOST

# So many criteria a call can have.
ROWS = 5
SCALE = [(str(point), str(point)) for point in range(LEAST, MOST + 1)]


class CriteriaForm(HouseForm):
    """Up to five criteria with their weights, and what reviews count in the score."""

    version = VersionField()
    most_points = Whole(
        _l("Points of a pair’s score that reviews give at most"),
        largest=100,
        description=_l("0: they are for officers only. An application that nobody reviewed gets none."),
    )

    @property
    def rows(self) -> list[tuple[Any, Any]]:
        """The fields of each criterion: its name and its weight."""
        return [(self[f"name{row}"], self[f"weight{row}"]) for row in range(ROWS)]

    @property
    def criteria(self) -> dict[str, int]:
        """Name → weight, of those that are named."""
        return {name.data: weight.data for name, weight in self.rows if name.data}

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        named = [name.data for name, _weight in self.rows if name.data]
        for name, weight in self.rows:
            if name.data and weight.data is None:
                say(name, _("Give this criterion a weight from 1 to 10."))
            if weight.data and not name.data:
                say(name, _("Name this criterion, or leave its weight away."))
            if name.data and named.count(name.data) > 1:
                say(name, _("Name each criterion once."))
        return valid and not self.errors


for _row in range(ROWS):
    setattr(CriteriaForm, f"name{_row}", Line(_l("Criterion"), required=False, longest=80))
    setattr(CriteriaForm, f"weight{_row}", Whole(_l("Weight"), smallest=1, largest=10, required=False))


class HandOutForm(HouseForm):
    """Who reviews, and how many see each application."""

    reviewers = Ticks(_l("Reviewers"), [], required=True)
    each = Whole(_l("Reviewers for each application"), smallest=1, largest=5)

    @classmethod
    def among(cls, reviewers: Sequence[User]) -> "HandOutForm":
        """The form with the people to choose from."""
        form = cls(data={"each": 2})
        form.reviewers.choices = options([(str(one.id), one.name) for one in reviewers])
        return form


def review_form(criteria: Sequence[Criterion], review: Review) -> Any:
    """A form with a scale for each criterion and a comment, with what was given before."""
    fields: dict[str, Any] = {f"points{one.id}": Radio(one.name, SCALE) for one in criteria}
    comment = Paragraph(_l("Comment"), required=False, longest=2000, description=_l("Staff read it."))
    kind = type("ReviewForm", (HouseForm,), {"version": VersionField(), **fields, "comment": comment})
    given = {f"points{key}": str(one) for key, one in review.points.items()}
    return kind(data={"version": review.version, "comment": review.comment, **given})
