"""Evidence: what is stored of a file, what is refused, and what the database refuses by itself."""

from hashlib import sha256

import pytest
from sqlalchemy import Executable, delete, func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, scoped_session

from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.uploads import BadUpload, clean_name
from mobility.reporting import services
from mobility.reporting.enums import EvidenceKind, ReportStatus
from mobility.reporting.models import ClosingReport, Evidence
from tests.make.reporting import make_pdf, make_report

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]


def number() -> int:
    return db.session.scalar(select(func.count(Evidence.id))) or 0


@pytest.fixture
def report() -> ClosingReport:
    made = make_report(status=ReportStatus.DRAFT, evidence=0)
    db.session.commit()
    return made


def test_a_file_is_kept_with_its_hash_its_size_and_a_clean_name(report: ClosingReport) -> None:
    content = make_pdf()

    found = services.attach(
        report, EvidenceKind.BOARDING_PASS, "C:\\Users\\ana\\..\\pass\r\n.pdf", content, actor=None
    )

    assert (found.content, found.sha256) == (content, sha256(content).hexdigest())
    assert (found.bytes_long, found.file_name) == (len(content), "pass.pdf")
    assert report.evidence == [found]


def test_the_same_file_is_attached_once(session: Db, report: ClosingReport) -> None:
    content = make_pdf()
    services.attach(report, EvidenceKind.OTHER, "a.pdf", content, actor=None)
    session.commit()

    with pytest.raises(RuleBroken, match="same-file"):
        services.attach(report, EvidenceKind.OTHER, "b.pdf", content, actor=None)

    session.rollback()
    assert number() == 1


def test_a_report_holds_twenty_files_at_most(session: Db, report: ClosingReport) -> None:
    for _ in range(services.MOST_EVIDENCE):
        services.attach(report, EvidenceKind.OTHER, "a.pdf", make_pdf(), actor=None)
    session.commit()

    with pytest.raises(RuleBroken, match="too-many-files"):
        services.attach(report, EvidenceKind.OTHER, "a.pdf", make_pdf(), actor=None)

    session.rollback()
    assert number() == services.MOST_EVIDENCE


def test_the_verb_itself_refuses_what_is_no_pdf(report: ClosingReport) -> None:
    with pytest.raises(BadUpload):
        services.attach(report, EvidenceKind.OTHER, "a.pdf", b"PK\x03\x04", actor=None)

    assert number() == 0


def test_a_file_is_taken_away_before_filing(report: ClosingReport) -> None:
    found = services.attach(report, EvidenceKind.OTHER, "a.pdf", make_pdf(), actor=None)

    services.remove(found, actor=None)

    assert (number(), report.evidence) == (0, [])


@pytest.mark.parametrize("status", [ReportStatus.FILED, ReportStatus.ACCEPTED])
@pytest.mark.parametrize("verb", ["insert", "update", "delete"])
def test_the_database_refuses_to_touch_the_evidence_of_a_filed_report(
    session: Db, status: ReportStatus, verb: str
) -> None:
    filed = make_report(status=status)
    session.commit()
    statements: dict[str, Executable] = {
        "insert": text(
            "INSERT INTO evidence (report_id, kind, file_name, content, sha256, bytes_long, added_at)"
            " SELECT report_id, kind, file_name, content, 'x', bytes_long, added_at FROM evidence"
        ),
        "update": update(Evidence).values(file_name="x"),
        "delete": delete(Evidence),
    }

    with pytest.raises(DBAPIError, match="evidence"):
        session.execute(statements[verb])

    session.rollback()
    assert [one.file_name for one in filed.evidence] == ["proof.pdf"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("ticket.pdf", "ticket.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\temp\\ticket.PDF", "ticket.pdf"),
        ("ticket.pdf.pdf", "ticket.pdf"),
        ("a\0b\x1b[31m\u202efdp.exe", "ab[31mfdp.exe.pdf"),
        ("  . ticket .pdf", "ticket.pdf"),
        ("", "file.pdf"),
        (".pdf", "file.pdf"),
        ("...", "file.pdf"),
        ("Zürich Ελλάδα.pdf", "Zürich Ελλάδα.pdf"),
        ("u\u0308ber.pdf", "über.pdf"),
        ("x" * 500 + ".pdf", "x" * 116 + ".pdf"),
        ('"; filename=evil.html', '"; filename=evil.html.pdf'),
    ],
)
def test_a_file_name_is_made_safe_to_show_and_to_save(sent: str, kept: str) -> None:
    assert clean_name(sent) == kept
