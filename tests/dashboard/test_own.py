"""The dashboard of a visitor and of a host: what waits, and the line of steps."""

from datetime import timedelta

import pytest

from mobility.accounts.enums import Role
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.core import clock
from mobility.core.dates import short
from mobility.core.db import db
from mobility.dashboard.steps import line_of, lines_of
from mobility.exchanges import services as exchanges
from mobility.exchanges.enums import ExchangeStatus, Side
from mobility.exchanges.models import Exchange
from mobility.organisations.models import OrganisationMember
from mobility.reporting.enums import ReportStatus
from mobility.reporting.enums import Side as ReportSide
from mobility.reporting.models import ClosingReport
from tests.make.accounts import make_user, sign_in
from tests.make.applications import make_application
from tests.make.calls import make_call
from tests.make.catalogue import make_contact
from tests.make.exchanges import make_ended_exchange
from tests.make.hosts import make_offer
from tests.make.organisations import make_organisation
from tests.make.rounds import make_host, make_proposal
from tests.make.surveys import make_answer, make_invitation
from tests.statements import statements_of
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
LABELS = ["Applied", "Checked", "Host found", "Agreed", "Signed", "Visit", "Report", "Paid", "Survey"]


def states(application: Application) -> list[str]:
    return [step.state for step in line_of(application).steps]


def make_report(exchange: Exchange, **changes: object) -> ClosingReport:
    """The visitor's closing report."""
    usual = {
        "reference": f"CR-{exchange.reference}",
        "exchange": exchange,
        "side": ReportSide.VISITOR,
        "status": ReportStatus.DRAFT,
        "due_on": clock.today() + timedelta(days=10),
        "begun_at": clock.utcnow(),
    }
    report = ClosingReport(**(usual | changes))
    db.session.add(report)
    db.session.flush()
    return report


def test_the_line_of_steps_says_what_is_done_and_what_is_now() -> None:
    proposal = make_proposal()
    assert [step.label for step in line_of(proposal.application).steps] == [
        *LABELS[:3],
        "Agreeing",
        *LABELS[4:],
    ]
    assert states(proposal.application) == ["done"] * 3 + ["now"] + ["to-come"] * 5


def test_a_step_still_to_do_is_not_called_done() -> None:
    line = line_of(make_application()).steps
    assert (line[2].label, line[2].state) == ("Finding a host", "now")
    assert line[3].label == "Agreed"


def test_a_visit_shows_its_last_day_not_when_a_job_noted_that_it_was_over() -> None:
    exchange = make_ended_exchange()
    exchange.ended_at = clock.utcnow() + timedelta(days=3)
    assert line_of(exchange.application).steps[5].when == short(exchange.last_day)


def test_who_still_waits_when_the_call_is_over_reads_that_no_host_was_found() -> None:
    user = make_user(Role.APPLICANT)
    application = make_application(author=user)
    assert lines_of(user)[0].ended == ""
    clock.move(clock.at_local(application.call.last_day + timedelta(days=1), 9))
    assert lines_of(user)[0].ended == "No host found: the call is over"


def test_an_agreed_exchange_waits_for_its_signatures() -> None:
    proposal = make_proposal()
    for side in Side:
        exchanges.accept(proposal, side, actor=None)
    line = line_of(proposal.application).steps
    assert [step.state for step in line][:5] == ["done"] * 4 + ["now"]
    assert line[4].when == "0 of 2 agreements"


def test_a_filed_report_is_being_checked_and_a_returned_one_has_its_day() -> None:
    exchange = make_ended_exchange()
    report = make_report(exchange, status=ReportStatus.FILED, filed_at=clock.utcnow())
    assert line_of(exchange.application).steps[6].when == "being checked"
    report.status, report.mend_by = ReportStatus.RETURNED, clock.today() + timedelta(days=3)
    db.session.flush()
    assert line_of(exchange.application).steps[6].when.startswith("by ")


def test_a_line_ends_with_the_survey() -> None:
    exchange = make_ended_exchange()
    now = clock.utcnow()
    make_report(exchange, status=ReportStatus.ACCEPTED, filed_at=now, decided_at=now)
    make_answer(make_invitation(exchange=exchange)[0])
    line = {step.label: step.state for step in line_of(exchange.application).steps}
    assert (line["Visit"], line["Report"], line["Being paid"], line["Survey"]) == (
        "done",
        "done",
        "now",
        "done",
    )


def test_a_visitor_finds_the_open_proposal_among_the_tasks(client: Visitor) -> None:
    proposal = make_proposal()
    visitor = make_user(Role.APPLICANT, email=proposal.application.person_email)
    db.session.commit()
    sign_in(client, visitor)

    page = client.get("/dashboard").text

    assert f"/exchanges/proposals/{proposal.reference}" in page
    assert "applications_total" not in page


def test_a_message_to_one_of_two_offers_leads_to_the_one_it_was_written_to(client: Visitor) -> None:
    written = make_contact()
    application, offer = written.application, written.offer
    make_host(make_call(), contact_email=offer.contact_email)
    host = make_user(Role.HOST, email=offer.contact_email)
    db.session.commit()
    sign_in(client, host)

    page = client.get("/dashboard").text

    address = f"/catalogue/{application.reference}?of={offer.reference}"
    assert address in page
    assert "A message waits for you" in client.get(address).text


