"""Forty and more bad files: as many clear refusals, and nothing stored (promise T39)."""

import io
import re

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from mobility.core import uploads
from mobility.core.uploads import REFUSALS, BadUpload, refuse_inside
from mobility.reporting.enums import ReportStatus
from mobility.reporting.models import ClosingReport, Evidence
from tests.make.reporting import make_pdf, make_report
from tests.pages import error_beside
from tests.reporting.bad_files import annotation, bad_files, catalog, changed, in_pages
from tests.reporting.people import NewClient, entered, visitor_of
from tests.visitor import Visitor

Db = scoped_session[Session]


def send(visitor: Visitor, report: ClosingReport, content: bytes) -> tuple[int, str]:
    """Post a file; the status, and the words beside its field."""
    page = f"/reports/{report.reference}"
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', visitor.get(page).text)
    assert token
    fields = {"csrf_token": token[1], "kind": "other", "file": FileStorage(io.BytesIO(content), "pass.pdf")}
    boundary, body = encode_multipart(fields)
    answer = visitor.post(
        f"{page}/evidence", data=body, content_type=f"multipart/form-data; boundary={boundary}"
    )
    return answer.status_code, error_beside(answer.text, "file")


def test_every_bad_file_is_refused_with_its_reason_and_none_is_stored(
    new_client: NewClient, session: Db, capsys: pytest.CaptureFixture[str]
) -> None:
    report = make_report(status=ReportStatus.DRAFT, evidence=0)
    visitor, files = entered(new_client, visitor_of(report.exchange)), bad_files()

    got = {what: send(visitor, report, content) for what, (_code, content) in files.items()}

    assert got == {
        what: (422, str(REFUSALS[code]) % {"most": 200}) for what, (code, _content) in files.items()
    }
    assert session.scalar(select(func.count(Evidence.id))) == 0
    assert len(files) >= 40
    with capsys.disabled():
        kinds = len({code for code, _content in files.values()})
        print(f"\nT39: {len(files)} bad files of {kinds} kinds: {len(got)} refused with 422, 0 stored")


def test_a_sound_file_is_taken(new_client: NewClient, session: Db) -> None:
    report = make_report(status=ReportStatus.DRAFT, evidence=0)
    visitor = entered(new_client, visitor_of(report.exchange))

    assert send(visitor, report, make_pdf(pages=3)) == (302, "")

    assert session.scalar(select(func.count(Evidence.id))) == 1


@pytest.mark.parametrize(
    "content",
    [
        changed(in_pages(200)),
        changed(annotation("Link", A=Dictionary(S=Name.URI, URI=String("https://hotel.example")))),
        changed(catalog(OpenAction=Array([0, Name.Fit]))),
        changed(catalog(OpenAction=Dictionary(S=Name.GoTo, D=Array([0, Name.Fit])))),
        changed(catalog(Lang=String("en")), object_stream_mode=pikepdf.ObjectStreamMode.generate),
        make_pdf() + b"\r\n\0\0",
    ],
    ids=["200 pages", "a link", "opens at a page", "jumps on opening", "packed", "zeros behind"],
)
def test_what_invoices_hold_is_no_reason_to_refuse(content: bytes) -> None:
    uploads.refuse_unlikely(content)
    refuse_inside(content)


def test_a_check_that_takes_too_long_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "CHECK_S", 0.001)

    with pytest.raises(BadUpload) as refused:
        refuse_inside(make_pdf())

    assert refused.value.code == "too-heavy"


def test_a_check_that_breaks_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "CHECK", uploads.CHECK.with_name("absent.py"))

    with pytest.raises(BadUpload) as refused:
        refuse_inside(make_pdf())

    assert refused.value.code == "too-heavy"
