from datetime import UTC, datetime

from flask import Flask

from mobility.papers.download import serve
from mobility.papers.models import Paper

PAPER = Paper(number="PO-2027-0109", content=b"%PDF-1.7", issued_at=datetime(2027, 4, 9, tzinfo=UTC))


def test_a_paper_is_saved_under_its_number_and_never_shown_or_kept(app: Flask) -> None:
    with app.test_request_context():
        response = serve(PAPER)

    assert response.mimetype == "application/pdf"
    assert response.headers["Content-Disposition"] == "attachment; filename=PO-2027-0109.pdf"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.data == b"%PDF-1.7"
