"""What a certificate of attendance says, as plain data."""

from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import force_locale
from flask_babel import gettext as _

from mobility.calls.enums import Mode
from mobility.core.pdf import LOCALE
from mobility.organisations.models import Organisation
from mobility.papers.stamp import Stamp, stamp
from mobility.reporting import rules
from mobility.reporting.enums import Side
from mobility.reporting.models import ClosingReport
from mobility.taxonomies.countries import country_name


@dataclass(frozen=True)
class CertificateDocument:
    """One certificate, for the visitor or for the host, ready to print."""

    title: str
    number: str
    version: int
    issued_at: datetime
    stamp: Stamp
    is_host: bool
    is_virtual: bool
    person: str
    organisation: str
    place: str
    other: str
    other_place: str
    other_person: str
    first_day: date
    last_day: date
    working_days: int
    exchange: str
    call: str
    partnership: str
    partnership_place: str


def title(number: str) -> str:
    """What the certificate goes by, without a name."""
    return _("Certificate of attendance %(number)s", number=number)


def document(report: ClosingReport, side: Side, number: str, version: int) -> CertificateDocument:
    """The certificate of one side by the visitor's accepted report, worded in English whoever asks."""
    with force_locale(LOCALE):
        return _document(report, side, number, version)


def _document(report: ClosingReport, side: Side, number: str, version: int) -> CertificateDocument:
    exchange = report.exchange
    first_day, last_day = rules.agreed_days(exchange)
    visitor, host = exchange.visiting_organisation, exchange.host_organisation
    people = (exchange.application.person_name, exchange.offer.contact_name)
    own, other = (host, visitor) if side is Side.HOST else (visitor, host)
    person, other_person = reversed(people) if side is Side.HOST else people
    partnership = exchange.hop if side is Side.HOST else exchange.vop
    return CertificateDocument(
        title=title(number),
        number=number,
        version=version,
        issued_at=report.decided_at or report.begun_at,
        stamp=stamp(number, version),
        is_host=side is Side.HOST,
        is_virtual=exchange.mode is Mode.VIRTUAL,
        person=person,
        organisation=own.name,
        place=_place(own),
        other=other.name,
        other_place=_place(other),
        other_person=other_person,
        first_day=report.first_day or first_day,
        last_day=report.last_day or last_day,
        working_days=rules.working_days_of(report) or exchange.working_days,
        exchange=exchange.reference,
        call=exchange.call.title,
        partnership=partnership.name,
        partnership_place=f"{partnership.town}, {country_name(partnership.country)}",
    )


def _place(organisation: Organisation) -> str:
    return f"{organisation.town}, {country_name(organisation.country)}"
