"""Words for closing reports, their findings and what they refuse."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from mobility.calls.findings import Finding
from mobility.core.dates import day, period
from mobility.hosts.wording import ShownFinding, shown_by
from mobility.reporting import rules
from mobility.reporting.enums import EvidenceKind, ReportStatus, Side
from mobility.reporting.models import ClosingReport

Tag = tuple[str, str]

REFUSALS = {
    "stay-not-over": _l("The stay is not over yet, so there is nothing to report."),
    "report-filed": _l(
        "This report is filed, so it and its evidence stand. Ask your partnership to send it back."
    ),
    "days-crossed": _l("The last day lies before the first."),
    "same-file": _l("This file is attached already."),
    "too-many-files": _l("A report holds at most %(most)s files. Put pages together into one PDF."),
    "not-ready": _l("Something is still missing. Open the report and look at what it needs."),
    "mend-by-past": _l("The day until which it is to be mended is over. Choose a later one."),
    "own-report": _l("You cannot decide on a report of your own side. Ask a colleague."),
    "visitors-report": _l("Only a host’s report can be left out. Without the visitor’s nothing is paid."),
    "not-accepted": _l("Certificates follow when the visitor’s report is accepted."),
}
KINDS = {
    EvidenceKind.BOARDING_PASS: _l("Boarding pass or ticket"),
    EvidenceKind.TRAVEL_INVOICE: _l("Invoice for travel"),
    EvidenceKind.ACCOMMODATION_INVOICE: _l("Invoice for accommodation"),
    EvidenceKind.ATTENDANCE: _l("List or proof of attendance"),
    EvidenceKind.OTHER: _l("Something else"),
}
SIDES = {Side.VISITOR: _l("Visitor"), Side.HOST: _l("Host")}
STATUS = {
    ReportStatus.DRAFT: ("draft", _l("To write")),
    ReportStatus.FILED: ("wait", _l("To validate")),
    ReportStatus.RETURNED: ("bad", _l("To mend")),
    ReportStatus.ACCEPTED: ("good", _l("Accepted")),
    ReportStatus.BYPASSED: ("closed", _l("Left out")),
}
TITLES = {
    "days-over": _l("The stay is over"),
    "days-near": _l("Days near those agreed"),
    "told": _l("Said whether all went as agreed"),
    "days-as-told": _l("Days fit what is said"),
    "results": _l("What came of it"),
    "evidence": _l("Evidence"),
    "days-as-agreed": _l("Stayed on the agreed days"),
    "in-time": _l("Filed in time"),
    "both-say": _l("Both sides tell of the same days"),
    "min-days": _l("Enough working days"),
}


def status_tag(report: ClosingReport, today: date) -> Tag:
    """The state of a report, as kind of tag and word; one that should be here says so."""
    if rules.is_overdue(report, today):
        return "bad", _("Overdue")
    kind, word = STATUS[report.status]
    return kind, str(word)


def stay(first: date | None, last: date | None) -> str:
    """The days of a stay, once they are known."""
    return "–" if first is None or last is None else period(first, last)


def shown(findings: Iterable[Finding]) -> list[ShownFinding]:
    """Findings in words."""
    return shown_by(findings, lambda finding: str(TITLES[finding.code]), _text)


def _text(finding: Finding) -> str:
    words = TEXTS.get(finding.code)
    return words(finding.passed, finding.values) if words else ""


def _day(iso: str) -> str:
    return day(date.fromisoformat(iso)) if iso else "–"


def _between(values: dict[str, Any]) -> str:
    return stay(
        *(date.fromisoformat(iso) if iso else None for iso in (values["first_day"], values["last_day"]))
    )


def _days_over(passed: bool | None, values: dict[str, Any]) -> str:
    return (
        _("Its last day is %(day)s.", day=_day(values["last_day"]))
        if passed
        else _("Give days that are over.")
    )


def _days_near(passed: bool | None, values: dict[str, Any]) -> str:
    agreed = _("Agreed: %(days)s.", days=_between(values))
    if passed:
        return agreed
    return _(
        "Give days within %(most)s days of those agreed. %(agreed)s", most=values["most_days"], agreed=agreed
    )


def _told(passed: bool | None, values: dict[str, Any]) -> str:
    if passed:
        return ""
    if values["is_as_agreed"] is None:
        return _("Choose yes or no.")
    return _("Say what was different.")


def _days_as_told(passed: bool | None, _values: dict[str, Any]) -> str:
    return "" if passed else _("The days differ from those agreed: answer no, and say why.")


def _results(passed: bool | None, _values: dict[str, Any]) -> str:
    return "" if passed else _("Write a few sentences on what came of the visit.")


def _evidence(_passed: bool | None, values: dict[str, Any]) -> str:
    number = values["number"]
    if not number:
        return _("Attach at least one PDF, such as a boarding pass or an invoice.")
    return ngettext("%(num)s file", "%(num)s files", number)


def _days_as_agreed(_passed: bool | None, values: dict[str, Any]) -> str:
    return _("Agreed: %(days)s.", days=_between(values))


def _in_time(_passed: bool | None, values: dict[str, Any]) -> str:
    return _("Filed %(filed)s, due %(due)s.", filed=_day(values["filed_on"]), due=_day(values["due_on"]))


def _both_say(passed: bool | None, values: dict[str, Any]) -> str:
    if passed is None:
        return _("The other side has not reported yet.")
    return _("The other side: %(days)s.", days=_between(values))


def _min_days(passed: bool | None, values: dict[str, Any]) -> str:
    if passed:
        return ngettext("%(num)s working day", "%(num)s working days", values["days"])
    return ngettext(
        "%(num)s working day; under %(needed)s there is no lump sum.",
        "%(num)s working days; under %(needed)s there is no lump sum.",
        values["days"],
        needed=values["needed"],
    )


TEXTS: dict[str, Callable[[bool | None, dict[str, Any]], str]] = {
    "days-over": _days_over,
    "days-near": _days_near,
    "told": _told,
    "days-as-told": _days_as_told,
    "results": _results,
    "evidence": _evidence,
    "days-as-agreed": _days_as_agreed,
    "in-time": _in_time,
    "both-say": _both_say,
    "min-days": _min_days,
}
