"""The public check of a paper: its state and hash, and no word on persons."""

from hashlib import sha256
from io import BytesIO

import pytest
from werkzeug.test import TestResponse

from mobility.core.db import db
from mobility.organisations.models import Organisation
from mobility.papers import services
from mobility.papers.models import Paper
from tests.make.organisations import make_organisation
from tests.make.papers import make_paper
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
CONTENT = b"%PDF-1.7 a paper of Anna Secret %%EOF"


@pytest.fixture
def about() -> Organisation:
    return make_organisation()


def issue(about: Organisation, content: bytes = CONTENT) -> Paper:
    paper = make_paper(
        about, kind="payment_order", number="PO-2026-0001", title="Payment to Anna Secret", content=content
    )
    db.session.commit()
    return paper


def compare(client: Visitor, code: str, content: bytes, name: str = "copy.pdf") -> TestResponse:
    return client.submit(f"/verify/{code}", {"paper": (BytesIO(content), name)})


def test_a_paper_in_force_is_valid_and_shows_no_name(client: Visitor, about: Organisation) -> None:
    paper = issue(about)
    page = client.get(f"/verify/{paper.code}")
    assert page.status_code == 200
    assert "is in force" in page.text
    assert paper.sha256 in page.text
    assert "PO-2026-0001" in page.text
    assert "Secret" not in page.text
    assert about.name not in page.text


def test_a_replaced_paper_says_which_version_replaced_it(client: Visitor, about: Organisation) -> None:
    old = issue(about)
    issue(about, CONTENT + b"2")
    page = client.get(f"/verify/{old.code}").text
    assert "A newer version has taken its place" in page
    assert "replaced by version 2" in page


def test_a_cancelled_paper_no_longer_counts(client: Visitor, about: Organisation) -> None:
    paper = issue(about)
    services.cancel("payment_order", about, actor=None)
    db.session.commit()
    assert "It no longer counts" in client.get(f"/verify/{paper.code}").text


def test_the_code_is_found_as_people_type_it(client: Visitor, about: Organisation) -> None:
    code = issue(about).code
    typed = code.lower().replace("-", " ")
    answer = client.get("/verify", query_string={"code": typed})
    assert answer.status_code == 302
    assert "is in force" in client.get(answer.location).text


@pytest.mark.parametrize("code", ["AAAA-BBBB-CCCC-DDDD-EEEE", "x", "..", "%00", "é" * 50])
def test_an_unknown_code_is_a_page_in_words(client: Visitor, code: str) -> None:
    answer = client.get(f"/verify/{code}")
    assert answer.status_code == 404
    if code.startswith("AAAA"):
        assert "No paper of ours has this code" in answer.text


def test_an_overlong_code_is_refused_beside_its_field(client: Visitor) -> None:
    answer = client.get("/verify", query_string={"code": "A" * 200})
    assert answer.status_code == 422
    assert "There is a problem" in answer.text


def test_the_same_bytes_are_the_same_paper(client: Visitor, about: Organisation) -> None:
    code = issue(about).code
    answer = compare(client, code, CONTENT)
    assert answer.status_code == 200
    assert "byte by byte" in answer.text


@pytest.mark.parametrize("content", [CONTENT + b" ", b"no pdf at all", CONTENT.replace(b"Anna", b"Otto")])
def test_other_bytes_are_not(client: Visitor, about: Organisation, content: bytes) -> None:
    answer = compare(client, issue(about).code, content)
    assert answer.status_code == 200
    assert "is not this paper" in answer.text
    assert sha256(content).hexdigest() not in answer.text


def test_a_comparison_without_a_file_or_with_a_huge_one_is_refused(
    client: Visitor, about: Organisation
) -> None:
    code = issue(about).code
    assert client.submit(f"/verify/{code}", {}).status_code == 422
    huge = compare(client, code, b"x" * (5 * 1024 * 1024 + 1))
    huge.request.environ["wsgi.input"].close()  # the test's client leaves its temporary file open
    assert huge.status_code == 422
    assert "larger than 5 MB" in huge.text


def test_nothing_of_the_file_is_kept(client: Visitor, about: Organisation) -> None:
    paper = issue(about)
    before = (paper.sha256, paper.bytes_long)
    compare(client, paper.code, b"another")
    db.session.expire_all()
    assert db.session.query(Paper).count() == 1
    assert (paper.sha256, paper.bytes_long) == before
