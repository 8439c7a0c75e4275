"""What the worker does about closing reports."""

import io
from datetime import date, timedelta

import pikepdf
import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.exchanges.enums import ExchangeStatus
from mobility.mail.queries import letters_about
from mobility.papers.models import Paper
from mobility.reporting import queries, services
from mobility.reporting.document import document
from mobility.reporting.enums import ReportStatus, Side
from mobility.reporting.models import ClosingReport
from mobility.reporting.tasks import begin_due, certify_one, remind_due
from tests.make.reporting import make_over_exchange, make_report

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]
DAY = timedelta(days=1)


def number(kind: type[ClosingReport] | type[Paper]) -> int:
    return db.session.scalar(select(func.count(kind.id))) or 0


def reminders(report: ClosingReport) -> list[str]:
    kinds = [letter.kind for letter in reversed(letters_about(report))]
    return [kind.removeprefix("reporting.reminder_") for kind in kinds if "reminder" in kind]


def remind_on(day: date) -> None:
    with time_machine.travel(clock.at_local(day, 9), tick=False):
        remind_due(timestamp=0)


def test_both_sides_of_every_stay_that_is_over_are_asked_once(session: Db) -> None:
    for status in (ExchangeStatus.ENDED, ExchangeStatus.TERMINATED):
        make_over_exchange(status=status)
    for status in (ExchangeStatus.ONGOING, ExchangeStatus.CANCELLED, ExchangeStatus.CLOSED):
        make_over_exchange(status=status)
    session.commit()

    for _ in range(2):
        begin_due(timestamp=0)

    assert number(ClosingReport) == 4


def test_each_reminder_leaves_once_and_the_filed_report_is_left_alone(session: Db) -> None:
    report = make_report(status=ReportStatus.DRAFT)
    session.commit()

    for shift in range(-12, 20):
        remind_on(report.due_on + shift * DAY)
        remind_on(report.due_on + shift * DAY)

    assert reminders(report) == ["before_visitor", "on_visitor", "after_visitor"]
    assert report.reminded_at


def test_a_reminder_does_not_disturb_whoever_writes_the_report(session: Db) -> None:
    report = make_report(status=ReportStatus.DRAFT)
    session.commit()
    version = report.version

    remind_on(report.due_on)

    session.refresh(report)
    assert (reminders(report), report.version) == (["on_visitor"], version)


def test_nobody_is_reminded_of_what_is_filed(session: Db) -> None:
    report = make_report()
    session.commit()

    remind_on(report.due_on + 30 * DAY)

    assert reminders(report) == []


def test_a_report_that_came_back_is_reminded_of_by_its_new_day(session: Db) -> None:
    report = make_report(status=ReportStatus.RETURNED)
    session.commit()
    assert report.mend_by

    remind_on(report.mend_by)

    assert reminders(report) == ["on_visitor"]


def test_an_accepted_report_gives_both_sides_a_numbered_certificate_and_a_letter(session: Db) -> None:
    report = make_report()
    of_host = make_report(Side.HOST, exchange=report.exchange)
    services.accept(report, actor=None)
    session.commit()
    assert queries.reports_to_certify(list(services.CERTIFICATES.values())) == [report.id]

    for _ in range(2):
        certify_one(report_id=report.id)

    papers = session.scalars(select(Paper).order_by(Paper.id)).all()
    assert [paper.kind for paper in papers] == ["certificate_visitor", "certificate_host"]
    assert [paper.number[:4] for paper in papers] == ["CRT-", "CRT-"]
    assert papers[0].number != papers[1].number
    assert report.exchange.visiting_organisation.name not in papers[0].title
    assert letters_about(report)[0].kind == "reporting.certified_visitor"
    assert letters_about(of_host)[0].kind == "reporting.certified_host"
    assert queries.reports_to_certify(list(services.CERTIFICATES.values())) == []
    for paper in papers:
        with pikepdf.open(io.BytesIO(paper.content)) as pdf:
            assert len(pdf.pages) == 1


@pytest.mark.parametrize("status", [ReportStatus.DRAFT, ReportStatus.FILED, ReportStatus.RETURNED])
def test_a_report_that_is_not_accepted_has_no_certificate(session: Db, status: ReportStatus) -> None:
    report = make_report(status=status)

    with pytest.raises(RuleBroken, match="not-accepted"):
        services.certify(report)

    assert number(Paper) == 0


def test_an_accepted_hosts_report_alone_certifies_nothing(session: Db) -> None:
    report = make_report(Side.HOST, status=ReportStatus.ACCEPTED)

    assert queries.reports_to_certify(list(services.CERTIFICATES.values())) == []
    with pytest.raises(RuleBroken, match="not-accepted"):
        services.certify(report)


def test_a_certificate_says_who_was_where_on_which_real_days() -> None:
    exchange = make_over_exchange()
    last_day = exchange.first_day + 2 * DAY
    report = make_report(exchange=exchange, last_day=last_day, is_as_agreed=False, deviations="Ill.")
    services.accept(report, actor=None)

    visitors = document(report, Side.VISITOR, "CRT-2027-0001", 1)
    hosts = document(report, Side.HOST, "CRT-2027-0002", 1)

    assert (visitors.person, visitors.organisation) == (
        exchange.application.person_name,
        exchange.visiting_organisation.name,
    )
    assert (visitors.first_day, visitors.last_day, visitors.working_days) == (exchange.first_day, last_day, 3)
    assert (visitors.other, hosts.organisation) == (exchange.host_organisation.name,) * 2
    assert (hosts.person, hosts.other_person) == (
        exchange.offer.contact_name,
        exchange.application.person_name,
    )
    assert (visitors.partnership, hosts.partnership) == (exchange.vop.name, exchange.hop.name)
    assert visitors.stamp.url.endswith(f"/verify/{visitors.stamp.code}")
    assert visitors.stamp.code != hosts.stamp.code


def test_hostile_names_stay_text_on_a_certificate(session: Db) -> None:
    exchange = make_over_exchange()
    for organisation in (exchange.visiting_organisation, exchange.host_organisation):
        organisation.name = organisation.town = '<img src="http://127.0.0.1:9/a.png">{{ 7 * 7 }}'
    exchange.application.person_name = "<b>" + "Ä" * 190
    report = make_report(exchange=exchange)
    services.accept(report, actor=None)

    papers = services.certify(report)

    assert len(papers) == 2
