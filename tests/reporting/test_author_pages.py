"""What visitor and host do: write, attach, take away, file."""

import io
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.audit.models import Viewing
from mobility.core import clock
from mobility.core.db import db
from mobility.core.uploads import LARGEST_REQUEST
from mobility.reporting import services
from mobility.reporting.enums import ReportStatus, Side
from mobility.reporting.models import ClosingReport, Evidence
from tests.make.reporting import make_pdf, make_report, told
from tests.pages import error_beside, version_on
from tests.reporting.people import NewClient, entered, hop_of, host_of, visitor_of, vop_of
from tests.visitor import Visitor

Db = scoped_session[Session]


@pytest.fixture
def report(session: Db) -> ClosingReport:
    return make_report(status=ReportStatus.DRAFT, evidence=0, results="", is_as_agreed=None)


@pytest.fixture
def visitor(new_client: NewClient, report: ClosingReport) -> Visitor:
    return entered(new_client, visitor_of(report.exchange))


def page_of(report: ClosingReport) -> str:
    return f"/reports/{report.reference}"


def typed(report: ClosingReport, **changes: str) -> dict[str, str]:
    usual = {
        "version": str(report.version),
        "first_day": report.exchange.first_day.isoformat(),
        "last_day": report.exchange.last_day.isoformat(),
        "as_agreed": "yes",
        "activities": "Two days in the test hall.",
        "results": "We will test our blades there.",
    }
    return {**usual, **changes}


def a_file(content: bytes | None = None, name: str = "pass.pdf", **changes: Any) -> dict[str, Any]:
    file = (io.BytesIO(make_pdf() if content is None else content), name)
    return {"kind": "boarding_pass", "file": file, **changes}


def number() -> int:
    return db.session.scalar(select(func.count(Evidence.id))) or 0


def test_a_visitor_writes_attaches_files_and_finds_it_filed(
    visitor: Visitor, report: ClosingReport, session: Db
) -> None:
    page = page_of(report)

    assert page in visitor.get("/reports").text
    saved = visitor.submit(f"{page}/edit", typed(report))
    attached = visitor.submit(page, a_file(), to=f"{page}/evidence")
    ready = visitor.get(page).text
    filed = visitor.submit(page, {"version": version_on(ready)}, to=f"{page}/file")

    assert (saved.status_code, saved.location) == (302, page)
    assert (attached.status_code, attached.location) == (302, f"{page}#evidence")
    assert "Everything is there" in ready
    assert "pass.pdf" in ready
    assert filed.status_code == 302
    session.refresh(report)
    assert report.status is ReportStatus.FILED
    shown = visitor.get(page).text
    assert "looks at it and writes to you" in shown
    assert "File the report" not in shown
    assert f"{page}/edit" not in shown


def test_a_half_written_report_is_saved_and_says_what_is_missing(
    visitor: Visitor, report: ClosingReport
) -> None:
    answer = visitor.submit(f"{page_of(report)}/edit", typed(report, results="", as_agreed=""))

    assert answer.status_code == 302
    page = visitor.get(page_of(report)).text
    assert "Choose yes or no." in page
    assert "Write a few sentences" in page
    assert "Attach at least one PDF" in page
    assert "File the report" not in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_day", "yesterday"),
        ("last_day", "2020-01-01"),
        ("last_day", "2199-01-01"),
        ("as_agreed", "perhaps"),
        ("results", "x" * 5001),
        ("results", "a\0b"),
    ],
)
def test_a_wrong_answer_is_refused_beside_its_field_and_nothing_is_stored(
    visitor: Visitor, report: ClosingReport, session: Db, field: str, value: str
) -> None:
    answer = visitor.submit(f"{page_of(report)}/edit", typed(report, **{field: value}))

    assert answer.status_code == 422
    assert error_beside(answer.text, field)
    session.refresh(report)
    assert (report.results, report.is_as_agreed) == ("", None)


def test_days_far_from_those_agreed_are_refused(visitor: Visitor, report: ClosingReport, session: Db) -> None:
    days = {
        name: (getattr(report, name) - timedelta(days=61)).isoformat() for name in ("first_day", "last_day")
    }

    answer = visitor.submit(f"{page_of(report)}/edit", typed(report, **days))

    assert answer.status_code == 422
    assert "more than 60 days" in error_beside(answer.text, "first_day")


