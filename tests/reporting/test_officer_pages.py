"""What partnerships decide on a report, and who reads what."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.core import clock
from mobility.core.db import db
from mobility.exchanges.models import Exchange
from mobility.organisations.services import join
from mobility.papers.models import Paper
from mobility.reporting import services
from mobility.reporting.enums import ReportStatus, Side
from mobility.reporting.models import ClosingReport
from tests.conftest import drain
from tests.make.accounts import make_user
from tests.make.reporting import make_over_exchange, make_report
from tests.pages import error_beside
from tests.reporting.people import NewClient, entered, hop_of, host_of, visitor_of, vop_of
from tests.statements import statements_of
from tests.visitor import Visitor

Db = scoped_session[Session]
DAY = timedelta(days=1)


@pytest.fixture
def exchange(session: Db) -> Exchange:
    return make_over_exchange()


@pytest.fixture
def report(exchange: Exchange) -> ClosingReport:
    """The visitor stayed three days of five."""
    last_day = exchange.first_day + 2 * DAY
    return make_report(exchange=exchange, last_day=last_day, is_as_agreed=False, deviations="Ill.")


@pytest.fixture
def officer(new_client: NewClient, report: ClosingReport) -> Visitor:
    return entered(new_client, vop_of(report.exchange))


def page_of(report: ClosingReport) -> str:
    return f"/reports/{report.reference}"


def version(report: ClosingReport, **more: Any) -> dict[str, str]:
    return {"version": str(report.version), **more}


def mend(report: ClosingReport, **changes: str) -> dict[str, str]:
    day = (clock.today() + 10 * DAY).isoformat()
    return version(report, reason="The invoice is missing.", mend_by=day) | changes


def test_an_officer_sees_what_will_happen_and_accepts(
    officer: Visitor, report: ClosingReport, exchange: Exchange, session: Db
) -> None:
    shown = officer.get(page_of(report)).text
    page = officer.get(f"{page_of(report)}/accept").text

    done = officer.submit(f"{page_of(report)}/accept", version(report))

    assert "Stayed on the agreed days" in shown
    assert "proof.pdf" in shown
    assert "€780.00 → €390.00" in page
    assert "3 working days" in page
    assert "Accept, with €390.00" in page
    assert done.status_code == 302
    session.refresh(report)
    session.refresh(exchange)
    assert (report.status, exchange.lump_sum_cents) == (ReportStatus.ACCEPTED, 39_000)
    assert "€780.00 before, €390.00 now" in officer.get(f"/exchanges/{exchange.reference}").text


def test_a_report_of_more_days_than_agreed_shows_that_the_amount_stays(
    new_client: NewClient, session: Db
) -> None:
    report = make_report(exchange=make_over_exchange(days=3), is_as_agreed=False, deviations="Stayed longer.")
    officer = entered(new_client, vop_of(report.exchange))

    page = officer.get(f"{page_of(report)}/accept").text

    assert "Accept, with €390.00" in page
    assert "a lump sum never rises" in page


def test_an_officer_sends_a_report_back(officer: Visitor, report: ClosingReport, session: Db) -> None:
    done = officer.submit(f"{page_of(report)}/return", mend(report))

    assert done.status_code == 302
    session.refresh(report)
    assert (report.status, report.decision_reason) == (ReportStatus.RETURNED, "The invoice is missing.")


@pytest.mark.parametrize(
    ("field", "value"),
    [("reason", " "), ("reason", "a\0b"), ("mend_by", ""), ("mend_by", "soon"), ("mend_by", "2020-01-01")],
)
def test_a_return_needs_its_reason_and_a_day_to_come(
    officer: Visitor, report: ClosingReport, session: Db, field: str, value: str
) -> None:
    answer = officer.submit(f"{page_of(report)}/return", mend(report, **{field: value}))

    assert answer.status_code == 422
    assert error_beside(answer.text, field)
    session.refresh(report)
    assert report.status is ReportStatus.FILED


@pytest.mark.parametrize("verb", ["accept", "return"])
def test_who_comes_second_meets_a_conflict(
    officer: Visitor, report: ClosingReport, session: Db, verb: str
) -> None:
    before = mend(report)
    services.accept(report, actor=None)
    session.commit()

    answer = officer.submit("/reports", before, to=f"{page_of(report)}/{verb}")

    assert answer.status_code == 409
    session.refresh(report)
    assert report.status is ReportStatus.ACCEPTED
    assert officer.get(f"{page_of(report)}/{verb}").location == page_of(report)


def test_an_officer_who_belongs_to_the_visitor_cannot_decide(
    new_client: NewClient, report: ClosingReport, session: Db
) -> None:
    person = vop_of(report.exchange)
    join(report.exchange.visiting_organisation, person, actor=None)
    client = entered(new_client, person)

    answers = [
        client.submit("/reports", mend(report), to=f"{page_of(report)}/{verb}")
        for verb in ("accept", "return")
    ]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert "your own side" in answers[0].text
    assert f"{page_of(report)}/accept" not in client.get(page_of(report)).text
    session.refresh(report)
    assert report.status is ReportStatus.FILED


def test_the_hop_decides_on_its_hosts_report_only(
    new_client: NewClient, report: ClosingReport, exchange: Exchange, session: Db
) -> None:
    of_host = make_report(Side.HOST, exchange=exchange)
    officer = entered(new_client, hop_of(exchange))

    done = officer.submit(f"{page_of(of_host)}/accept", version(of_host))
    refused = officer.submit("/reports", version(report), to=f"{page_of(report)}/accept")

    assert (done.status_code, refused.status_code) == (302, 404)
    assert officer.get(page_of(report)).status_code == 404
    session.refresh(of_host)
    session.refresh(report)
    assert (of_host.status, report.status) == (ReportStatus.ACCEPTED, ReportStatus.FILED)


def test_only_the_support_office_goes_on_without_a_hosts_report(
    new_client: NewClient, exchange: Exchange, session: Db
) -> None:
    report = make_report(Side.HOST, exchange=exchange, status=ReportStatus.DRAFT, evidence=0)
    path, reason = f"{page_of(report)}/bypass", "Asked three times."
    refused = [entered(new_client, person) for person in (vop_of(exchange), hop_of(exchange))]
    support = entered(new_client, make_user(Role.SUPPORT_OFFICER))

    assert path in support.get(page_of(report)).text
    for client in refused:
        assert path not in client.get(page_of(report)).text
        assert client.submit("/reports", version(report, reason=reason), to=path).status_code == 404
    empty = support.submit(path, version(report, reason=""))
    done = support.submit(path, version(report, reason=reason))

    assert (empty.status_code, done.status_code) == (422, 302)
    session.refresh(report)
    assert (report.status, report.decision_reason) == (ReportStatus.BYPASSED, reason)


def test_the_visitors_report_is_never_left_out(
    new_client: NewClient, report: ClosingReport, session: Db
) -> None:
    support = entered(new_client, make_user(Role.SUPPORT_OFFICER))

    answer = support.submit("/reports", version(report, reason="x"), to=f"{page_of(report)}/bypass")

    assert answer.status_code == 404


def test_each_person_sees_their_reports_in_list_and_page(
    new_client: NewClient, report: ClosingReport, exchange: Exchange, session: Db
) -> None:
    of_host, other = make_report(Side.HOST, exchange=exchange), make_report()
    seen = {
        visitor_of(exchange): {report},
        host_of(exchange): {of_host},
        vop_of(exchange): {report, of_host},
        hop_of(exchange): {of_host},
        make_user(Role.SUPPORT_OFFICER): {report, of_host, other},
        make_user(Role.AUDITOR): {report, of_host, other},
        make_user(Role.APPLICANT): set(),
    }

    for person, theirs in seen.items():
        client = entered(new_client, person)
        for path in ("/reports", f"/reports?q={exchange.reference}"):
            page = client.get(path).text
            narrowed = theirs - ({other} if "?" in path else set())
            assert {one for one in (report, of_host, other) if one.reference in page} == narrowed
        for one in (report, of_host, other):
            assert client.get(page_of(one)).status_code == (200 if one in theirs else 404)


def test_the_work_list_is_narrowed_by_state_side_and_delay(
    officer: Visitor, report: ClosingReport, exchange: Exchange, session: Db
) -> None:
    late = make_report(Side.HOST, exchange=exchange, status=ReportStatus.DRAFT, evidence=0)
    late.due_on = clock.today() - DAY
    session.commit()

    shown = {
        query: {
            one.side.value for one in (report, late) if one.reference in officer.get(f"/reports?{query}").text
        }
        for query in (
            "status=filed",
            "status=draft",
            "status=overdue",
            "side=visitor",
            "side=host",
            "status=x",
        )
    }

    assert shown == {
        "status=filed": {"visitor"},
        "status=draft": {"host"},
        "status=overdue": {"host"},
        "side=visitor": {"visitor"},
        "side=host": {"host"},
        "status=x": {"visitor", "host"},
    }
    assert "Overdue" in officer.get("/reports").text


def test_the_list_takes_as_many_queries_for_three_reports_as_for_one(
    new_client: NewClient, report: ClosingReport, session: Db
) -> None:
    support = entered(new_client, make_user(Role.SUPPORT_OFFICER))
    for_one = statements_of(support, "/reports")
    make_report()
    make_report()
    session.commit()

    assert statements_of(support, "/reports") == for_one


def test_the_list_is_exported_as_seen_and_starts_no_formula(
    new_client: NewClient, report: ClosingReport, exchange: Exchange, session: Db
) -> None:
    other = make_report()
    exchange.visiting_organisation.name = "=1+1"
    officer = entered(new_client, vop_of(exchange))

    answer = officer.get("/reports?format=csv&status=filed")

    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert f"{report.reference},{exchange.reference},'=1+1" in answer.text
    assert other.reference not in answer.text


def test_a_host_learns_nothing_of_the_money(new_client: NewClient, exchange: Exchange, session: Db) -> None:
    report = make_report(Side.HOST, exchange=exchange, status=ReportStatus.ACCEPTED)

    for person in (host_of(exchange), hop_of(exchange)):
        assert "€" not in entered(new_client, person).get(page_of(report)).text


def test_the_certificate_is_handed_out_to_its_side(
    new_client: NewClient, exchange: Exchange, report: ClosingReport, session: Db
) -> None:
    of_host = make_report(Side.HOST, exchange=exchange)
    visitor, host = entered(new_client, visitor_of(exchange)), entered(new_client, host_of(exchange))
    assert visitor.get(f"{page_of(report)}/certificate.pdf").status_code == 404
    services.accept(report, actor=None)
    papers = services.certify(report)
    session.commit()

    own = visitor.get(f"{page_of(report)}/certificate.pdf")
    hosts = host.get(f"{page_of(of_host)}/certificate.pdf")

    assert (own.status_code, own.data) == (200, papers[0].content)
    assert (hosts.status_code, hosts.data) == (200, papers[1].content)
    assert host.get(f"{page_of(report)}/certificate.pdf").status_code == 404
    assert papers[0].number in visitor.get(page_of(report)).text


def test_accepting_on_the_page_has_the_certificates_printed(live_app: Any) -> None:
    with live_app.app_context():
        report = make_report()
        officer, path = make_user(Role.PARTNERSHIP_OFFICER, partnership=report.exchange.vop), page_of(report)
        sent = version(report)
        client = entered(lambda: Visitor(live_app, use_cookies=True), officer)
    assert client.submit(f"{path}/accept", sent).status_code == 302

    drain(live_app)

    with live_app.app_context():
        assert db.session.scalar(select(func.count(Paper.id))) == 2
