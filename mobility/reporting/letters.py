"""The letters about closing reports and certificates, each to one side."""

from typing import Any

from flask_babel import gettext as _

from mobility.core.web import external_url
from mobility.exchanges.models import Exchange
from mobility.mail.services import LetterDraft, letter, next_turn
from mobility.reporting import rules
from mobility.reporting.enums import Side
from mobility.reporting.models import ClosingReport


def begun(report: ClosingReport) -> LetterDraft:
    """The stay is over: what to report, and by when."""
    subject = _("Your closing report on exchange %(ref)s", ref=report.exchange.reference)
    return _letter("begun", report, subject)


def reminder(report: ClosingReport, stage: str) -> LetterDraft:
    """A report is asked for once more: shortly before its day, on it, or a week after."""
    subjects = {
        "before": _("Your closing report %(ref)s is due soon", ref=report.reference),
        "on": _("Your closing report %(ref)s is due today", ref=report.reference),
        "after": _("Your closing report %(ref)s is overdue", ref=report.reference),
    }
    # One of each for every day until which it is asked for: a report that came back has a new one.
    turn = rules.deadline(report).toordinal()
    return _letter(f"reminder_{stage}", report, subjects[stage], template="reminder", turn=turn, stage=stage)


def filed(report: ClosingReport) -> LetterDraft:
    """The receipt."""
    return _letter(
        "filed", report, _("We have your closing report %(ref)s", ref=report.reference), again=True
    )


def returned(report: ClosingReport) -> LetterDraft:
    """What is to be mended, and by when."""
    subject = _("Please mend your closing report %(ref)s", ref=report.reference)
    return _letter("returned", report, subject, again=True)


def accepted(report: ClosingReport) -> LetterDraft:
    """The report is accepted, and what follows."""
    return _letter("accepted", report, _("Your closing report %(ref)s is accepted", ref=report.reference))


def bypassed(report: ClosingReport) -> LetterDraft:
    """To the host: it goes on without its report."""
    return _letter("bypassed", report, _("Closing report %(ref)s is no longer needed", ref=report.reference))


def certified(report: ClosingReport, side: Side) -> LetterDraft:
    """The certificate of one side is printed; `report` is that side's own."""
    subject = _("Your certificate of attendance for exchange %(ref)s", ref=report.exchange.reference)
    return _letter("certified", report, subject, side=side)


def recipient(exchange: Exchange, side: Side) -> tuple[tuple[str, str], int | None]:
    """Name and address of a side's person, and their account if they have one."""
    if side is Side.VISITOR:
        application = exchange.application
        return (application.person_name, application.person_email), application.author_id
    return (exchange.offer.contact_name, exchange.offer.contact_email), exchange.offer.author_id


def _letter(
    name: str,
    report: ClosingReport,
    subject: str,
    *,
    template: str = "",
    again: bool = False,
    turn: int = 1,
    side: Side | None = None,
    **values: Any,
) -> LetterDraft:
    side = side or report.side
    # One person may stand on both sides, so the side is part of the kind.
    kind, exchange = f"reporting.{name}_{side}", report.exchange
    to, person_id = recipient(exchange, side)
    return letter(
        kind,
        template=f"mail/reporting/{template or name}.txt",
        to=to,
        about=report,
        subject=subject,
        person_id=person_id,
        turn=next_turn(kind, to[1], report) if again else turn,
        exchange=exchange,
        visitor=exchange.visiting_organisation,
        host=exchange.host_organisation,
        side=side.value,
        until=rules.deadline(report),
        link=external_url("reporting.show", reference=report.reference),
        **values,
    )