def test_days_to_come_are_refused(visitor: Visitor, report: ClosingReport, session: Db) -> None:
    tomorrow = clock.today() + timedelta(days=1)

    answer = visitor.submit(f"{page_of(report)}/edit", typed(report, last_day=tomorrow.isoformat()))

    assert answer.status_code == 422
    assert "still to come" in error_beside(answer.text, "last_day")


def test_a_page_opened_before_a_colleague_saved_is_a_conflict(
    visitor: Visitor, report: ClosingReport, session: Db
) -> None:
    stale = typed(report, version=str(report.version - 1))

    answer = visitor.submit(f"{page_of(report)}/edit", stale)

    assert answer.status_code == 409
    session.refresh(report)
    assert report.results == ""


def test_an_incomplete_report_is_not_filed_by_a_button_kept_open(
    visitor: Visitor, report: ClosingReport, session: Db
) -> None:
    page = page_of(report)

    answer = visitor.submit(page, {"version": str(report.version)}, to=f"{page}/file")

    assert answer.status_code == 409
    assert "Something is still missing" in answer.text
    session.refresh(report)
    assert report.status is ReportStatus.DRAFT


def test_a_file_is_missing_or_of_no_kind(visitor: Visitor, report: ClosingReport, session: Db) -> None:
    page = page_of(report)

    without = visitor.submit(page, {"kind": "other"}, to=f"{page}/evidence")
    words = visitor.submit(page, {"kind": "other", "file": "pass.pdf"}, to=f"{page}/evidence")
    unkind = visitor.submit(page, a_file(kind="passport"), to=f"{page}/evidence")

    assert [answer.status_code for answer in (without, words, unkind)] == [422] * 3
    assert error_beside(without.text, "file") == "Choose a PDF file."
    assert error_beside(words.text, "file") == "Choose a PDF file."
    assert error_beside(unkind.text, "kind")
    assert number() == 0


def test_more_than_a_request_may_hold_is_refused(
    visitor: Visitor, report: ClosingReport, session: Db
) -> None:
    several_parts = "multipart/form-data; boundary=x"

    answer = visitor.post(
        f"{page_of(report)}/evidence", data=b"0" * (LARGEST_REQUEST + 1), content_type=several_parts
    )

    assert answer.status_code == 413
    assert number() == 0


def test_a_file_on_a_page_that_takes_none_is_refused(
    visitor: Visitor, report: ClosingReport, session: Db
) -> None:
    page = f"{page_of(report)}/edit"

    answer = visitor.submit(page, {**typed(report), "file": (io.BytesIO(make_pdf()), "a.pdf")})

    assert answer.status_code == 415


def test_a_file_is_taken_away_again(visitor: Visitor, report: ClosingReport, session: Db) -> None:
    page = page_of(report)
    visitor.submit(page, a_file(), to=f"{page}/evidence")
    sha256 = session.scalars(select(Evidence.sha256)).one()

    answer = visitor.submit(page, {}, to=f"{page}/evidence/{sha256}/remove")

    assert answer.status_code == 302
    assert number() == 0


def test_a_file_is_handed_out_to_be_saved_and_each_view_is_noted(
    visitor: Visitor, report: ClosingReport, session: Db
) -> None:
    content, page = make_pdf(), page_of(report)
    visitor.submit(page, a_file(content, "Zürich <b>.pdf"), to=f"{page}/evidence")
    sha256 = session.scalars(select(Evidence.sha256)).one()

    answers = [visitor.get(f"{page}/evidence/{sha256}") for _ in range(2)]

    for answer in answers:
        assert (answer.status_code, answer.data, answer.mimetype) == (200, content, "application/pdf")
        assert answer.headers["Content-Disposition"].startswith("attachment; filename")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    noted = session.scalars(select(Viewing)).all()
    assert [(one.what, one.about_ref) for one in noted] == [("evidence", report.reference)] * 2


