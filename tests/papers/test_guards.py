import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, scoped_session

from tests.make.papers import make_paper
from tests.make.partnerships import make_partnership


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE paper SET content = 'other'",
        "UPDATE paper SET sha256 = repeat('0', 64)",
        "UPDATE paper SET code = 'AAAA'",
        "UPDATE paper SET number = 'X-1'",
        "DELETE FROM paper",
    ],
)
def test_an_issued_paper_is_never_rewritten(session: scoped_session[Session], statement: str) -> None:
    paper = make_paper(make_partnership())

    with pytest.raises(DBAPIError, match="never changed"), session.begin_nested():
        session.execute(text(statement))

    session.refresh(paper)
    assert paper.content == b"%PDF-1.7 one"