def test_visitor_and_host_are_asked_for_plan_signature_and_report(client: Visitor) -> None:
    visitor = make_user()
    soon = clock.today() + timedelta(days=30)
    agreed = make_ended_exchange(
        status=ExchangeStatus.AGREED,
        author=visitor,
        first_day=soon,
        last_day=soon + timedelta(days=4),
        confirmed_at=None,
    )
    report = make_report(make_ended_exchange(author=visitor), due_on=clock.today() - timedelta(days=1))
    db.session.commit()
    sign_in(client, visitor)

    page = client.get("/dashboard").text

    assert f"/exchanges/{agreed.reference}/plan" in page
    assert f"/reports/{report.reference}/edit" in page
    assert "Late" in page


def test_a_stranger_is_asked_for_nothing(client: Visitor) -> None:
    proposal = make_proposal()
    exchange = make_ended_exchange()
    make_report(exchange)
    sign_in(client, make_user())

    page = client.get("/dashboard").text

    assert proposal.reference not in page
    assert exchange.reference not in page


def test_who_has_no_organisation_is_told_to_begin_there(client: Visitor) -> None:
    sign_in(client, make_user(Role.HOST))
    assert "Tell us about your organisation first" in client.get("/dashboard").text


def test_a_host_with_an_organisation_is_not_told_to_begin_there(client: Visitor) -> None:
    host = make_user(Role.HOST)
    offer = make_offer(author=host)
    db.session.commit()
    sign_in(client, host)

    page = client.get("/dashboard").text

    assert "Tell us about your organisation first" not in page
    assert offer.reference in page


def test_whoever_has_an_organisation_and_nothing_more_is_told_what_is_next(client: Visitor) -> None:
    user, organisation = make_user(Role.HOST), make_organisation()
    db.session.add(OrganisationMember(organisation=organisation, user=user, since=clock.utcnow()))
    db.session.commit()
    sign_in(client, user)

    page = client.get("/dashboard").text

    assert "Tell us about your organisation first" not in page
    assert "is registered. Now apply for a visit" in page


def test_a_line_tells_that_it_has_ended(client: Visitor) -> None:
    author = make_user()
    make_application(author=author, status=ApplicationStatus.REJECTED)
    db.session.commit()
    sign_in(client, author)
    assert "Not accepted" in client.get("/dashboard").text


def test_the_page_takes_as_many_statements_for_many_applications(client: Visitor) -> None:
    author = make_user()
    make_ended_exchange(author=author)
    db.session.commit()
    sign_in(client, author)
    few = statements_of(client, "/dashboard")
    for _ in range(4):
        make_report(make_ended_exchange(author=author))
    assert statements_of(client, "/dashboard") == few


def test_tasks_name_the_other_side_and_are_marked_when_near_or_late(client: Visitor) -> None:
    visitor = make_user()
    far = clock.today() + timedelta(days=30)
    exchange = make_ended_exchange(
        status=ExchangeStatus.AGREED,
        author=visitor,
        first_day=far,
        last_day=far + timedelta(days=4),
        confirmed_at=None,
    )
    db.session.commit()
    sign_in(client, visitor)
    page = client.get("/dashboard").text
    assert f"Write goals and agenda with {exchange.host_organisation.name}" in page
    assert f"{exchange.visiting_organisation.name} visits {exchange.host_organisation.name}" in page
    assert "All your applications" in page
    assert not any(word in page for word in ("To do", "Soon", "Late"))

    make_report(make_ended_exchange(author=visitor), due_on=clock.today() + timedelta(days=2))
    db.session.commit()
    page = client.get("/dashboard").text
    assert "File the closing report on the visit with" in page
    assert "Soon" in page


def test_a_draft_is_a_task_while_its_call_is_open(client: Visitor) -> None:
    author = make_user()
    draft = make_application(author=author, status=ApplicationStatus.DRAFT)
    db.session.commit()
    sign_in(client, author)
    assert f"/applications/{draft.reference}/edit" in client.get("/dashboard").text

    draft.call.closes_at = clock.utcnow() - timedelta(minutes=1)
    db.session.commit()
    assert f"/applications/{draft.reference}/edit" not in client.get("/dashboard").text


def test_a_host_who_is_not_in_contact_is_not_told_the_visitors_name(client: Visitor) -> None:
    written = make_contact()
    host = make_user(Role.HOST, email=written.offer.contact_email)
    db.session.commit()
    sign_in(client, host)
    page = client.get("/dashboard").text
    assert "Answer the message of a visitor" in page
    assert written.application.organisation.name not in page


def test_an_application_shows_its_line_and_leads_to_its_exchange(client: Visitor) -> None:
    author = make_user()
    exchange = make_ended_exchange(author=author)
    db.session.commit()
    sign_in(client, author)
    page = client.get(f"/applications/{exchange.application.reference}").text
    assert "Where it stands" in page
    assert f'href="/exchanges/{exchange.reference}"' in page