def test_evidence_is_for_its_side_and_those_who_validate_it(
    new_client: NewClient, report: ClosingReport, session: Db
) -> None:
    exchange = report.exchange
    visitor = entered(new_client, visitor_of(exchange))
    visitor.submit(page_of(report), a_file(), to=f"{page_of(report)}/evidence")
    sha256 = session.scalars(select(Evidence.sha256)).one()
    path = f"{page_of(report)}/evidence/{sha256}"

    assert visitor.get(path).status_code == 200
    assert entered(new_client, vop_of(exchange)).get(path).status_code == 200
    assert entered(new_client, hop_of(exchange)).get(path).status_code == 404
    assert entered(new_client, host_of(exchange)).get(path).status_code == 404
    assert session.scalar(select(func.count(Viewing.id))) == 2


def test_evidence_is_no_longer_handed_out_once_the_person_is_another(
    new_client: NewClient, report: ClosingReport, session: Db
) -> None:
    visitor = entered(new_client, visitor_of(report.exchange))
    visitor.submit(page_of(report), a_file(), to=f"{page_of(report)}/evidence")
    path = f"{page_of(report)}/evidence/{session.scalars(select(Evidence.sha256)).one()}"
    assert visitor.get(path).status_code == 200

    report.exchange.application.person_email = "somebody.else@example.org"
    session.commit()

    assert visitor.get(path).status_code == 404


def test_nobody_else_writes_a_report(new_client: NewClient, report: ClosingReport, session: Db) -> None:
    exchange, page = report.exchange, page_of(report)
    for person, statuses in {
        host_of(exchange): {404},
        visitor_of(make_report().exchange): {404},
        vop_of(exchange): {403},
    }.items():
        client = entered(new_client, person)
        for path in ("/edit", "/evidence", "/file", "/evidence/abc/remove"):
            answer = client.submit("/reports", typed(report), to=f"{page}{path}")
            assert {answer.status_code} == statuses
    session.refresh(report)
    assert (report.status, report.results, report.evidence) == (ReportStatus.DRAFT, "", [])


def test_each_side_reads_that_its_own_partnership_looks_at_the_report(
    new_client: NewClient, session: Db
) -> None:
    report = make_report(Side.HOST)
    report.exchange.hop.name, report.exchange.vop.name = "Host’s Own", "Visitor’s Own"

    shown = entered(new_client, host_of(report.exchange)).get(page_of(report)).text

    assert "Host’s Own looks at it and writes to you" in shown


def test_a_hosts_form_is_short_and_speaks_of_no_money(new_client: NewClient, session: Db) -> None:
    report = make_report(Side.HOST, status=ReportStatus.DRAFT, evidence=0, is_as_agreed=None)
    host, page = entered(new_client, host_of(report.exchange)), page_of(report)

    form = host.get(f"{page}/edit").text
    host.submit(f"{page}/edit", {**typed(report, results=""), "activities": "smuggled"})
    shown = host.get(page).text
    filed = host.submit(page, {"version": version_on(shown)}, to=f"{page}/file")

    assert 'name="activities"' not in form
    assert "€" not in form + shown
    assert filed.status_code == 302
    session.refresh(report)
    assert (report.status, report.activities) == (ReportStatus.FILED, "")


def test_a_returned_report_shows_what_is_to_be_mended(
    visitor: Visitor, report: ClosingReport, session: Db
) -> None:
    made = make_report(status=ReportStatus.RETURNED)
    made.exchange.application.person_email = report.exchange.application.person_email
    session.commit()

    for path in ("", "/edit"):
        assert "The invoice is missing." in visitor.get(page_of(made) + path).text


def test_a_filed_report_has_no_form(visitor: Visitor, report: ClosingReport, session: Db) -> None:
    made = make_report()
    made.exchange.application.person_email = report.exchange.application.person_email
    session.commit()

    answer = visitor.get(f"{page_of(made)}/edit")

    assert (answer.status_code, answer.location) == (302, page_of(made))


def test_what_people_write_stays_text(visitor: Visitor, report: ClosingReport, session: Db) -> None:
    services.revise(report, told(report.exchange, results="<script>alert(1)</script>"), actor=None)
    session.commit()

    page = visitor.get(page_of(report)).text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
