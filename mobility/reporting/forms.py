"""Forms of closing reports."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import ValidationError

from mobility.core import clock
from mobility.core.forms import Choice, Day, HouseForm, Paragraph, PdfField, Radio, VersionField
from mobility.reporting import rules
from mobility.reporting.draft import ReportDraft
from mobility.reporting.enums import EvidenceKind, Side
from mobility.reporting.models import ClosingReport
from mobility.reporting.wording import KINDS

SAID = {"yes": True, "no": False}
AS_AGREED = (("yes", _l("Yes, all of it")), ("no", _l("No, something was different")))


class _ReportForm(HouseForm):
    version = VersionField()
    first_day = Day(_l("First day at the host"), required=False)
    last_day = Day(_l("Last day at the host"), required=False, description=_l("Without the days of travel."))
    as_agreed = Radio(_l("Did the stay take place as agreed?"), AS_AGREED, required=False)
    deviations = Paragraph(
        _l("What was different?"),
        required=False,
        description=_l("Days, place, agenda, people: what and why."),
    )

    report: ClosingReport

    def validate(self, extra_validators: Any = None) -> bool:
        """Also the days together: in order, over, and about when they were agreed."""
        return bool(super().validate(extra_validators)) and self._days_fit()

    def _days_fit(self) -> bool:
        first, last = self.first_day.data, self.last_day.data
        if first is None or last is None:
            return True
        near = rules.days_near(self.report.exchange, first, last)
        if first > last:
            self.last_day.errors = [_l("The last day lies before the first.")]
        elif not rules.days_over(last, clock.today()).passed:
            self.last_day.errors = [_l("This day is still to come.")]
        elif not near.passed:
            self.first_day.errors = [_l("These days are more than 60 days from those agreed.")]
        return not self.errors

    def draft(self) -> ReportDraft:
        """What was typed."""
        typed = {
            name: field.data or ""
            for name, field in self._fields.items()
            if name in {"deviations", "activities", "results", "follow_up"}
        }
        said = SAID.get(self.as_agreed.data or "")
        return ReportDraft(self.first_day.data, self.last_day.data, said, **typed)


class VisitorForm(_ReportForm):
    """What the visitor tells."""

    activities = Paragraph(
        _l("What did you do?"),
        required=False,
        description=_l("Visits, talks, trials: a line for each is enough."),
    )
    results = Paragraph(
        _l("What came of it?"),
        required=False,
        description=_l("What you learned, whom you met, what you will do with it."),
    )
    follow_up = Paragraph(_l("What is agreed for the time after?"), required=False)


class HostForm(_ReportForm):
    """What the host tells: short."""

    results = Paragraph(_l("What came of it for you?"), required=False)
    follow_up = Paragraph(_l("What is agreed for the time after?"), required=False)


class EvidenceForm(HouseForm):
    """One more document."""

    kind = Choice(_l("What does it show?"), [(kind.value, KINDS[kind]) for kind in EvidenceKind])
    file = PdfField(_l("PDF file"), description=_l("PDF, at most 5 MB and 200 pages."))


class AcceptForm(HouseForm):
    """One button, bound to what was shown."""

    version = VersionField()


class ReturnForm(HouseForm):
    """Why a report goes back, and until when it is to be mended."""

    version = VersionField()
    reason = Paragraph(_l("What is to be mended?"), description=_l("The author reads this in the letter."))
    mend_by = Day(_l("Until when?"))

    def validate_mend_by(self, field: Any) -> None:
        """A day to come."""
        if field.data is not None and field.data < clock.today():
            raise ValidationError(_l("This day is over. Choose today or a later one."))


class BypassForm(HouseForm):
    """Why it goes on without the host's report."""

    version = VersionField()
    reason = Paragraph(
        _l("Why does it go on without the host’s report?"),
        description=_l("Say how often the host was asked. Auditors and the host read this."),
    )


def form_of(report: ClosingReport) -> _ReportForm:
    """The form of a report's side, filled with what it tells so far."""
    said = {True: "yes", False: "no", None: ""}[report.is_as_agreed]
    form = (VisitorForm if report.side is Side.VISITOR else HostForm)(
        obj=report, data={"as_agreed": said, "version": report.version}
    )
    form.report = report
    return form
